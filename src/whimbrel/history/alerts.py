"""Alerts as rows of the history: their present state, acknowledgements, and kept frames."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Iterable
from typing import TYPE_CHECKING

from whimbrel.events.alerts import Alert, AlertClosed
from whimbrel.events.encode import encode
from whimbrel.events.incidents import IncidentClosed, IncidentOpened
from whimbrel.history import entries

if TYPE_CHECKING:
    from whimbrel.events.alerts import AlertState, AlertUpdated
    from whimbrel.events.incidents import IncidentChanged
    from whimbrel.history.entries import Entry
    from whimbrel.verbs.alerts import Evidence

_REMEMBERED = 256
"""Limit of alerts with a known last state: twice that of the watcher."""
_UNFETCHED = 64
_AT_ONCE = 8
"""Limit of alerts whose frames are requested at a time."""
_NEVER = -1
_EARLIER = 0
"""Session of alerts that were raised before this history was there."""


class _Row:
    """One alert."""

    __slots__ = ("body", "open", "seen", "session")

    def __init__(self, body: Alert, session: int) -> None:
        self.body = body
        self.session = session
        self.open = True
        self.seen = _NEVER

    @property
    def rank(self) -> int:
        """Of its severity."""
        return self.body.severity.rank

    def entry(self) -> Entry:
        """Return its row."""
        body = self.body
        return entries.alert(
            int(body.id), self.session, body.first, body.last, self.rank, int(self.open), self.seen, body.ssid,
            body.bssid, body.sender, body.receiver, json.dumps(encode(body), separators=(",", ":")),
        )  # fmt: skip


class AlertRows:
    """The newest alerts of the present `session` and of earlier ones, whose `states` are in the file."""

    def __init__(self, session: int, states: Iterable[AlertState]) -> None:
        self._session = session
        self._rows: OrderedDict[str, _Row] = OrderedDict()
        self._unfetched: OrderedDict[str, None] = OrderedDict()
        self._incidents: OrderedDict[str, int] = OrderedDict()  # the session of each one's first report
        self._forgotten: dict[str, None] = {}
        self.became_worse = False
        """Whether the last processed alert had become worse."""
        for state in states:
            self._put(state)

    def take(self, body: Alert | AlertUpdated | AlertClosed) -> Entry | None:
        """Return the entry of a raised, updated or ended alert; None for an erased one."""
        if body.id in self._forgotten or not body.id.isdigit():
            return None
        row = self._rows.get(body.id)
        self.became_worse = row is not None and body.severity.rank > row.rank
        # Only the first event of an alert contains the number of earlier ones.
        alert = body if isinstance(body, Alert) else _as_alert(body, 0 if row is None else row.body.again)
        if row is None:
            row = self._keep(alert, self._session)
        row.body = alert
        row.open = not isinstance(body, AlertClosed) and body.lasting
        if isinstance(body, (Alert, AlertClosed)):
            self._unfetched[body.id] = None
            if len(self._unfetched) > _UNFETCHED:
                self._unfetched.popitem(last=False)
        return row.entry()

    def take_incident(self, body: IncidentOpened | IncidentChanged | IncidentClosed) -> Entry | None:
        """Return the entry of an opened, changed or closed incident; None for an erased one."""
        if body.id in self._forgotten or not body.id.isdigit():
            return None
        session = self._incidents.setdefault(body.id, self._session)
        if len(self._incidents) > _REMEMBERED:
            self._incidents.popitem(last=False)
        said = IncidentOpened.of(body)
        return entries.incident(
            int(body.id), session, body.first, body.last, body.severity.rank, int(not isinstance(body, IncidentClosed)),
            body.ssid, body.bssid, json.dumps(encode(said), separators=(",", ":")),
        )  # fmt: skip

    def take_state(self, state: AlertState) -> list[Entry]:
        """Return the entry of an alert that is remembered elsewhere, unless the file has it just so."""
        alert = state.alert
        if alert.id in self._forgotten or not alert.id.isdigit():
            return []
        row = self._rows.get(alert.id)
        said = (alert.severity.rank, state.open, alert.last)
        news = state.acknowledged and (row is None or row.seen < row.rank)
        if row is not None and not news and (row.rank, row.open, row.body.last) == said:
            return []
        return [self._put(state).entry()]

    def acknowledge(self, number: str) -> list[Entry]:
        """Return the entry of an alert that a person has seen."""
        row = self._rows.get(number)
        if row is None:
            return []
        row.seen = row.rank
        return [row.entry()]

    def shift(self, delta: float) -> None:
        """Note that the clock was set by `delta` seconds: the alerts of this session move."""
        for row in self._rows.values():
            if row.session == self._session:
                row.body = row.body.replace(first=row.body.first + delta, last=row.body.last + delta)

    def unfetched(self) -> list[str]:
        """Return alerts whose frames should be requested now."""
        return [self._unfetched.popitem(last=False)[0] for _ in range(min(_AT_ONCE, len(self._unfetched)))]

    def frames(self, evidence: Evidence, most: int) -> list[Entry]:
        """Return entries of the first and last frames of an alert, `most` octets of them."""
        number = evidence.alert.id
        if number in self._forgotten or not number.isdigit():
            return []
        kept: dict[int, int] = {}
        frames = evidence.frames
        # From both ends: its beginning and its latest frames.
        order = [index for pair in zip(range(len(frames)), reversed(range(len(frames))), strict=True) for index in pair]
        for index in dict.fromkeys(order):
            if len(frames[index].octets) > most:
                break
            most -= len(frames[index].octets)
            kept[index] = len(kept)
        found = []
        for place, index in enumerate(sorted(kept)):
            frame = frames[index]
            said = {name: value for name, value in encode(frame).items() if not name.startswith("octets")}
            described = json.dumps(said, separators=(",", ":"))
            found.append(entries.frame(int(number), place, described, frame.octets))
        return found

    def forget_but(self, left: set[int]) -> tuple[str, ...]:
        """Keep nothing more of the alerts that the file has no more; return their ids."""
        gone = tuple([number for number in self._rows if int(number) not in left])
        for number in gone:
            del self._rows[number]
            self._forgotten[number] = None
        while len(self._forgotten) > _REMEMBERED:
            del self._forgotten[next(iter(self._forgotten))]
        return gone

    def _put(self, state: AlertState) -> _Row:
        row = self._rows.get(state.alert.id) or self._keep(state.alert, _EARLIER)
        row.body, row.open = state.alert, state.open
        if state.acknowledged:
            row.seen = row.rank
        return row

    def _keep(self, body: Alert, session: int) -> _Row:
        row = self._rows[body.id] = _Row(body, session)
        if len(self._rows) > _REMEMBERED:
            self._rows.popitem(last=False)
        return row


def _as_alert(body: AlertUpdated | AlertClosed, again: int) -> Alert:
    """Return a later event of an alert in the form of its first one."""
    fields = Alert.fields
    return Alert(**{name: value for name, value in body.as_dict().items() if name in fields} | {"again": again})
