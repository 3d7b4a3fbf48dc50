"""``python3 -I -m whimbrel.updating``: at a start with packages on the boot partition, or after one that was cut."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from pathlib import Path

from whimbrel.updating import choosing, package_file, partition, settings, trust
from whimbrel.updating.choosing import NAME
from whimbrel.updating.dpkg import Dpkg, DpkgBusy
from whimbrel.updating.places import Places
from whimbrel.updating.remembering import UpdateMemory
from whimbrel.updating.update import Update, UpdateOutcome, clean

_PLACES = Places()
_PATIENCE = 900.0
"""Seconds for another program that installs to end."""


def run(places: Places, dpkg: Dpkg, update: Update, memory: UpdateMemory) -> tuple[str, ...]:
    """Do what there is to do, and tell it on the card; return the problems. Raises OSError."""
    problems: tuple[str, ...] = ()
    if pending := memory.pending():
        problems = _problems(update.resume(pending))
        if memory.pending():
            return problems
    clean(places)
    problems += _finish(places, dpkg, memory)
    allowed = settings.read(places.settings)
    left = memory.taken()
    paths = [path for path in choosing.found(places) if left is None or path.name != left.name]
    choice = choosing.choose(paths, dpkg.installed(NAME), memory.tried(), allowed, places, dpkg)
    problems += tuple(each for each in choice.problems if not any(known.startswith(each) for known in problems))
    if choice.package is not None:
        problems += _problems(update.begin(choice.package)) + _finish(places, dpkg, memory)
        if memory.pending() is None:
            clean(places)
    return problems


def _problems(outcome: UpdateOutcome) -> tuple[str, ...]:
    return (f"packages/{outcome.name}: {outcome.problem}",) if outcome.problem else ()


def _finish(places: Places, dpkg: Dpkg, memory: UpdateMemory) -> tuple[str, ...]:
    """Remove the package that was installed from the card, then tell it there; return what the card refuses.

    In this order: a card that takes no file any more gives one away all the same, and is not installed from twice.
    """
    taken = memory.taken()
    if taken is None:
        return ()
    if dpkg.installed(NAME).version != taken.new:
        # Another one was installed since, by apt: the file is as good as any other.
        memory.forget_taken()
        return ()
    change = f"Whimbrel {taken.new} is installed, by packages/{taken.name}; before, it was {taken.old}."
    print(f"<5>{change}", file=sys.stderr)
    try:
        with partition.opened():
            _remove(places.packages / taken.name, taken.digest)
            memory.forget_taken()
            day = time.strftime("%Y-%m-%d %H:%M", time.gmtime())
            text = f"{change}\nThat was on {day} UTC by the device's clock. The file is removed.\n"
            partition.tell_done(places, text)
    except OSError as error:
        refused = "done.txt cannot be written" if memory.taken() is None else "the file cannot be removed: delete it"
        reason = error.strerror or str(error)
        return (f"packages/{taken.name}: version {taken.new} is installed, but {refused} ({reason})",)
    return ()


def _remove(package: Path, digest: str) -> None:
    """Remove a package and its signature, unless another file has its name by now. Raises OSError."""
    if package.is_file() and package_file.digest(package) == digest:
        for path in (package, trust.signature_of(package)):
            path.unlink(missing_ok=True)


def main(places: Places = _PLACES) -> int:
    """Run it; return the exit status."""
    os.umask(0o022)
    dpkg = Dpkg(places.root)
    memory = UpdateMemory(places.state)
    try:
        places.state.mkdir(mode=0o755, exist_ok=True)
        with dpkg.locked(_PATIENCE):
            problems = run(places, dpkg, Update(places, dpkg, memory), memory)
        partition.tell_problems(places, problems)
    except (OSError, DpkgBusy) as error:
        problem = f"the update cannot be made: {error}"
        print(f"<3>{problem}", file=sys.stderr)
        with contextlib.suppress(OSError):
            partition.tell_problems(places, (problem,))
        return 1
    for problem in problems:
        print(f"<4>{problem}", file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
