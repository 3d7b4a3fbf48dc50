"""``report``: what a running daemon has heard, as one page that can be handed to somebody."""

from __future__ import annotations

import argparse
import socket
import time

from whimbrel.cli import exits
from whimbrel.cli.asking import connection
from whimbrel.cli.heard import DaemonAnswers, of_daemon
from whimbrel.cli.heard_earlier import PARTS, with_history
from whimbrel.cli.moments import moment
from whimbrel.cli.options import add_socket_option
from whimbrel.cli.output_file import add_force_option
from whimbrel.cli.report_file import write_report
from whimbrel.client.blocking import BlockingClient
from whimbrel.client.errors import Refused
from whimbrel.reporting.heard import Heard
from whimbrel.text import harmless
from whimbrel.verbs.air import SURVEY
from whimbrel.verbs.alerts import ALERTS, RULES
from whimbrel.verbs.daemon import MODULES, STATUS
from whimbrel.verbs.guarding import GUARDED
from whimbrel.verbs.history import HISTORY
from whimbrel.wording.quantities import count

MORE = (
    "One HTML file that needs nothing else:\nnetworks by band and channel, incidents with their evidence and advice, "
    "weaknesses, how it was listened."
)
EPILOG = (
    "examples:\n  whimbrel report harbour.html\n  whimbrel report --since yesterday harbour.html\n"
    "  ssh pi whimbrel report - > harbour.html\n\nof a capture: whimbrel replay --report OUT.html FILE"
)
VERBS = (STATUS, MODULES, SURVEY, ALERTS, GUARDED, HISTORY, RULES)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="OUT.html", help="the file to write; - for standard output")
    parser.add_argument(
        "--since", type=moment, metavar="TIME", help="only what was heard since: yesterday, 2026-11-28, 12h, 7d"
    )
    add_force_option(parser)
    add_socket_option(parser)


def run(args: argparse.Namespace) -> int:
    """Ask the daemon, and write the report."""
    with connection(args) as client:
        told = DaemonAnswers(
            client.ask(STATUS), client.ask(MODULES), client.ask(SURVEY), client.ask(ALERTS), _guarded(client)
        )
        found = of_daemon(told, socket.gethostname(), time.time(), args.since)
        if args.since is not None:
            found = _earlier(client, found, args.since)
    write_report(args.file, [found], force=args.force)
    if args.file != "-":
        here = count(len(found.access_points), "access point")
        print(f"{harmless(args.file)}: {here}, {count(len(found.alerts), 'alert')}")
    return exits.OK


def _guarded(client: BlockingClient) -> frozenset[bytes]:
    return frozenset(row.ssid for row in client.ask(GUARDED).networks)


def _earlier(client: BlockingClient, found: Heard, since: float) -> Heard:
    try:
        history = client.ask(HISTORY, what=PARTS, since=since)
    except Refused as error:
        return found.replace(remarks=(*found.remarks, f"There is no history of earlier days: {error}"))
    return with_history(found, history, {row.rule: row for row in client.ask(RULES)}, since)
