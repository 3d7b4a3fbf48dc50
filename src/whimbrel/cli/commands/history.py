"""``history``: the history of earlier days."""

from __future__ import annotations

import argparse

from whimbrel.cli import exits
from whimbrel.cli.asking import ask_daemon, print_json
from whimbrel.cli.history_tables import explained, show
from whimbrel.cli.moments import moment
from whimbrel.cli.options import add_json_option, add_socket_option, add_width_option
from whimbrel.cli.terminal import look
from whimbrel.verbs.history import HISTORY

MORE = (
    "Without options: when was listened, and\nthe access points. The module history keeps it (modules.history). "
    "A time from\nbefore the clock of the board was set is shown as such."
)
EPILOG = (
    "examples:\n  whimbrel history --since yesterday\n  whimbrel history --since 7d --new\n"
    "  whimbrel history --ssid home --changes\n  whimbrel history --alerts --since 2026-11-01\n"
    "  whimbrel history --alert 7\n"
    "  whimbrel history --json --device 00:11:22:33:44:55 | jq .access_points"
)
VERBS = (HISTORY,)
_OF_ONE = "access_points changes stations alerts"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--since", type=moment, metavar="TIME", help="only entries since: yesterday, 2026-11-28, 12h, 7d"
    )
    parser.add_argument("--new", action="store_true", help="only devices heard for the first time since then")
    parser.add_argument("--ssid", metavar="NAME", help="all of one network; or hex: and octets")
    parser.add_argument("--device", metavar="ADDRESS", help="all of one access point or station")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--alerts", action="store_true", help="alerts")
    what.add_argument("--alert", metavar="ID", help="one alert, with its kept frames")
    what.add_argument("--changes", action="store_true", help="changed announcements of access points")
    what.add_argument("--stations", action="store_true", help="stations that the settings let be kept")
    what.add_argument("--channels", action="store_true", help="the traffic of the channels by the hour; with --json")
    add_json_option(parser)
    add_width_option(parser)
    add_socket_option(parser)


def run(args: argparse.Namespace) -> int:
    """Print the history."""
    if args.channels and not args.json:
        raise exits.CommandError(exits.USAGE, "--channels is for programs: add --json")
    answer = ask_daemon(
        args, HISTORY, what=_what(args), since=args.since, new=args.new or None, ssid=args.ssid, device=args.device,
        alert=args.alert,
    )  # fmt: skip
    if args.json:
        return print_json(answer)
    lines = explained(answer) if args.alert is not None else show(answer, look(args.width))
    print("\n".join(lines))
    return exits.OK


def _what(args: argparse.Namespace) -> str:
    if args.channels:
        return "channels crowds"
    for part in ("alerts", "changes", "stations"):
        if getattr(args, part):
            return part
    if args.ssid is not None or args.device is not None:
        return _OF_ONE
    return "access_points" if args.new else "sessions access_points"
