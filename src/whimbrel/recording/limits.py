"""The choice of recordings to delete: the oldest first, never kept ones."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from whimbrel.recording.naming import Name


class Recorded(NamedTuple):
    """A recording in the folder."""

    name: Name
    octets: int


class Caps(NamedTuple):
    """How much recordings may take."""

    folder: int
    """Octets of all of them."""
    free: int
    """Octets that stay free for others where they are."""


def making_room(recordings: Iterable[Recorded], caps: Caps, free: int, wanted: int = 0) -> tuple[list[Recorded], bool]:
    """Return the recordings to delete before `wanted` more octets are written, and whether there is room then.

    `free` octets are free now. Open and kept recordings stay. If deleting would not free enough space, nothing is
    deleted: other programs have filled the card.
    """
    oldest_first = sorted(recordings, key=lambda recorded: recorded.name.stem)
    used = sum(recorded.octets for recorded in oldest_first)
    going: list[Recorded] = []
    for recorded in oldest_first:
        if used + wanted <= caps.folder and free - wanted >= caps.free:
            break
        if recorded.name.open or recorded.name.kept:
            continue
        going.append(recorded)
        used -= recorded.octets
        free += recorded.octets
    enough = used + wanted <= caps.folder and free - wanted >= caps.free
    return going if enough else [], enough
