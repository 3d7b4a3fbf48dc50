"""``acknowledge``: mark incidents and alerts as seen."""

from __future__ import annotations

import argparse

from whimbrel.cli import exits
from whimbrel.cli.asking import ask_daemon, print_json
from whimbrel.cli.options import add_json_option, add_socket_option
from whimbrel.text import harmless
from whimbrel.verbs.alerts import ACKNOWLEDGE

MORE = "It counts as new again only if it\nbecomes worse."
VERBS = (ACKNOWLEDGE,)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("id", metavar="ID|all", help="the incident or alert, or all of them")
    add_json_option(parser)
    add_socket_option(parser)


def run(args: argparse.Namespace) -> int:
    """Mark alerts as seen."""
    answer = ask_daemon(args, ACKNOWLEDGE, alert=args.id)
    if args.json:
        return print_json(answer)
    seen = ", ".join(map(harmless, answer.acknowledged))
    print(f"marked as seen: {seen}" if seen else "all of these were marked as seen already")
    if not answer.safe:
        print("the card has not taken that yet: until it does, a loss of power would undo it (`whimbrel modules`)")
    return exits.OK
