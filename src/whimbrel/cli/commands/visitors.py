"""``visitors``: devices that were near, the most likely followers first."""

from __future__ import annotations

import argparse
import time

from whimbrel.cli import exits
from whimbrel.cli.asking import ask_daemon, print_json
from whimbrel.cli.options import add_json_option, add_socket_option
from whimbrel.cli.terminal import look
from whimbrel.text import mac, printable
from whimbrel.verbs.visitors import VISITORS, VisitorRow
from whimbrel.wording.quantities import count
from whimbrel.wording.tables import Column, layout

_COLUMNS = (
    Column("ADDRESS"), Column("PLACES", right=True), Column("WINDOWS", right=True), Column("AT HOME", right=True),
    Column("FIRST"), Column("LAST"), Column("MAKER"),
)  # fmt: skip
MORE = (
    "PLACES are those away from home, WINDOWS\nthe windows of five minutes there, AT HOME those at your own places. "
    "`whimbrel\nignore ADDRESS` takes one out."
)
VERBS = (VISITORS,)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_json_option(parser)
    add_socket_option(parser)


def run(args: argparse.Namespace) -> int:
    """Print a line for each device, and a remark about random addresses."""
    answer = ask_daemon(args, VISITORS)
    if args.json:
        return print_json(answer)
    how = look()
    print("\n".join(layout(_COLUMNS, map(_cells, answer.visitors), how.width, coloured=how.coloured)))
    if answer.left_out:
        print(f"and {answer.left_out} more")
    print(
        f"At the last look {count(answer.near, 'device')} were near; {answer.random} of them have random addresses, "
        "and are not recognised under another one."
    )
    return exits.OK


def _cells(row: VisitorRow) -> tuple[str, ...]:
    maker = "random address" if row.randomised else printable(row.vendor)
    numbers = map(str, (row.places, row.windows, row.at_home))
    return mac(row.address), *numbers, _clock(row.first), _clock(row.last), maker


def _clock(seconds: float) -> str:
    return time.strftime("%d %b %H:%M", time.localtime(seconds)) if seconds > 0 else "-"
