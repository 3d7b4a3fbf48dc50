"""``forget``: erase entries from the history of earlier days."""

from __future__ import annotations

import argparse

from whimbrel.cli import exits
from whimbrel.cli.asking import ask_daemon, print_json
from whimbrel.cli.moments import moment
from whimbrel.cli.options import add_json_option, add_socket_option
from whimbrel.text import harmless
from whimbrel.verbs.history import ERASE
from whimbrel.wording.quantities import count

MORE = (
    "It is gone from the file, from the\ncard as far as a program can do that, from the positions for maps, and from"
    " `whimbrel alerts`.\nWhat is still heard is kept anew from now on. Recordings are files of their own\n(`whimbrel"
    " record list`), and messages that wait for a server still go there."
)
EPILOG = (
    "examples:\n  whimbrel forget --device 00:11:22:33:44:55\n  whimbrel forget --before 2026-11-01\n"
    "  whimbrel forget --everything"
)
VERBS = (ERASE,)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--device", metavar="ADDRESS", help="an access point or station, and the alerts that name it")
    what.add_argument(
        "--ssid",
        metavar="NAME",
        help="a network with its access points, and the alerts that name it; or hex: and octets",
    )
    what.add_argument("--before", type=moment, metavar="TIME", help="all that is older: yesterday, 2026-11-28, 7d")
    what.add_argument("--everything", action="store_true", help="all there is")
    add_json_option(parser)
    add_socket_option(parser)


def run(args: argparse.Namespace) -> int:
    """Erase the entries, and print their number."""
    answer = ask_daemon(
        args, ERASE, device=args.device, ssid=args.ssid, before=args.before, everything=args.everything or None
    )
    if args.json:
        return print_json(answer)
    print(f"{count(answer.rows, 'entry', 'entries')} of {harmless(answer.file)} erased")
    return exits.OK
