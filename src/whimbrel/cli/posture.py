"""The radio's mode in words."""

from __future__ import annotations

import argparse

from whimbrel.cli import exits
from whimbrel.cli.asking import print_json
from whimbrel.text import printable
from whimbrel.verbs.radio import Posture
from whimbrel.wording.quantities import span


def print_posture(args: argparse.Namespace, answer: Posture) -> int:
    """Print the radio's mode."""
    if args.json:
        return print_json(answer)
    where = f" on {answer.channel}" if answer.channel else ""
    time = f" for {span(round(answer.seconds))}" if answer.seconds else ""
    print(printable(f"the radio is {answer.mode}{where}{time}"))
    return exits.OK
