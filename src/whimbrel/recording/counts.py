"""The totals of the radio at a moment, for the statistics of a file."""

from __future__ import annotations

from typing import NamedTuple


class Counts(NamedTuple):
    """Totals of the radio."""

    received: int = 0
    dropped: int = 0

    def since(self, before: Counts) -> Counts:
        """Return what came after `before`; a total that is less has begun anew."""
        return Counts(*(now - then if now >= then else now for now, then in zip(self, before, strict=True)))
