"""``modules``: the daemon's modules."""

from __future__ import annotations

import argparse

from whimbrel.cli import exits
from whimbrel.cli.asking import ask_daemon, print_json
from whimbrel.cli.options import add_json_option, add_socket_option
from whimbrel.cli.terminal import look
from whimbrel.text import printable
from whimbrel.verbs.daemon import MODULES, ModuleRow
from whimbrel.wording.quantities import span
from whimbrel.wording.styles import Style
from whimbrel.wording.tables import Column, layout


def _of_state(state: str) -> Style:
    if state in {"ready", "finished", "stopped"}:
        return Style.PLAIN
    return Style.ALARM if state == "failed" else Style.DOUBTFUL


_COLUMNS = (
    Column("MODULE"), Column("STATE", style=_of_state), Column("FOR", right=True),
    Column("STARTS", right=True, leaves=1), Column("FAILURES", right=True, leaves=2), Column("WHY", least=20),
)  # fmt: skip

VERBS = (MODULES,)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_json_option(parser)
    add_socket_option(parser)


def run(args: argparse.Namespace) -> int:
    """Print a table of the modules."""
    answer = ask_daemon(args, MODULES)
    if args.json:
        return print_json(answer)
    how = look()
    print("\n".join(layout(_COLUMNS, map(_cells, answer), how.width, coloured=how.coloured)))
    return exits.OK


def _cells(row: ModuleRow) -> tuple[str, ...]:
    reasons = [row.reason] if row.reason else []
    reasons += [text for text in row.warnings.values() if text not in reasons]
    return (
        printable(row.module), printable(row.state), span(row.seconds), str(row.starts), str(row.failures),
        printable("; ".join(reasons)),
    )  # fmt: skip
