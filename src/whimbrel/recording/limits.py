"""The choice of recordings to delete: the oldest first, never kept ones."""

from __future__ import annotations

import enum
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


class Shortage(enum.Enum):
    """What has no room even if all recordings that may go are deleted."""

    KEPT = "kept"
    """The folder may not take more octets, and kept recordings have half of it or more."""
    FOLDER = "folder"
    """The folder may not take more octets."""
    CARD = "card"
    """Other programs have filled the card."""


class Room(NamedTuple):
    """What makes room."""

    going: list[Recorded]
    """The recordings to delete, the oldest first; none if there is a shortage all the same."""
    shortage: Shortage | None = None


def making_room(recordings: Iterable[Recorded], caps: Caps, free: int, wanted: int = 0) -> Room:
    """Return what makes room for `wanted` more octets, where `free` octets are free. Open and kept recordings stay."""
    oldest_first = sorted(recordings, key=lambda recorded: recorded.name.age)
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
    if used + wanted > caps.folder:
        kept = sum(recorded.octets for recorded in oldest_first if recorded.name.kept)
        return Room([], Shortage.KEPT if 2 * kept >= caps.folder else Shortage.FOLDER)
    return Room([], Shortage.CARD) if free - wanted < caps.free else Room(going)
