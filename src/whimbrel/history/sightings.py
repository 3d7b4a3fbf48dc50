"""Where access points were heard, as rows of the history: which are worth a write, and when."""

from __future__ import annotations

import json
from collections.abc import Callable, Container, Iterable, Sequence
from typing import TYPE_CHECKING

from whimbrel.events.encode import encode
from whimbrel.history import entries
from whimbrel.history.collecting import is_due

if TYPE_CHECKING:
    from whimbrel.history.entries import Entry
    from whimbrel.rows import SightingRow

_REMEMBERED = 4096


class SightingEntries:
    """Those of one session.

    An access point is written when it is first heard at a known position, when it was not heard there between two
    samples, and once in each period (`is_due`) in between: a walk past one writes it twice.
    """

    def __init__(self, session: int) -> None:
        self.upto = 0
        """The number up to which the watcher's sightings were processed."""
        self._session = session
        self._written: dict[bytes, float] = {}  # the last time that is written
        self._waiting: dict[bytes, SightingRow] = {}
        self._unsure: dict[bytes, SightingRow] = {}

    def take(self, rows: Sequence[SightingRow], real: Container[bytes]) -> list[Entry]:
        """Return the entries that are due, after `rows` were heard since the last time. Those that are not `real`, as
        members of a flood are not, have none; once more they are looked for the next time, because they may have been
        heard after it was found out what is real."""
        known = self._unsure | {row.bssid: row for row in rows}
        heard = {bssid: row for bssid, row in known.items() if bssid in real}
        self._unsure = {row.bssid: row for row in rows if row.bssid not in real}
        due = [row for bssid, row in self._waiting.items() if bssid not in heard]
        due += [row for row in heard.values() if self._is_due(row)]
        self._waiting = heard
        return self._entries(due)

    def finish(self) -> list[Entry]:
        """Return the pending entries."""
        return self._entries(list(self._waiting.values()))

    def begin_anew(self) -> None:
        """Process all sightings of this session again: the clock was set, or the file is another one."""
        self.upto = 0
        self._written.clear()
        self._waiting.clear()
        self._unsure.clear()

    def forget(self, unwanted: Callable[[SightingRow], bool]) -> None:
        """Remove pending entries that are no longer wanted."""
        self._waiting = {bssid: row for bssid, row in self._waiting.items() if not unwanted(row)}
        self._unsure = {bssid: row for bssid, row in self._unsure.items() if not unwanted(row)}

    def _is_due(self, row: SightingRow) -> bool:
        before = self._written.get(row.bssid)
        return before is None or is_due(row.last, before)

    def _entries(self, rows: Iterable[SightingRow]) -> list[Entry]:
        found = []
        for row in rows:
            self._waiting.pop(row.bssid, None)
            self._written.pop(row.bssid, None)
            self._written[row.bssid] = row.last
            if len(self._written) > _REMEMBERED:
                del self._written[next(iter(self._written))]
            stamps = (row.first, row.last, row.strongest.time)
            described = json.dumps(encode(row), separators=(",", ":"))
            found.append(entries.sighting(row.bssid, row.ssid, self._session, *stamps, described))
        return found
