"""``set-time``: the clock of a device that no network tells the time."""

from __future__ import annotations

import argparse
import datetime

from whimbrel.cli.asking import do_job
from whimbrel.cli.options import add_json_option, add_socket_option
from whimbrel.verbs.device import SET_TIME, TIME_STATE, TimeState

MORE = (
    "For the image; elsewhere, after systemctl enable --now whimbrel-time.path. Refused while the network sets\n"
    "the clock. The same as Menu, Time; a clock with a battery is set, too."
)
EPILOG = (
    "examples:\n  whimbrel set-time '2026-11-30 14:05'\n  whimbrel set-time 2026-11-30T13:05Z\n"
    "  ssh root@whimbrel.local whimbrel set-time @$(date +%s)     the time of this computer"
)
VERBS = (SET_TIME, TIME_STATE)
_EXAMPLE = "2026-11-30 14:05 (local time), 2026-11-30T13:05Z, or @ and seconds since the epoch"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("time", type=moment, metavar="TIME", help=f"now: {_EXAMPLE}")
    add_json_option(parser)
    add_socket_option(parser)


def moment(text: str) -> float:
    """Read a time, in seconds since the epoch. Raises ArgumentTypeError."""
    try:
        if text.startswith("@"):
            return float(text[1:])
        return datetime.datetime.fromisoformat(text).timestamp()
    except (ValueError, OverflowError, OSError):
        raise argparse.ArgumentTypeError(f"expected {_EXAMPLE}; found {text!r}") from None


def run(args: argparse.Namespace) -> int:
    """Begin, wait for the end, and print what came of it."""
    return do_job(args, SET_TIME, TIME_STATE, lines, time=args.time)


def lines(state: TimeState) -> list[str]:
    """Return what came of it."""
    return [] if state.problem else ["the clock is set"]
