"""Repeated snapshots of the survey as rows, cheap enough for a small board: only changed rows are rebuilt."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Generator, Hashable, Iterable, Iterator
from operator import attrgetter
from typing import Generic, TypeVar

from whimbrel.events.device import AirSnapshot
from whimbrel.rows import AccessPointRow, StationRow
from whimbrel.survey.access_point import AccessPoint
from whimbrel.survey.station import Station
from whimbrel.survey.survey import Survey

STRIDE = 16
"""The number of rows built between two chances for other tasks."""
LOOKS = 128
"""The number of entries looked at between two such chances."""

T = TypeVar("T", AccessPoint, Station)
R = TypeVar("R", AccessPointRow, StationRow)
_heard = attrgetter("last")


class _Rows(Generic[R]):
    """Rows by address, each with the mark of its source."""

    def __init__(self) -> None:
        self._rows: dict[bytes, tuple[Hashable, R]] = {}

    def make(
        self, entries: Iterable[T], mark: Callable[[T], Hashable], row: Callable[[T], R]
    ) -> Generator[None, None, tuple[R, ...]]:
        """Return a row for each entry; `mark` changes whenever its row would. Yields after every `STRIDE` new rows, and
        every `LOOKS` entries."""
        before, self._rows = self._rows, {}
        made = 0
        for number, entry in enumerate(entries, 1):
            if number % LOOKS == 0:
                yield
            now = mark(entry)
            known = before.get(entry.address)
            if known is None or known[0] != now:
                known = (now, row(entry))
                made += 1
                if made % STRIDE == 0:
                    yield
            self._rows[entry.address] = known
        return tuple(known[1] for known in self._rows.values())


class Snapshots:
    """Makes snapshots of one survey. The rows of one are shared with the next."""

    def __init__(self, survey: Survey) -> None:
        self._survey = survey
        self._access_points: _Rows[AccessPointRow] = _Rows()
        self._stations: _Rows[StationRow] = _Rows()

    def steps(self) -> Iterator[AirSnapshot | None]:
        """Yield None as a chance for other tasks, and finally a snapshot. The survey may change meanwhile."""
        survey = self._survey
        aps = sorted(survey.access_points.table.entries.values(), key=_heard, reverse=True)
        stations = sorted(survey.stations.table.entries.values(), key=_heard, reverse=True)
        members = Counter(map(attrgetter("bssid"), stations))
        ap_rows = yield from self._access_points.make(
            aps,
            lambda ap: (ap.last, ap.frames, members[ap.address]),
            lambda ap: survey.access_point_row(ap, members[ap.address]),
        )
        station_rows = yield from self._stations.make(
            stations,
            lambda station: (station.last, station.frames, station.data_octets, station.bssid),
            survey.station_row,
        )
        yield AirSnapshot(
            access_points=ap_rows,
            stations=station_rows,
            channels=tuple(survey.channel_rows()),
            totals=survey.totals(),
        )
