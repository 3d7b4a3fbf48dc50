"""``python3 -I -m whimbrel.updating``: at a start with packages on the boot partition, or after one that was cut."""

from __future__ import annotations

import os
import sys
import time

from whimbrel.updating import choosing, partition, settings, trust
from whimbrel.updating.choosing import NAME
from whimbrel.updating.dpkg import Dpkg, DpkgBusy
from whimbrel.updating.places import Places
from whimbrel.updating.remembering import Pending, UpdateMemory
from whimbrel.updating.update import Update, UpdateOutcome, clean

_PATIENCE = 900.0
"""Seconds for another program that installs to end."""


def run(places: Places, dpkg: Dpkg, update: Update, memory: UpdateMemory) -> tuple[str, ...]:
    """Do what there is to do, and tell it on the card; return the problems. Raises OSError."""
    outcome = None
    if pending := memory.pending():
        outcome = update.resume(pending)
        _tell(places, outcome)
        if memory.pending():
            return _problems(outcome)
    clean(places)
    there = dpkg.installed(NAME)
    allowed = settings.read(places.settings)
    choice = choosing.choose(choosing.found(places), there, memory.tried(), allowed, places, dpkg)
    problems = choice.problems
    if choice.package is not None:
        outcome = update.begin(choice.package)
        _tell(places, outcome)
        clean_after(places, memory.pending())
        problems += _problems(outcome)
    return problems


def clean_after(places: Places, pending: Pending | None) -> None:
    """Remove what an update has left that has ended."""
    if pending is None:
        clean(places)


def _problems(outcome: UpdateOutcome) -> tuple[str, ...]:
    return (f"packages/{outcome.name}: {outcome.problem}",) if outcome.problem else ()


def _tell(places: Places, outcome: UpdateOutcome) -> None:
    """Tell an installed version on the card, and remove its package there, which has done its work."""
    if not outcome.installed:
        return
    change = f"Whimbrel {outcome.new} is installed, by packages/{outcome.name}; before, it was {outcome.old}."
    print(f"<5>{change}", file=sys.stderr)
    package = places.packages / outcome.name
    with partition.opened():
        day = time.strftime("%Y-%m-%d %H:%M", time.gmtime())
        partition.tell_done(places, f"{change}\nThat was on {day} UTC by the device's clock. The file is removed.\n")
        for path in (package, trust.signature_of(package)):
            path.unlink(missing_ok=True)


def main() -> int:
    """Run it; return the exit status."""
    os.umask(0o022)
    places = Places()
    dpkg = Dpkg(places.root)
    memory = UpdateMemory(places.state)
    try:
        places.state.mkdir(mode=0o755, exist_ok=True)
        with dpkg.locked(_PATIENCE):
            problems = run(places, dpkg, Update(places, dpkg, memory), memory)
        partition.tell_problems(places, problems)
    except (OSError, DpkgBusy) as error:
        print(f"<3>the update cannot be made: {error}", file=sys.stderr)
        return 1
    for problem in problems:
        print(f"<4>{problem}", file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
