"""Starts the daemon like its command, and ends after the first parsed frame.

Arguments: ``[imports] ARGUMENTS…``. One mark stands at the first frame. With ``imports``, two marks stand around each
import too, and their names are written, in the order of the marks: ``+NAME``, ``-NAME``.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from tools.icount.guest.marks import mark

if TYPE_CHECKING:
    from whimbrel.wifi.frames import Frame

START, FIRST_FRAME, IMPORT = 0, 1, 2


def mark_imports() -> list[str]:
    """Put marks around imports from now on; return the list that their names go to."""
    from importlib import _bootstrap

    load = _bootstrap._find_and_load  # type: ignore[attr-defined]
    names: list[str] = []

    def marked(name: str, import_: object) -> object:
        names.append(f"+{name}")
        mark(IMPORT)
        try:
            return load(name, import_)
        finally:
            names.append(f"-{name}")
            mark(IMPORT)

    _bootstrap._find_and_load = marked  # type: ignore[attr-defined]
    return names


def main() -> None:
    """Start, and end at the first frame."""
    mark(START)
    names: list[str] = []
    if sys.argv[1] == "imports":
        names = mark_imports()
        del sys.argv[1]
    # The daemon's first step, which it imports in any case.
    from whimbrel.lean import pause_collection, put_off, spare_openssl, spare_type_checks

    pause_collection()
    put_off()
    spare_type_checks()
    spare_openssl()
    from whimbrel.survey.survey import Survey

    observe = Survey.observe

    def first(self: Survey, frame: Frame, tuned_freq: int = 0) -> None:
        observe(self, frame, tuned_freq)
        mark(FIRST_FRAME)
        print("\n".join(names), flush=True)
        os._exit(0)

    Survey.observe = first  # type: ignore[assignment,method-assign]
    from whimbrel.cli import main as command

    sys.exit(command())
