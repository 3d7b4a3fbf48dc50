"""``capture``: the frames that a daemon hears, as a pcapng stream."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from whimbrel.cli import exits
from whimbrel.cli.asking import connection
from whimbrel.cli.live_capture import GROUPS, FrameChoice, LiveCapture, stream
from whimbrel.cli.options import add_socket_option
from whimbrel.cli.output_file import add_force_option, output_file
from whimbrel.verbs.daemon import TAIL
from whimbrel.verbs.recording import CAPTURE
from whimbrel.wording.quantities import count

MORE = (
    "It needs the\nmodule recorder, whose settings determine how frames are cut. A reader that is too\nslow loses "
    "frames; comments of the next frame and the end of the stream have the number."
)
EPILOG = (
    "examples:\n"
    "  whimbrel capture -o - | wireshark -k -i -\n"
    "  ssh pi whimbrel capture -o - | wireshark -k -i -\n"
    "  whimbrel capture -f management eapol -o quiet.pcapng"
)
VERBS = (CAPTURE, TAIL)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "-f", "--frames", nargs="+", default=[], metavar="KIND",
        help=f"only frames of these kinds: {', '.join(GROUPS)}, or beacon, probe-request… (default: all)",
    )  # fmt: skip
    parser.add_argument("-o", "--output", default="-", metavar="FILE", help="where to; - for standard output (default)")
    parser.add_argument("-n", "--count", type=int, default=0, metavar="N", help="end after so many frames")
    add_force_option(parser)
    add_socket_option(parser)


def run(args: argparse.Namespace) -> int:
    """Stream until the daemon or the user ends it."""
    choice = FrameChoice(args.frames)
    if args.output == "-":
        if sys.stdout.isatty():
            raise exits.CommandError(exits.USAGE, "a capture cannot be written to a terminal: give -o FILE, or a pipe")
        with connection(args) as client:
            _tell(stream(client, client.ask(CAPTURE), choice, sys.stdout.buffer, args.count))
        return exits.OK
    with connection(args) as client:
        origin = client.ask(CAPTURE)  # before the file is opened: a refusal leaves what is there
        with output_file(Path(args.output), force=args.force) as file:
            _tell(stream(client, origin, choice, file, args.count))
    return exits.OK


def _tell(capture: LiveCapture) -> None:
    lost = f", {count(capture.lost, 'frame')} lost: too slow" if capture.lost else ""
    print(f"whimbrel: {count(capture.delivered, 'frame')}{lost}", file=sys.stderr)
