"""The totals of the radio at a moment, for the statistics of a file; of several receivers, the sum."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Counts(NamedTuple):
    """Totals of the radio."""

    received: int = 0
    dropped: int = 0

    def since(self, before: Counts) -> Counts:
        """Return what came after `before`; a total that is less has begun anew."""
        return Counts(*(now - then if now >= then else now for now, then in zip(self, before, strict=True)))


class RadioTotals:
    """The totals of all receivers together, which never fall: one that is opened again counts from nothing, but the sum
    goes on."""

    def __init__(self) -> None:
        self._last: dict[str, Counts] = {}
        self._sum = Counts()

    def by(self, receivers: Mapping[str, tuple[int, int]]) -> Counts:
        """Return the totals; `receivers` has what each, by its name, has received and dropped since it was opened."""
        for name, counts in receivers.items():
            now = Counts(*counts)
            new = now.since(self._last.get(name, Counts()))
            self._sum = Counts(self._sum.received + new.received, self._sum.dropped + new.dropped)
            self._last[name] = now
        return self._sum
