"""``report``: one page about a running daemon's survey and alerts."""

from __future__ import annotations

import argparse
import socket
import time
from pathlib import Path

from whimbrel.cli import exits
from whimbrel.cli.asking import connection
from whimbrel.cli.heard import DaemonAnswers, of_daemon
from whimbrel.cli.heard_earlier import COUNTS, PARTS, of_file, step_of, with_history, with_hours
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
    "  ssh pi whimbrel report - > harbour.html\n  whimbrel report --history /media/card/history.db harbour.html\n\n"
    "of a capture: whimbrel replay --report OUT.html FILE"
)
VERBS = (STATUS, MODULES, SURVEY, ALERTS, GUARDED, HISTORY, RULES)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="OUT.html", help="the file to write; - for standard output")
    parser.add_argument(
        "--since", type=moment, metavar="TIME", help="only entries since: yesterday, 2026-11-28, 12h, 7d"
    )
    parser.add_argument(
        "--history", metavar="FILE", type=Path, help="of the file of a history, of which no daemon needs to run"
    )
    add_force_option(parser)
    add_socket_option(parser)


def run(args: argparse.Namespace) -> int:
    """Get the data from the daemon or the file, and write the report."""
    found = _of_daemon(args) if args.history is None else _of_file(args.history, args.since or 0.0)
    write_report(args.file, [found], force=args.force)
    if args.file != "-":
        here = count(len(found.access_points), "access point")
        print(f"{harmless(args.file)}: {here}, {count(len(found.alerts), 'alert')}")
    return exits.OK


def _of_daemon(args: argparse.Namespace) -> Heard:
    with connection(args) as client:
        told = DaemonAnswers(
            client.ask(STATUS), client.ask(MODULES), client.ask(SURVEY), client.ask(ALERTS), _guarded(client)
        )
        found = of_daemon(told, socket.gethostname(), time.time(), args.since)
        return found if args.since is None else _earlier(client, found, args.since)


def _of_file(file: Path, since: float) -> Heard:
    """Raises `CommandError` where the file is no history, or cannot be read."""
    from whimbrel.detections.registry import all_detections
    from whimbrel.history import answers
    from whimbrel.watching.rows import rule_rows

    rules = {row.rule: row for row in rule_rows(all_detections(), {}, None)}
    try:
        if not file.is_file():
            raise exits.CommandError(exits.FAILURE, f"{harmless(str(file))}: there is no such file")
        history = answers.answer(file, answers.wish_of({"what": PARTS, "since": since}))
        step = step_of(history, since)
        counts = answers.answer(file, answers.wish_of({"what": COUNTS, "since": since, "step": step}))
    except (OSError, answers.SQLITE_ERROR) as error:
        raise exits.CommandError(exits.FAILURE, f"{harmless(str(file))}: {harmless(str(error))}") from error
    return with_hours(with_history(of_file(file.name, history), history, rules, since), counts, step)


def _guarded(client: BlockingClient) -> frozenset[bytes]:
    return frozenset(row.ssid for row in client.ask(GUARDED).networks)


def _earlier(client: BlockingClient, found: Heard, since: float) -> Heard:
    try:
        history = client.ask(HISTORY, what=PARTS, since=since)
    except Refused as error:
        return found.replace(remarks=(*found.remarks, f"There is no history of earlier days: {error}"))
    found = with_history(found, history, {row.rule: row for row in client.ask(RULES)}, since)
    step = step_of(history, since)
    return with_hours(found, client.ask(HISTORY, what=COUNTS, since=since, step=step), step)
