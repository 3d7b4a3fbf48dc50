"""``alerts``: what is wrong in the air, as a running daemon tells it."""

from __future__ import annotations

import argparse

from whimbrel.cli import exits
from whimbrel.cli.alert_tables import explained, is_new, table
from whimbrel.cli.asking import ask_daemon, print_json
from whimbrel.cli.options import add_json_option, add_socket_option, add_width_option
from whimbrel.cli.terminal import look
from whimbrel.verbs.alerts import ALERTS

MORE = (
    "Without --all: what goes on, and what\nnobody has acknowledged yet. Weaknesses, which nobody attacks, "
    "stand at the end."
)
EPILOG = (
    "examples:\n  whimbrel alerts\n  whimbrel alerts 7     what it means, and what to do\n"
    "  whimbrel alerts --json --all | jq '.alerts[] | select(.severity == \"critical\")'"
)
VERBS = (ALERTS,)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what it takes."""
    parser.add_argument("id", nargs="?", metavar="ID", help="the one to explain")
    parser.add_argument("--all", action="store_true", help="also what is over and was seen")
    add_json_option(parser)
    add_width_option(parser)
    add_socket_option(parser)


def run(args: argparse.Namespace) -> int:
    """Print the table of alerts, or one in words."""
    answer = ask_daemon(args, ALERTS, alert=args.id)
    how = look(args.width)
    if args.id is not None:
        if args.json:
            return print_json(answer)
        for row in answer.alerts:
            print("\n".join(explained(row, answer.time, how)))
        return exits.OK
    found = answer.alerts if args.all else tuple(filter(is_new, answer.alerts))
    if args.json:
        return print_json(answer.replace(alerts=found))
    print("\n".join(table(found, answer.time, how, few=not args.all)))
    if left := len(answer.alerts) - len(found):
        print(f"\n{left} more that are over and were seen: --all")
    return exits.OK
