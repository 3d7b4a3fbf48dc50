"""A bounded table by address, which evicts the least recently heard entry."""

from __future__ import annotations

from operator import attrgetter
from typing import Generic, Protocol, TypeVar


class TableEntry(Protocol):
    """An entry of a table."""

    address: bytes
    """6 octets."""
    first: float
    """Seconds since the epoch."""
    last: float
    """Seconds since the epoch; the order of eviction."""


T = TypeVar("T", bound=TableEntry)
_last = attrgetter("last")
_AHEAD = 60.0
"""Seconds for which a search of the whole table for silent entries serves."""
_OUT_OF_ORDER = 2.0
"""The most seconds by which an entry may be heard before others that were heard earlier, but for `Table.cap`."""


class Table(Generic[T]):
    """At most `limit` entries by address. Raises ValueError for a limit below 1.

    Being heard costs an entry one assignment to its `last`; the order is found when room is needed, for a batch of
    entries at a time, so that a flood of new addresses does not search the table for each of them. Silent entries are
    looked for among those that were silent for long at the last search.
    """

    __slots__ = ("_searched", "_soon", "batch", "entries", "evicted", "limit")

    def __init__(self, limit: int) -> None:
        self.entries: dict[bytes, T] = {}
        self.evicted = 0
        self._soon: list[T] = []  # all entries last heard before `_searched`, and others
        self._searched = float("-inf")
        self.resize(limit)

    def __len__(self) -> int:
        return len(self.entries)

    def add(self, entry: T) -> list[T]:
        """Put `entry` in; return those that made room for it, least recently heard first."""
        evicted: list[T] = []
        if len(self.entries) >= self.limit and entry.address not in self.entries:
            evicted = sorted(self.entries.values(), key=_last)[: self.batch]
            for old in evicted:
                del self.entries[old.address]
            self.evicted += len(evicted)
        self.entries[entry.address] = entry
        if entry.last < self._searched:
            self._searched = float("-inf")
        return evicted

    def resize(self, limit: int) -> list[T]:
        """Hold at most `limit` entries; return those that are too many, least recently heard first."""
        if limit < 1:
            raise ValueError(f"limit of a table: {limit}, expected at least 1")
        self.limit = limit
        self.batch = limit // 64 + 1
        many = len(self.entries) - limit
        evicted = sorted(self.entries.values(), key=_last)[:many] if many > 0 else []
        for old in evicted:
            del self.entries[old.address]
        self.evicted += len(evicted)
        return evicted

    def expire(self, before: float) -> list[T]:
        """Remove and return entries last heard before `before`, least recently heard first."""
        entries = self.entries
        if before > self._searched - _OUT_OF_ORDER:
            self._searched = before + _AHEAD
            self._soon = [entry for entry in entries.values() if entry.last < self._searched]
        gone = [entry for entry in self._soon if entry.last < before]
        if not gone:
            return []
        self._soon = [entry for entry in self._soon if entry.last >= before]
        silent = sorted([entry for entry in gone if entries.get(entry.address) is entry], key=_last)
        for old in silent:
            del entries[old.address]
        return silent

    def shift(self, delta: float) -> None:
        """Move every time by `delta` seconds."""
        self._searched = float("-inf")
        for entry in self.entries.values():
            entry.first += delta
            entry.last += delta

    def cap(self, now: float) -> None:
        """Bring times that lie after `now` back to it."""
        self._searched = float("-inf")
        for entry in self.entries.values():
            entry.first = min(entry.first, now)
            entry.last = min(entry.last, now)
