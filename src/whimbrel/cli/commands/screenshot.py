"""``screenshot``: saves the image on the daemon's display."""

from __future__ import annotations

import argparse
import base64
import sys
from pathlib import Path

from whimbrel.cli import exits
from whimbrel.cli.asking import ask_daemon
from whimbrel.cli.options import add_socket_option
from whimbrel.cli.output_file import add_force_option, save_file
from whimbrel.client.errors import Refused
from whimbrel.verbs.device import SCREENSHOT

_PNG = b"\x89PNG\r\n\x1a\n"
MORE = "Also if it has no panel,\nor the panel is off."
EPILOG = "example:\n  whimbrel screenshot --scale 4 now.png"
VERBS = (SCREENSHOT,)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="OUT.png", help="the image file to write; - for standard output")
    parser.add_argument("--scale", type=int, default=1, metavar="N", help="scale factor, 1 to 16")
    add_force_option(parser)
    add_socket_option(parser)


def run(args: argparse.Namespace) -> int:
    """Write the file."""
    try:
        image = base64.b64decode(ask_daemon(args, SCREENSHOT, scale=args.scale).png, validate=True)
    except exits.CommandError as error:
        if isinstance(error.__cause__, Refused):
            raise exits.CommandError(exits.FAILURE, _with_advice(str(error))) from error
        raise
    except ValueError:  # no base64
        image = b""
    if not image.startswith(_PNG):
        raise exits.CommandError(exits.FAILURE, "the daemon's answer is no picture; is it of another version?")
    if args.file == "-":
        sys.stdout.buffer.write(image)
        return exits.OK
    save_file(Path(args.file), image, force=args.force)
    return exits.OK


def _with_advice(refusal: str) -> str:
    if "no verb" not in refusal:
        return refusal
    return "the daemon runs no display; name it under modules: in the settings (driver: none is enough)"
