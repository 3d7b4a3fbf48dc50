"""Which of the packages on the card is installed, and why the others are not."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from whimbrel.updating import package_file, trust
from whimbrel.updating.dpkg import Dpkg, Installed
from whimbrel.updating.package_file import PackageFile
from whimbrel.updating.places import Places
from whimbrel.updating.remembering import Tried
from whimbrel.updating.settings import UpdateSettings

NAME = "whimbrel"
"""The one package that is installed from the card."""
_MOST = 16
"""Files that are looked at."""


class Choice(NamedTuple):
    """What is done about the packages on the card."""

    package: PackageFile | None
    """To be installed; None for none of them."""
    problems: tuple[str, ...]
    """Why each of the others is not, for the owner."""


def found(places: Places) -> list[Path]:
    """Return the packages on the card, but for the second half of files that macOS keeps beside each (``._name``)."""
    return sorted(path for path in places.packages.glob("*.deb") if not path.name.startswith("."))[:_MOST]


def choose(
    paths: Iterable[Path], there: Installed, tried: Sequence[Tried], allowed: UpdateSettings, places: Places, dpkg: Dpkg
) -> Choice:
    """Return the newest package that may be installed, and what is wrong with the others."""
    right: list[PackageFile] = []
    problems = []
    for path in paths:
        package = package_file.read(path)
        if problem := _problem(path, package, there, tried, allowed, places, dpkg):
            problems.append(f"packages/{path.name}: {problem}")
        elif package is not None:
            right.append(package)

    def order(one: PackageFile, other: PackageFile) -> int:
        return dpkg.compare(one.version, other.version)

    right.sort(key=functools.cmp_to_key(order))
    problems += [
        f"packages/{each.path.name}: {right[-1].path.name} beside it is newer, and was taken" for each in right[:-1]
    ]
    return Choice(right[-1] if right else None, tuple(problems))


def _problem(
    path: Path, package: PackageFile | None, there: Installed, tried: Sequence[Tried], allowed: UpdateSettings,
    places: Places, dpkg: Dpkg,
) -> str:  # fmt: skip
    if package is None:
        return (
            "it is not whole, or no package: copy it again, and have the computer eject the card before you take it out"
        )
    if package.package != NAME:
        return f"it is the package {package.package}, and only {NAME} is installed from here; use apt for others"
    if package.architecture not in {"all", there.architecture}:
        return (
            f"it is for {package.architecture}: get the one for {there.architecture}, which this device is, or for all"
        )
    if untrusted := trust.why_not(path, places.key, unsigned=allowed.allow_unsigned):
        return untrusted
    for each in tried:
        if each.digest == package.digest and each.name == path.name:
            return each.problem
    if dpkg.compare(package.version, there.version) < 0 and not allowed.allow_downgrade:
        return (
            f"it is {package.version}, older than the {there.version} that runs: write allow_downgrade=yes into "
            "device.txt to go back to it"
        )
    return ""
