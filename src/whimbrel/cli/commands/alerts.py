"""``alerts``: the alerts of a running daemon."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from whimbrel.cli import exits
from whimbrel.cli.alert_tables import explained, is_new, overview, table
from whimbrel.cli.asking import ask_daemon, print_json
from whimbrel.cli.options import add_json_option, add_socket_option, add_width_option
from whimbrel.cli.terminal import look
from whimbrel.verbs.alerts import ALERTS, Alerts
from whimbrel.wording.styles import Look

MORE = (
    "Alerts of one cause are listed below\ntheir incident. Without --all: open ones, and those that are not "
    "acknowledged yet. Weaknesses, which are no attacks, come last."
)
EPILOG = (
    "examples:\n  whimbrel alerts\n  whimbrel alerts 7     its meaning, and what to do\n"
    "  whimbrel alerts --json --all | jq '.alerts[] | select(.severity == \"critical\")'"
)
VERBS = (ALERTS,)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("id", nargs="?", metavar="ID", help="the incident or alert to explain")
    parser.add_argument("--all", action="store_true", help="also those that are over and were seen")
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
        print("\n".join(_explained(answer, how)))
        return exits.OK
    incidents = answer.incidents if args.all else tuple(filter(is_new, answer.incidents))
    shown = {incident.id for incident in incidents}
    found = tuple(
        row for row in answer.alerts if args.all or row.incident in shown or (not row.incident and is_new(row))
    )
    if args.json:
        return print_json(answer.replace(alerts=found, incidents=incidents))
    print("\n".join(table(found, answer.time, how, incidents=incidents, few=not args.all)))
    if left := len(answer.alerts) - len(found):
        print(f"\n{left} more are over and were seen: --all")
    return exits.OK


def _explained(answer: Alerts, how: Look) -> Iterator[str]:
    """Yield the lines about an incident and each of its alerts, or about one alert."""
    if len(answer.alerts) > 1:
        for incident in answer.incidents:
            yield from overview(incident, answer.time, how)
    for number, row in enumerate(answer.alerts[::-1]):
        if number or len(answer.alerts) > 1:
            yield ""
            yield "-" * 20
        yield from explained(row, answer.time, how)
