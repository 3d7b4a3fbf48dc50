"""Radios that are left alone for a while, because they could not be opened or stayed deaf. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

FAILURES = 3
"""Openings that fail in a row after which a radio is left alone."""
_IN_A_ROW = 300.0
"""Seconds between two failures that belong together."""
_FIRST, _LONGEST = 600.0, 6 * 3600.0
"""Seconds for which a radio is left alone: doubled each time."""
_GOOD = 3600.0
"""Seconds of use after which the next time is a first one."""

Use = tuple[str, str]
"""The name of a source, and the identity of a radio (`whimbrel.drivers.radios.RadioNames.identity`)."""


class _Term(NamedTuple):
    until: float
    length: float
    reason: str


class SetAside:
    """The radios, each by the source that it did not work for. `now` is seconds of a monotonic clock everywhere."""

    def __init__(self) -> None:
        self._terms: dict[Use, _Term] = {}
        self._failures: dict[Use, tuple[int, float]] = {}

    def failed(self, use: Use, now: float) -> bool:
        """Note that an opening has failed; return whether that is enough."""
        number, at = self._failures.get(use, (0, now))
        number = number + 1 if now - at <= _IN_A_ROW else 1
        self._failures = {use: (number, now)}  # another radio's failures are no longer in a row
        return number >= FAILURES

    def put(self, use: Use, reason: str, now: float) -> None:
        """Leave a radio alone from now on."""
        before = self._terms.get(use)
        length = _FIRST
        if before is not None and now - before.until <= _GOOD:
            length = min(2 * before.length, _LONGEST)
        self._failures.pop(use, None)
        self._terms = {each: term for each, term in self._terms.items() if now - term.until <= _GOOD}
        self._terms[use] = _Term(now + length, length, reason)

    def reasons(self, now: float) -> Mapping[Use, str]:
        """Return those that are left alone at present, with the reasons."""
        return {use: term.reason for use, term in self._terms.items() if now < term.until}
