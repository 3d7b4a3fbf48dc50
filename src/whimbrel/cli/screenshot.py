"""``screenshot``: what the daemon's display shows, as an image file."""

from __future__ import annotations

import argparse
import base64
import binascii
import sys
from pathlib import Path

from whimbrel.cli import exits
from whimbrel.control.client import Refused, Unreachable, ask

_PNG = b"\x89PNG\r\n\x1a\n"


def run(args: argparse.Namespace) -> int:
    """Write the file."""
    try:
        answer = ask(args.socket, "screenshot", scale=args.scale)
        image = base64.b64decode(answer["png"], validate=True)
    except Unreachable as error:
        raise exits.CommandError(exits.UNREACHABLE, str(error)) from error
    except Refused as error:
        raise exits.CommandError(exits.FAILURE, _with_advice(str(error))) from error
    except (KeyError, TypeError, binascii.Error):
        image = b""
    if not image.startswith(_PNG):
        raise exits.CommandError(exits.FAILURE, "the daemon's answer is no picture; is it of another version?")
    if args.file == "-":
        sys.stdout.buffer.write(image)
        return exits.OK
    try:
        Path(args.file).write_bytes(image)
    except OSError as error:
        raise exits.CommandError(exits.FAILURE, f"cannot write {args.file}: {error.strerror}") from error
    return exits.OK


def _with_advice(refusal: str) -> str:
    if "no verb" not in refusal:
        return refusal
    return "the daemon runs no display; name it under modules: in the settings (driver: none is enough)"
