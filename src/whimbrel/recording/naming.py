"""Names of recordings: when they begin, why, and in which state they are. Every system can hold them."""

from __future__ import annotations

import calendar
import math
import re
import time
from collections.abc import Iterable
from typing import NamedTuple

_OPEN, _KEPT, _ERA, _ENDING = ".open", ".kept", ".era", ".pcapng"
_NAME = re.compile(
    r"(?P<stem>\d{4}-\d\d-\d\dT\d{6}Z-[a-z0-9-]+)(?:\.era(?P<era>[1-9]\d{0,5}))?"
    r"(?P<kept>\.kept)?(?P<open>\.open)?\.pcapng"
)
_TIME = "%Y-%m-%dT%H%M%SZ"
_OTHER = re.compile(r"[^a-z0-9]+")
_LONGEST_WORD = 48
_LATEST = 253_402_300_799.0  # the end of the year 9999
_LAST_ERA = 999_999
_DISORDER = 60.0
"""Seconds by which recordings are older than ones before them without a clock that has gone back: files are made some
seconds after their first frame, and in another order."""


class Name(NamedTuple):
    """The name of a recording."""

    stem: str
    """The constant part: ``2026-11-29T205314Z-deauth-flood-a17``."""
    kept: bool = False
    """Whether it is protected from automatic deletion."""
    open: bool = False
    """Whether it is being written, or was when the process ended."""
    era: int = 0
    """How often the clock had gone back before, by the names in the folder."""

    @property
    def file(self) -> str:
        """The name of the file."""
        era = f"{_ERA}{self.era}" if self.era else ""
        return f"{self.stem}{era}{_KEPT * self.kept}{_OPEN * self.open}{_ENDING}"

    @property
    def age(self) -> tuple[int, str]:
        """Sorts recordings by their age, the oldest first, whatever the clock was when they began."""
        return self.era, self.stem


def parse(file: str) -> Name | None:
    """Parse the name of a file; None if it is no recording."""
    match = _NAME.fullmatch(file)
    return Name(match["stem"], bool(match["kept"]), bool(match["open"]), int(match["era"] or 0)) if match else None


def next_era(stem: str, names: Iterable[Name]) -> int:
    """Return the era of a recording that begins after those of `names`.

    A board without a clock may start years back: its recordings begin an era, so that they do not count as the oldest.
    """
    newest = max(names, key=lambda name: name.age, default=None)
    if newest is None:
        return 0
    went_back = _moment(stem) < _moment(newest.stem) - _DISORDER
    return min(newest.era + went_back, _LAST_ERA)


def stem(moment: float, *words: str) -> str:
    """Return the stem of a recording that begins at `moment`, seconds since the epoch, with `words`.

    Only letters from a to z and digits stay in the words of another package's detection.
    """
    begin = time.strftime(_TIME, time.gmtime(min(max(moment, 0.0), _LATEST)))
    safe = [_OTHER.sub("-", word.lower())[:_LONGEST_WORD].strip("-") for word in words]
    return "-".join([begin, *(word for word in safe if word)] if any(safe) else [begin, "frames"])


def numbered(stem: str, number: int) -> str:
    """Return a stem for the second recording and later ones that would have the same."""
    return stem if number < 2 else f"{stem}-{number}"


def _moment(stem: str) -> float:
    """Return the time in a stem in seconds since the epoch; infinity where it is none of the calendar's.

    `time.strptime` would be slower, and imported when the first recording begins: by then descriptors may be lacking.
    """
    try:
        date, clock = (int(stem[:4]), int(stem[5:7]), int(stem[8:10])), (stem[11:13], stem[13:15], stem[15:17])
        return calendar.timegm((*date, *map(int, clock), 0, 0, 0))
    except ValueError:
        return math.inf
