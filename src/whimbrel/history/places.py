"""Positions of access points: passed from the watcher to the file, and at the next start from the file to the
watcher."""

from __future__ import annotations

import asyncio
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING, Any

from whimbrel.detections.here import kept_at
from whimbrel.geo import ZoneKind
from whimbrel.history.answers import SQLITE_ERROR
from whimbrel.history.queries import Reader
from whimbrel.history.sightings import SightingEntries
from whimbrel.module import Context, VerbError
from whimbrel.verbs.places import EARLIER, SIGHTINGS, EarlierSightings
from whimbrel.verbs.places import SightingRows as SightingsAnswer

if TYPE_CHECKING:
    from collections.abc import Container

    from whimbrel.events.alerts import NetworksGuarded
    from whimbrel.geo import Zone
    from whimbrel.history.entries import Entry
    from whimbrel.history.erasing import Wish
    from whimbrel.history.store import Store
    from whimbrel.history.writer import HistoryWriter
    from whimbrel.rows import SightingRow

_ROWS = 64
"""Limit of rows in an answer, as the watcher has it."""
_PAGES = 128
"""Answers of the watcher that are read for one sample."""


class PlaceKeeper:
    """Keeps at most `limit` sightings, and answers the verb ``earlier-sightings``; none for a limit of 0."""

    def __init__(self, ctx: Context[Any], writer: HistoryWriter, file: Path, limit: int) -> None:
        self._ctx = ctx
        self._writer = writer
        self._file = file
        self._limit = limit
        self._rows = SightingEntries(0)
        self._zones: tuple[Zone, ...] | None = None
        self._guarded: NetworksGuarded | None = None
        self._erased = True
        """Whether no position in a home is left to erase."""

    def open(self, session: int, upto: int) -> None:
        """Begin; `upto` is the number of the last sighting that an earlier run of this session took in."""
        self._rows = SightingEntries(session)
        self._rows.upto = upto
        self._ctx.serve(EARLIER, self._answer)

    @property
    def upto(self) -> int:
        """The number of the last processed sighting."""
        return self._rows.upto

    async def sample(self, real: Container[bytes]) -> list[Entry]:
        """Return the entries that are due; access points that are not `real` have none."""
        if not self._erased:
            self._erase_at_home()
        ask = self._ctx.verbs.find(SIGHTINGS.name)
        if ask is None or not self._limit or self._zones is None:
            return []
        rows: dict[bytes, SightingRow] = {}
        for _ in range(_PAGES):
            try:
                answer: SightingsAnswer = await ask({"after": self._rows.upto})
            except VerbError:
                break
            rows |= {row.bssid: row for row in answer.sightings}
            # A restarted watcher has restarted its numbers.
            self._rows.upto = answer.upto
            if answer.after is None:
                break
        return self._rows.take(list(rows.values()), real)

    def finish(self) -> list[Entry]:
        """Return the pending entries."""
        return self._rows.finish()

    def begin_anew(self) -> None:
        """Process everything of this session again: the clock was set, or the file is another one."""
        self._rows.begin_anew()

    def draw(self, zones: tuple[Zone, ...]) -> None:
        """Note the zones; positions in a home are erased."""
        self._zones = zones
        self._erase_at_home()

    def guard(self, body: NetworksGuarded) -> None:
        """Note the guarded networks, which a home may keep."""
        self._guarded = body
        self._erase_at_home()

    def forget(self, wish: Wish) -> None:
        """Remove pending entries of which the file has been cleared."""
        self._rows.forget(
            lambda row: (
                wish.everything
                or row.bssid == wish.device
                or (wish.ssid is not None and row.ssid == wish.ssid)
                or (wish.before is not None and row.last < wish.before)
            )
        )

    def _erase_at_home(self) -> None:
        guarded = self._guarded
        homes = tuple(zone for zone in self._zones or () if zone.kind is ZoneKind.HOME)
        if not homes or guarded is None:  # which networks a home keeps is not known yet
            return
        names, addresses = frozenset(guarded.ssids), frozenset(guarded.bssids)

        def unwanted(row: SightingRow) -> bool:
            where = (row.latitude, row.longitude), (row.strongest.latitude, row.strongest.longitude)
            return not kept_at(homes, *where, guarded=row.ssid in names or row.bssid in addresses)

        def erase(store: Store) -> None:
            with Reader(self._file) as reader:
                gone = [row.bssid for row in reader.sightings(-1) if unwanted(row)]
            store.erase_sightings(gone)

        def note(erasing: Future[None]) -> None:
            self._erased = erasing.exception() is None

        self._erased = True
        self._rows.forget(unwanted)
        # Where the card fails, the next sample tries it again.
        self._writer.call(erase, behind_all=True).add_done_callback(note)

    async def _answer(self, request: dict[str, Any]) -> EarlierSightings:
        after = request.get("after", 0)
        if type(after) is not int or after < 0:
            raise VerbError('"after": expected a whole number, as the answer before has it')

        def read() -> list[SightingRow]:
            with Reader(self._file) as reader:
                return reader.sightings(max(min(_ROWS, self._limit - after), 0), after)

        try:
            rows = await asyncio.to_thread(read)
        except (OSError, SQLITE_ERROR) as error:
            raise VerbError(f"the history cannot be read now: {error}") from error
        return EarlierSightings(sightings=tuple(rows), after=after + _ROWS if len(rows) == _ROWS else None)
