"""Starts an image on an emulated Pi and says whether all of it works.

usage: python -m tests.pi BOARD IMAGE-FOLDER BUILD-FOLDER [STAGE…]; what was found is kept in BUILD-FOLDER/results.
Boards and their stages are in machines.py; each stage but `drivers` begins with a start of the board.

Time on the board is that of counted instructions, 500 million a second: the figures do not depend on the machine that
emulates, and a slow one does not run into the board's time limits.
"""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

from tests.pi import again, costs, drivers, firststart, hats, owner, power, tools, updates
from tests.pi.board import Card
from tests.pi.console import Silent
from tests.pi.machines import MACHINES
from tests.pi.report import Report

_STAGES = {
    "drivers": drivers.run, "first": firststart.run, "owner": owner.run, "hats": hats.run, "power": power.run,
    "costs": costs.run, "again": again.run, "updates": updates.run,
}  # fmt: skip


def main() -> int:
    """Run it all and return the status for the shell."""
    machine = MACHINES[sys.argv[1]]
    image, build = Path(sys.argv[2]).resolve(), Path(sys.argv[3]).resolve()
    results = build / "results"
    results.mkdir(parents=True, exist_ok=True)
    report = Report(results)
    picture = image / "whimbrel.img"
    before = _digest(picture)
    report.figure("image", before)
    card = Card(picture, build / "card", tools.make(image, build, machine.architecture), machine)
    for name in sys.argv[4:] or machine.stages:
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
