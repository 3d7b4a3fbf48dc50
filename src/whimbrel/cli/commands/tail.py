"""``tail``: follows the daemon's events, in colour for people or unchanged for programs."""

from __future__ import annotations

import argparse
import json
import sys

from whimbrel.cli import exits
from whimbrel.cli.asking import connection
from whimbrel.cli.options import add_socket_option
from whimbrel.client import wire
from whimbrel.events.base import Level
from whimbrel.journal.stderr import use_colour
from whimbrel.text import harmless, printable
from whimbrel.verbs.daemon import TAIL, TailLine
from whimbrel.wording.quantities import moment
from whimbrel.wording.styles import Style, of_level, paint

MORE = "Without KIND: all events except batches of frames.\ndocs/events.md lists the kinds."
EPILOG = (
    "examples:\n"
    "  whimbrel tail --level notice\n"
    "  whimbrel tail access-point-found station-joined\n"
    "  whimbrel tail --json disconnected | jq -r .body.bssid"
)
VERBS = (TAIL,)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("kinds", nargs="*", metavar="KIND", help="a kind of event, such as access-point-found")
    parser.add_argument(
        "--level", metavar="LEVEL", default="debug", help="the least important level shown (default: debug)"
    )
    parser.add_argument("--json", action="store_true", help="the daemon's own lines, for programs")
    parser.add_argument(
        "--colour", choices=("auto", "always", "never"), default="auto",
        help="auto: on a terminal, unless $NO_COLOR is set (default)",
    )  # fmt: skip
    add_socket_option(parser)


def run(args: argparse.Namespace) -> int:
    """Print events until the daemon ends or the user does."""
    coloured = use_colour(sys.stdout, args.colour)
    with connection(args) as client:
        for event in client.follow(level=args.level, kinds=args.kinds or None):
            if args.json:
                print(json.dumps(event), flush=True)
            else:
                print(show(wire.typed(client.path, TailLine, event), coloured=coloured), flush=True)
    print("whimbrel: the daemon has ended", file=sys.stderr)
    return exits.OK


def show(line: TailLine, *, coloured: bool) -> str:
    """Return one line of the stream for people."""
    if line.lagged:
        text = f"-- too slow: {line.lagged} events were missed --"
        return paint(text, of_level(Level.WARNING)) if coloured else text
    level = Level.__members__.get(line.level.upper(), Level.INFO)
    name = f"{level.name.lower():9}"
    stamp = "-" if line.time is None else moment(line.time)
    # The daemon has escaped the sentence; another program on that socket may not have.
    message, kind = harmless(line.message), printable(line.kind)
    if not coloured:
        return f"{stamp} {name} {kind:20} {message}"
    style = of_level(level)
    return f"{paint(stamp, Style.FAINT)} {paint(name, style)} {kind:20} {paint(message, style)}"
