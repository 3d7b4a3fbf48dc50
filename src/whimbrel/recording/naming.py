"""Names of recordings: when they begin, why, and in which state they are. Every system can hold them."""

from __future__ import annotations

import re
import time
from typing import NamedTuple

_OPEN, _KEPT, _ENDING = ".open", ".kept", ".pcapng"
_NAME = re.compile(r"(?P<stem>\d{4}-\d\d-\d\dT\d{6}Z-[a-z0-9-]+)(?P<kept>\.kept)?(?P<open>\.open)?\.pcapng")
_OTHER = re.compile(r"[^a-z0-9]+")
_LONGEST_WORD = 48
_LATEST = 253_402_300_799.0  # the end of the year 9999


class Name(NamedTuple):
    """The name of a recording."""

    stem: str
    """The constant part: ``2026-11-29T205314Z-deauth-flood-a17``."""
    kept: bool = False
    """Whether it is protected from automatic deletion."""
    open: bool = False
    """Whether it is being written, or was when the process ended."""

    @property
    def file(self) -> str:
        """The name of the file."""
        return f"{self.stem}{_KEPT * self.kept}{_OPEN * self.open}{_ENDING}"


def parse(file: str) -> Name | None:
    """Parse the name of a file; None if it is no recording."""
    match = _NAME.fullmatch(file)
    return Name(match["stem"], bool(match["kept"]), bool(match["open"])) if match else None


def stem(moment: float, *words: str) -> str:
    """Return the stem of a recording that begins at `moment`, seconds since the epoch, with `words`.

    Only letters from a to z and digits stay in the words of another package's detection.
    """
    begin = time.strftime("%Y-%m-%dT%H%M%SZ", time.gmtime(min(max(moment, 0.0), _LATEST)))
    safe = [_OTHER.sub("-", word.lower())[:_LONGEST_WORD].strip("-") for word in words]
    return "-".join([begin, *(word for word in safe if word)] if any(safe) else [begin, "frames"])


def numbered(stem: str, number: int) -> str:
    """Return a stem for the second recording and later ones that would have the same."""
    return stem if number < 2 else f"{stem}-{number}"
