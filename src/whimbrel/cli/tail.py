"""``tail``: follow the daemon's events, in colour for people or as they come for programs."""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any

from whimbrel.cli import exits
from whimbrel.control.client import Client, Refused, Unreachable
from whimbrel.events.base import Level
from whimbrel.journal.stderr import paint, use_colour
from whimbrel.text import harmless, printable
from whimbrel.wording.quantities import moment


def run(args: argparse.Namespace) -> int:
    """Print events until the daemon ends or the user does."""
    wish: dict[str, Any] = {"level": args.level}
    if args.kinds:
        wish["kinds"] = args.kinds
    coloured = use_colour(sys.stdout, args.colour)
    try:
        with Client(args.socket) as client:
            for event in client.stream("tail", **wish):
                print(json.dumps(event) if args.json else show(event, coloured=coloured), flush=True)
    except Unreachable as error:
        raise exits.CommandError(exits.UNREACHABLE, str(error)) from error
    except Refused as error:
        raise exits.CommandError(exits.FAILURE, str(error)) from error
    print("whimbrel: the daemon has ended", file=sys.stderr)
    return exits.OK


def show(event: dict[str, Any], *, coloured: bool) -> str:
    """Return one line of the stream as a person reads it."""
    if "lagged" in event:
        text = f"-- too slow: {event['lagged']} events were missed --"
        return paint(text, Level.WARNING) if coloured else text
    name = str(event.get("level", "info"))
    level = Level.__members__.get(name.upper(), Level.INFO)
    time = event.get("time")
    stamp = moment(time) if isinstance(time, (int, float)) else "-"
    # The daemon has escaped the sentence; what else may answer on that socket has not.
    message = harmless(str(event.get("message", "")))
    kind = printable(str(event.get("kind", "")))
    if not coloured:
        return f"{stamp} {name[:9]:9} {kind:20} {message}"
    return f"\x1b[2m{stamp}\x1b[0m {paint(f'{level.name.lower():9}', level)} {kind:20} {paint(message, level)}"
