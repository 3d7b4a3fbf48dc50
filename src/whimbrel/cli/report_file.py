"""The file of a report: the page is made, then written as a whole."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable
from pathlib import Path

from whimbrel import __version__
from whimbrel.cli import exits
from whimbrel.cli.output_file import save_file
from whimbrel.reporting.building import report
from whimbrel.reporting.heard import Heard
from whimbrel.reporting.page import NoTemplates, page


def write_report(file: str, parts: Iterable[Heard], *, force: bool) -> None:
    """Write a report of what was heard; ``-`` is standard output. Raises `CommandError`."""
    try:
        made = page(report(parts, made=time.time(), version=__version__)).encode()
    except NoTemplates as error:
        raise exits.CommandError(exits.MACHINE, str(error)) from error
    if file == "-":
        sys.stdout.buffer.write(made)
    else:
        save_file(Path(file), made, force=force)
