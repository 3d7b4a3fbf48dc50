"""``press``: presses keys of a running daemon."""

from __future__ import annotations

import argparse
import json

from whimbrel.cli import exits
from whimbrel.control.client import Client, Refused, Unreachable
from whimbrel.drivers.keypad.script import Stroke, parse_stroke
from whimbrel.text import printable


def run(args: argparse.Namespace) -> int:
    """Press one key after the other, each once the one before was let go."""
    strokes = [_stroke(word) for word in args.keys]
    try:
        with Client(args.socket) as client:
            for stroke in strokes:
                answer = client.request("press", key=stroke.key, gesture="long" if stroke.long else "short")
                print(
                    json.dumps(answer) if args.json else printable(f"{answer['key']}: {answer['gesture']}"), flush=True
                )
    except Unreachable as error:
        raise exits.CommandError(exits.UNREACHABLE, str(error)) from error
    except Refused as error:
        raise exits.CommandError(exits.FAILURE, str(error)) from error
    return exits.OK


def _stroke(word: str) -> Stroke:
    try:
        return parse_stroke(word)
    except ValueError as error:
        raise exits.CommandError(exits.USAGE, str(error)) from error
