"""``press``: presses keys of a running daemon."""

from __future__ import annotations

import argparse
import json

from whimbrel.cli import exits
from whimbrel.cli.asking import connection
from whimbrel.cli.options import add_json_option, add_socket_option
from whimbrel.drivers.keypad.script import Stroke, parse_stroke
from whimbrel.text import printable
from whimbrel.verbs.device import PRESS

MORE = "It has the effect of a finger's press, and needs the buttons module."
EPILOG = "examples:\n  whimbrel press down ok\n  whimbrel press ok:long"
VERBS = (PRESS,)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "keys", nargs="+", metavar="KEY[:long]", help="up, down, left, right, ok, back or menu; :long to hold it"
    )
    add_json_option(parser)
    add_socket_option(parser)


def run(args: argparse.Namespace) -> int:
    """Press one key after the other, each once the previous one was released."""
    strokes = [_stroke(word) for word in args.keys]
    with connection(args) as client:
        for stroke in strokes:
            answer = client.ask(PRESS, key=stroke.key, gesture="long" if stroke.long else "short")
            if args.json:
                print(json.dumps(answer.as_dict()), flush=True)
            else:
                print(printable(f"{answer.key}: {answer.gesture}"), flush=True)
    return exits.OK


def _stroke(word: str) -> Stroke:
    try:
        return parse_stroke(word)
    except ValueError as error:
        raise exits.CommandError(exits.USAGE, str(error)) from error
