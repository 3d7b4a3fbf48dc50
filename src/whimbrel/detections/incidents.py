"""Incidents: alerts of one cause, combined as they are raised by the tables of `whimbrel.detections.causes`."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from typing import TYPE_CHECKING, TypeVar

from whimbrel.detections.causes import ALL, BSSID, CAUSES, CHANNEL, LINKS, SENDER, STATION, Cause, Link
from whimbrel.events.alerts import Severity
from whimbrel.events.incidents import IncidentChanged, IncidentClosed, IncidentOpened
from whimbrel.record import Record
from whimbrel.text import mac, ssid

if TYPE_CHECKING:
    from whimbrel.detections.standing import StandingAlert
    from whimbrel.events.base import Body

R = TypeVar("R", bound=Record)

Side = tuple[int, bytes, int]
"""A link, the common value of its alerts, and the side: 0 for `Link.rules`, 1 for `Link.beside`."""

_NO_INCIDENT = "weakness"
"""The family of alerts that form no incidents: there is no attacker."""
_CONFIDENCES = ("low", "medium", "high")
_FLOOD: Side = (next(number for number, link in enumerate(LINKS) if link.by == ALL), b"", 0)
_AGREEING = 3
"""With this many rules, the confidence is one step higher than that of each."""


class Incident:
    """Alerts of one cause, in the order of raising."""

    __slots__ = ("cause", "closed", "id", "parts", "severity", "sides")

    def __init__(self, first: StandingAlert) -> None:
        self.id = first.id
        self.parts: list[StandingAlert] = []
        """The remembered ones."""
        self.sides: set[Side] = set()
        """The sides that further alerts may share."""
        self.severity = first.severity
        self.cause: Cause | None = None
        self.closed = False

    def weigh(self) -> str:
        """Determine severity and cause again; return the change, as in `IncidentChanged.news`."""
        severity, cause = self.severity, self.cause
        self.severity = max((part.severity for part in self.parts), key=lambda severity: severity.rank)
        rules = {part.detection.rule for part in self.parts}
        certain = self.severity.rank >= Severity.WARNING.rank
        self.cause = next((cause for cause in CAUSES if _met(cause, rules)), None) if certain else None
        if self.severity.rank > severity.rank:
            return "worse"
        return "" if self.cause is cause else "cause"

    def is_over(self, now: float) -> bool:
        """Return whether no alert of it is open, and each has been quiet for its time; `now` is the air's clock."""
        return all(part.closed and now - part.last_at > part.detection.quiet for part in self.parts)

    @property
    def lead(self) -> StandingAlert:
        """The first of the worst alerts."""
        return max(self.parts, key=lambda part: part.severity.rank)

    @property
    def confidence(self) -> str:
        """The confidence of the most certain alert, one step higher if several rules agree."""
        step = max(_CONFIDENCES.index(part.claim.confidence) for part in self.parts)
        agree = len({part.detection.rule for part in self.parts}) >= _AGREEING
        return _CONFIDENCES[min(step + agree, len(_CONFIDENCES) - 1)]

    def body(self, cls: type[R], **more: object) -> R:
        """Return it as an event, or as a row with the same fields."""
        parts, lead = self.parts, self.lead
        said = lead.detection if self.cause is None else self.cause
        return cls(
            id=self.id,
            cause="" if self.cause is None else self.cause.name,
            title=said.title,
            text=self._text(lead),
            meaning=said.meaning,
            advice=said.advice,
            severity=self.severity,
            confidence=self.confidence,
            bssid=lead.claim.bssid,
            ssid=_name(parts, lead),
            **lead.place(),
            first=min(part.first for part in parts),
            last=max(part.last for part in parts),
            alerts=tuple([part.id for part in parts]),
            rules=tuple(dict.fromkeys([lead.detection.rule, *(part.detection.rule for part in parts)])),
            **more,
        )

    def _text(self, lead: StandingAlert) -> str:
        """Return the description in a sentence."""
        parts = self.parts
        if self.cause is not None:
            text = self.cause.text.format(where=_where(parts, lead), parts=_titles(parts))
            return text[:1].upper() + text[1:]
        if len(parts) == 1:
            return lead.words
        return f"{lead.words.rstrip('. ')}. {len(parts)} alerts in all: {_titles(parts)}."


class Incidents:
    """All incidents of an `AlertTable`, which reports the changes of each alert. An incident is kept as long as one of
    its alerts is. The methods append events to the list that they are given."""

    def __init__(self) -> None:
        self.remembered: OrderedDict[str, Incident] = OrderedDict()
        """By id, oldest first."""
        self._open: dict[str, Incident] = {}
        self._found_by: dict[Side, Incident] = {}
        """Of the open ones."""

    def __iter__(self) -> Iterator[Incident]:
        """Yield the remembered ones, the newest first."""
        return reversed(self.remembered.values())

    def find(self, number: str) -> Incident | None:
        """Return the incident of that id, None if it is not remembered."""
        return self.remembered.get(number)

    def add(self, standing: StandingAlert, found: list[Body], *, of_flood: bool = False) -> None:
        """Process a new alert before it is published; `of_flood`: whether it is about an access point made up by a
        flood."""
        if standing.detection.family == _NO_INCIDENT:
            return
        incident = (self._found_by.get(_FLOOD) if of_flood else None) or self._of(standing)
        if incident is None:
            incident = self._put(Incident(standing), standing)
            incident.weigh()
            found.append(incident.body(IncidentOpened))
        else:
            self._put(incident, standing)
            found.append(incident.body(IncidentChanged, news=incident.weigh() or "alert"))

    def change(self, standing: StandingAlert, found: list[Body]) -> None:
        """Process an update of an alert before it is published."""
        incident = self.remembered.get(standing.incident)
        if incident is not None:
            found.append(incident.body(IncidentChanged, news=incident.weigh() or "goes on"))

    def close(self, standing: StandingAlert, found: list[Body]) -> None:
        """Process the end of an alert after it is published."""
        incident = self.remembered.get(standing.incident)
        if incident is not None and not incident.closed and all(part.closed for part in incident.parts):
            self._end(incident)
            found.append(incident.body(IncidentClosed))

    def turn(self, now: float, found: list[Body]) -> None:
        """End those without an open alert that were quiet for the time of their alerts, which may all be without a
        duration: these end no incident themselves."""
        for incident in [each for each in self._open.values() if each.is_over(now)]:
            self._end(incident)
            found.append(incident.body(IncidentClosed))

    def take_back(self, standing: StandingAlert, found: list[Body]) -> None:
        """Forget a withdrawn alert before its end is published."""
        incident = self.remembered.get(standing.incident)
        if incident is None:
            return
        self.forget(standing, found)
        if not incident.parts:
            return
        incident.weigh()
        found.append(incident.body(IncidentChanged, news="goes on"))

    def join_flood(self, standing: StandingAlert, found: list[Body]) -> None:
        """Add an alert to the incident of its flood of made-up access points."""
        flood = self._found_by.get(_FLOOD)
        if flood is None or standing.merged or standing.incident == flood.id:
            return
        self.take_back(standing, found)
        self._put(flood, standing)
        found.append(flood.body(IncidentChanged, news=flood.weigh() or "alert"))

    def forget(self, standing: StandingAlert, found: list[Body]) -> None:
        """Forget an alert. An incident of which it was the last one has ended at the latest now: alerts without a
        duration end none."""
        incident = self.remembered.get(standing.incident)
        if incident is None:
            return
        if incident.parts == [standing]:
            if not incident.closed:
                found.append(incident.body(IncidentClosed))
            self._end(incident)
            del self.remembered[incident.id]
        incident.parts = [part for part in incident.parts if part is not standing]

    def restore(self, standing: StandingAlert) -> None:
        """Process an alert of an earlier process."""
        if not standing.incident:
            return
        incident = self.remembered.get(standing.incident)
        if incident is None:
            incident = Incident(standing)
            incident.id = standing.incident
        incident.closed = True
        self._put(incident, standing)
        incident.weigh()
        incident.closed = all(part.closed for part in incident.parts)
        if not incident.closed:
            self._open[incident.id] = incident
            self._find_by(incident, incident.parts)

    def _put(self, incident: Incident, standing: StandingAlert) -> Incident:
        standing.incident = incident.id
        incident.parts.append(standing)
        self.remembered[incident.id] = incident
        if not incident.closed:
            self._open[incident.id] = incident
            self._find_by(incident, [standing])
        return incident

    def _find_by(self, incident: Incident, parts: list[StandingAlert]) -> None:
        for part in parts:
            for side in _sides(part):
                incident.sides.add(side)
                self._found_by[side] = incident

    def _of(self, standing: StandingAlert) -> Incident | None:
        """Return the open incident of an alert."""
        for number, value, side in _sides(standing):
            if not LINKS[number].beside:
                incident = self._found_by.get((number, value, side))
                if incident is not None:
                    return incident
                continue
            incident = self._found_by.get((number, value, 1 - side))
            # An incident that already has an access point on this side belongs to another attacker.
            if incident is not None and (number, value, side) not in incident.sides:
                return incident
        return None

    def _end(self, incident: Incident) -> None:
        incident.closed = True
        self._open.pop(incident.id, None)
        for side in incident.sides:
            if self._found_by.get(side) is incident:
                del self._found_by[side]


def _met(cause: Cause, rules: set[str]) -> bool:
    if any(rules.isdisjoint(need) for need in cause.needs):
        return False
    return sum(any(rule in need for need in cause.needs) for rule in rules) >= cause.rules


def _sides(standing: StandingAlert) -> Iterator[Side]:
    """Yield the values that an alert may have in common with others."""
    if standing.merged:  # a folded alert
        return
    rule = standing.detection.rule
    for number, link in enumerate(LINKS):
        side = 0 if rule in link.rules else 1 if rule in link.beside else -1
        if side < 0:
            continue
        value = _value(link, standing)
        if value is not None:
            yield number, value, side


def _value(link: Link, standing: StandingAlert) -> bytes | None:
    claim = standing.claim
    if link.by == BSSID:
        return claim.bssid
    if link.by == SENDER:
        return claim.sender
    if link.by == STATION:
        station = claim.receiver
        return None if station is None or station[0] & 1 or station == claim.bssid else station
    if link.by == CHANNEL:
        return standing.freq.to_bytes(8, "big", signed=True)
    if link.by == ALL:
        return b""
    return claim.ssid or None


def _name(parts: list[StandingAlert], lead: StandingAlert) -> bytes:
    """Return the SSID of the incident, empty if no alert knows it."""
    return lead.claim.ssid or next((part.claim.ssid for part in parts if part.claim.ssid), b"")


def _where(parts: list[StandingAlert], lead: StandingAlert) -> str:
    name = _name(parts, lead)
    bssid = lead.claim.bssid
    called = f'"{ssid(name)}"' if name else ""
    address = mac(bssid) if bssid else ""
    if called and address:
        return f"{called} ({address})"
    return called or address or "an access point"


def _titles(parts: list[StandingAlert]) -> str:
    return ", ".join(dict.fromkeys(part.detection.title for part in parts))
