"""What is copied, what stays and what goes, when the room on the card is bounded. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

_NAME = re.compile(r"\d{4}-\d\d-\d\dT\d{6}Z-[a-z0-9-]{1,180}(?:\.era([1-9]\d{0,5}))?\.(?:pcapng|html|json)")
"""Names that every file system and every system can hold. Their order is that of the era (`whimbrel.recording.naming`)
and, in it, of the time."""
_ENTRY = 1024
"""Octets that the names of a file may take in its folder: 255 characters at 13 for each entry of 32 octets (FAT)."""


class Sized(NamedTuple):
    """A file, to be copied or there already."""

    name: str
    octets: int


class CopyPlan(NamedTuple):
    """What to do; first remove, then copy."""

    copy: tuple[Sized, ...]
    """The newest first."""
    remove: tuple[str, ...]
    """The oldest first."""
    left_out: int
    """How many of the wanted ones there is no room for."""


def is_safe(name: str) -> bool:
    """Return whether a file of this name is ours, and can be on any file system."""
    return _NAME.fullmatch(name) is not None


def age(name: str) -> tuple[int, str]:
    """Sort names that are safe: the oldest first."""
    found = _NAME.fullmatch(name)
    return int(found[1] or 0) if found else 0, name


def taken(octets: int, cluster: int) -> int:
    """Return the octets that a file takes on a file system with clusters of that size."""
    return -(-octets // cluster) * cluster + max(_ENTRY, cluster)


def plan(wanted: Iterable[Sized], present: Iterable[Sized], budget: int, cluster: int) -> CopyPlan:
    """Return what to do so that wanted and present files together take at most `budget` octets: the newest have it.

    A wanted file that is present in the same size is not copied again.
    """
    there = {file.name: file.octets for file in present}
    new = {file.name: file.octets for file in wanted}
    copy, remove, left_out = [], [], 0
    for name in sorted(there.keys() | new.keys(), key=age, reverse=True):
        octets = new.get(name, there.get(name, 0))
        size = taken(octets, cluster)
        fits = size <= budget
        budget -= size if fits else 0
        if name in there and not fits:
            remove.append(name)
        if name in new and fits and there.get(name) != octets:
            copy.append(Sized(name, octets))
        elif name in new and not fits:
            left_out += 1
    return CopyPlan(tuple(copy), tuple(reversed(remove)), left_out)
