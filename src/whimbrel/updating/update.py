"""One update, from the package on the card to a daemon that runs, or back."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from typing import NamedTuple

from whimbrel.updating import health, keeping, package_file
from whimbrel.updating.choosing import NAME
from whimbrel.updating.dpkg import Dpkg
from whimbrel.updating.health import DaemonHealth
from whimbrel.updating.keeping import KeepError
from whimbrel.updating.package_file import PackageFile
from whimbrel.updating.places import Places
from whimbrel.updating.remembering import INSTALLING, RESTORING, TRYING, Pending, Taken, Tried, UpdateMemory

_BEFORE, _AFTER, _SETTLE = 120.0, float(os.environ.get("WHIMBREL_UPDATE_PATIENCE", "300")), 20.0
"""Seconds: for the old daemon to be ready, for the new one, and for which it must stay. The
variable is for a drop-in of the unit."""
_ATTEMPTS = 2
"""At installing and at trying: another start in the middle of it, and the old version is put back."""
_RESTORINGS = 3
"""That fail, before another package on the card gets its turn."""
_SPARE = 32 << 20
"""Octets of the root that stay free."""
Checks = Callable[[int, float, bool], DaemonHealth]
"""Waits for a daemon of another process than this, for so many seconds; whether it has to be ready."""


class UpdateOutcome(NamedTuple):
    """What came of an update."""

    installed: bool
    old: str
    new: str
    name: str
    problem: str = ""
    """Why it was not installed, and what runs now."""


class Update:
    """Installs a package, and puts the old version back if that fails. Methods raise OSError: the card is broken."""

    def __init__(
        self, places: Places, dpkg: Dpkg, memory: UpdateMemory, check: Checks | None = None,
        is_expected: Callable[[], bool] = health.is_expected,
    ) -> None:  # fmt: skip
        self._places = places
        self._dpkg = dpkg
        self._memory = memory
        self._check = check or _check
        self._is_expected = is_expected

    def begin(self, package: PackageFile) -> UpdateOutcome:
        """Install a package that was chosen."""
        there = self._dpkg.installed(NAME)
        name = package.path.name
        refused = UpdateOutcome(installed=False, old=there.version, new=package.version, name=name)
        if problem := self._no_room(package):
            return refused._replace(problem=problem)
        keeping.stage(package.path, self._places.new)
        if package_file.digest(self._places.new) != package.digest:
            return refused._replace(problem="it cannot be read twice in the same way: the card may be worn out")
        if lacking := self._dpkg.lacks(self._places.new):
            return refused._replace(problem=f"{lacking}; version {there.version} stays")
        try:
            keeping.keep(NAME, self._places.root, self._places.old)
            keeping.keep_program(self._places.program)
        except (KeepError, OSError) as error:
            return refused._replace(problem=f"no copy of version {there.version} can be kept to go back to ({error})")
        # Of the old version: a new one without a daemon would otherwise be one whose daemon is well.
        expected = self._is_expected()
        ready = expected and self._check(0, _BEFORE, False).ready
        return self._install(
            Pending(
                INSTALLING, name, package.digest, there.version, package.version, was_ready=ready, expected=expected
            )
        )

    def resume(self, pending: Pending) -> UpdateOutcome:
        """Go on after a start that came in between."""
        self._dpkg.configure()
        if pending.stage == RESTORING:
            return self._restore(pending)
        if pending.attempts >= _ATTEMPTS:
            where = "while it was installed" if pending.stage == INSTALLING else "while it was tried"
            reason = f"the device went off {pending.attempts} times {where}"
            return self._restore(pending._replace(reason=reason, attempts=0))
        # Which of the files are the new ones nobody knows.
        return self._install(pending) if pending.stage == INSTALLING else self._try(pending, 0)

    def _install(self, pending: Pending) -> UpdateOutcome:
        pending = self._memory.begin(pending)
        before = health.look().process if pending.expected else 0
        done = self._dpkg.install(self._places.new)
        there = self._dpkg.installed(NAME)
        if done.status or not there.is_whole:
            return self._restore(pending._replace(reason=f"it cannot be installed ({done.reason})", attempts=0))
        return self._try(pending._replace(stage=TRYING, attempts=0), before)

    def _try(self, pending: Pending, before: int) -> UpdateOutcome:
        pending = self._memory.begin(pending)
        if problem := self._after(pending, before, must_be_ready=pending.was_ready):
            return self._restore(pending._replace(reason=problem, attempts=0))
        self._memory.take(Taken(pending.digest, pending.name, pending.old, pending.new))
        self._memory.end()
        self._places.new.unlink(missing_ok=True)
        return UpdateOutcome(installed=True, old=pending.old, new=pending.new, name=pending.name)

    def _restore(self, pending: Pending) -> UpdateOutcome:
        pending = self._memory.begin(pending._replace(stage=RESTORING))
        done = self._dpkg.install(self._places.old)
        there = self._dpkg.installed(NAME)
        outcome = UpdateOutcome(installed=False, old=pending.old, new=pending.new, name=pending.name)
        if done.status or not there.is_whole or there.version != pending.old:
            return outcome._replace(problem=self._not_restored(pending, done.reason))
        problem = (
            f"version {pending.new} failed ({pending.reason}), so {pending.old} was put back; it is not tried again, "
            "unless you give the file another name"
        )
        self._memory.remember(Tried(pending.digest, pending.name, problem))
        self._memory.end()
        self._places.new.unlink(missing_ok=True)
        if worse := self._after(pending, 0, must_be_ready=False):
            problem += f"; of that, too, {worse}"
        return outcome._replace(problem=problem)

    def _not_restored(self, pending: Pending, reason: str) -> str:
        """Return the problem; end the update if that was the last attempt, so that another package gets its turn."""
        problem = f"version {pending.new} failed ({pending.reason}), and {pending.old} cannot be put back ({reason}): "
        if pending.attempts < _RESTORINGS:
            return f"{problem}the next start tries it again; if that fails too, write the image to the card anew"
        problem += "put another version into packages, or write the image to the card anew"
        self._memory.remember(Tried(pending.digest, pending.name, problem))
        self._memory.end()
        return problem

    def _after(self, pending: Pending, before: int, *, must_be_ready: bool) -> str:
        """Return what is wrong with the daemon after an installation; empty for nothing, or where there was none."""
        return self._check(before, _AFTER, must_be_ready).problem if pending.expected else ""

    def _no_room(self, package: PackageFile) -> str:
        """Return how much room is missing for the new files beside the old ones, and both packages."""
        needed = package.installed * 2 + package.path.stat().st_size * 3 + _SPARE
        room = os.statvfs(self._places.state)
        free = room.f_bavail * room.f_frsize
        if free >= needed:
            return ""
        return (
            f"there is no room for it: it needs {needed >> 20} MiB free on the device's own partition, and there are "
            f"{free >> 20}: delete recordings there, or write the image to a larger card"
        )


def clean(places: Places) -> None:
    """Remove what an update that was cut off has left, and nothing needs."""
    for path in (places.new, *places.state.glob("*.new")):
        path.unlink(missing_ok=True)
    shutil.rmtree(places.state / "keep", ignore_errors=True)


def _check(before: int, patience: float, must_be_ready: bool) -> DaemonHealth:
    print("waiting for the daemon", file=sys.stderr)
    return health.wait(before, patience, _SETTLE, must_be_ready=must_be_ready)
