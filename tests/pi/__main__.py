"""Starts the image on an emulated Pi Zero W and says whether all of it works.

usage: python -m tests.pi IMAGE-FOLDER BUILD-FOLDER [STAGE…]; what was found is kept in BUILD-FOLDER/results. Stages are
first, owner and costs; each begins with a start of the board.

Time on the board is that of counted instructions, 500 million a second: the figures do not depend on the machine that
emulates, and a slow one does not run into the board's time limits.
"""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

from tests.pi import costs, firststart, owner, tools
from tests.pi.board import Card
from tests.pi.console import Silent
from tests.pi.report import Report

_STAGES = {"first": firststart.run, "owner": owner.run, "costs": costs.run}


def main() -> int:
    """Run it all and return the status for the shell."""
    image, build = Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve()
    results = build / "results"
    results.mkdir(parents=True, exist_ok=True)
    report = Report(results)
    picture = image / "whimbrel.img"
    before = _digest(picture)
    report.figure("image", before)
    card = Card(picture, build / "card", tools.make(image, build))
    for name in sys.argv[3:] or _STAGES:
        try:
            _STAGES[name](card, results, report)
        except Silent as error:
            report.check(f"the stage {name} came to its end", False, error)
    report.check("the image is as it was", _digest(picture) == before)
    card.file.unlink()
    return report.close()


def _digest(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


if __name__ == "__main__":
    sys.exit(main())
