"""``survey``: the access points and stations in the air."""

from __future__ import annotations

import argparse

from whimbrel.cli import exits
from whimbrel.cli.asking import ask_daemon, print_json
from whimbrel.cli.options import add_json_option, add_socket_option, add_width_option
from whimbrel.cli.survey_choice import ORDERS, SurveyChoice, parse_security
from whimbrel.cli.terminal import look
from whimbrel.verbs.air import SURVEY
from whimbrel.wifi.channels import BANDS, Channel, parse_channel
from whimbrel.wifi.security import Protection
from whimbrel.wording.air_tables import access_points, stations, totals_told

MORE = "Strongest first. If access points\nare selected, only their stations are listed."
EPILOG = (
    "examples:\n"
    "  whimbrel survey --watch                     live, full screen; q ends it\n"
    "  whimbrel survey --security open --sort stations\n"
    "  whimbrel survey --stations-of 'Harbour House'"
)
VERBS = (SURVEY,)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--sort", choices=ORDERS, metavar="BY", default=ORDERS[0], help=f"{', '.join(ORDERS)} (default: {ORDERS[0]})"
    )
    parser.add_argument("--band", choices=BANDS, metavar="GHZ", default="", help=f"one of {', '.join(BANDS)}")
    parser.add_argument("--channel", type=_channel, metavar="CHANNEL", help='such as 6, or "6GHz:37"')
    parser.add_argument("--ssid", metavar="TEXT", default="", help="networks with this text in their SSID")
    parser.add_argument(
        "--security", type=_security, metavar="SECURITY", help="such as open, WEP, WPA3, Enterprise, WPA2-Personal"
    )
    parser.add_argument(
        "--stations-of", metavar="BSSID|SSID", default="", help="only this access point or network, and its stations"
    )
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--watch", action="store_true", help="full screen, live, with the newest alert")
    add_json_option(how)
    add_width_option(parser)
    add_socket_option(parser)


def run(args: argparse.Namespace) -> int:
    """Print the tables, or show them live."""
    choice = SurveyChoice(args.sort, args.band, args.channel, args.ssid, args.security, args.stations_of)
    if args.watch:
        from whimbrel.cli.survey_watch import watch

        return watch(args, choice)
    known = ask_daemon(args, SURVEY)
    chosen = choice.of(known)
    if args.json:
        return print_json(chosen)
    how = look(args.width)
    lines = [*access_points(chosen.access_points, how), "", *stations(chosen.stations, how), ""]
    print("\n".join([*lines, totals_told(chosen.totals)]))
    if left := len(known.access_points) - len(chosen.access_points):
        print(f"{left} more access points were not selected")
    return exits.OK


def _channel(text: str) -> Channel:
    try:
        return parse_channel(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _security(text: str) -> Protection:
    try:
        return parse_security(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
