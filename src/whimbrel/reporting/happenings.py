"""Occurrences by kind: each kind explained once, each occurrence with its evidence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from whimbrel.events.alerts import Severity
from whimbrel.reporting.model import Kind, Occurrence, PartLine
from whimbrel.text import harmless, mac, ssid
from whimbrel.verbs.alerts import AlertRow, IncidentRow
from whimbrel.wording.phrases import heard_at
from whimbrel.wording.quantities import second, span

SHOWN = 40
"""Limit of separately listed occurrences of one kind."""


class Happening(NamedTuple):
    """One occurrence: an incident of several alerts, or an alert."""

    row: AlertRow | IncidentRow
    """Its contents on the page."""
    alerts: tuple[AlertRow, ...]
    """All of it, the oldest first; one at least."""

    @property
    def worst(self) -> AlertRow:
        """The alert that matters most: the first of the most severe ones."""
        return max(self.alerts, key=lambda alert: alert.severity.rank)

    @property
    def rank(self) -> int:
        """How much it matters."""
        return self.row.severity.rank


def happened(alerts: Iterable[AlertRow], incidents: Iterable[IncidentRow]) -> tuple[Happening, ...]:
    """Return the incidents, the oldest first, without weaknesses."""
    known = {incident.id: incident for incident in incidents}
    together: dict[str, list[AlertRow]] = {}
    alone: list[AlertRow] = []
    for row in sorted(alerts, key=lambda row: row.first):
        if row.incident in known:
            together.setdefault(row.incident, []).append(row)
        elif row.severity is not Severity.WEAKNESS:
            alone.append(row)
    found = [Happening(row, (row,)) for row in alone]
    for number, parts in together.items():
        found.append(Happening(known[number] if len(parts) > 1 else parts[0], tuple(parts)))
    return tuple(sorted(found, key=lambda each: each.row.first))


def by_title(found: Iterable[Happening]) -> dict[str, list[Happening]]:
    """Return the incidents by kind, the worst kind first, each in order of time."""
    kinds: dict[str, list[Happening]] = {}
    for each in found:
        kinds.setdefault(each.row.title, []).append(each)
    return dict(sorted(kinds.items(), key=lambda pair: -max(each.rank for each in pair[1])))


def anchors(found: Iterable[Happening], prefix: str) -> dict[str, str]:
    """Return the anchor on the page, beginning with `prefix`, of each listed occurrence, by its id."""
    told = [each.row.id for kind in by_title(found).values() for each in _shown(kind)]
    return {number: f"{prefix}h{place}" for place, number in enumerate(told, 1)}


def kinds(found: Iterable[Happening], names: dict[str, str]) -> tuple[Kind, ...]:
    """Return every kind, the worst first; `names` is the result of `anchors`."""
    return tuple(_kind(each, names) for each in by_title(found).values())


def _shown(kind: Sequence[Happening]) -> list[Happening]:
    """Return the worst of a kind that there is room for, in the order of happening."""
    worst = sorted(kind, key=lambda each: -each.rank)[:SHOWN]
    return sorted(worst, key=lambda each: each.row.first)


def _kind(found: Sequence[Happening], names: dict[str, str]) -> Kind:
    worst = max(found, key=lambda each: each.rank)
    explained = worst.worst
    shown = _shown(found)
    return Kind(
        title=harmless(worst.row.title),
        severity=worst.row.severity.value,
        rules=", ".join(sorted({harmless(alert.rule) for each in found for alert in each.alerts})),
        meaning=harmless(worst.row.meaning),
        advice=harmless(worst.row.advice),
        fooled_by=harmless(explained.fooled_by),
        reference=harmless(explained.reference),
        number=len(found),
        occurrences=tuple(_occurrence(each, names[each.row.id]) for each in shown),
        left_out=len(found) - len(shown),
    )


def _occurrence(found: Happening, anchor: str) -> Occurrence:
    row = found.row
    return Occurrence(
        anchor=anchor,
        number=harmless(row.id),
        severity=row.severity.value,
        confidence=harmless(row.confidence),
        when=second(row.first),
        lasted=span(row.last - row.first) if row.last > row.first else "",
        state="goes on" if row.state == "open" and any(alert.lasting for alert in found.alerts) else "",
        text=harmless(row.text),
        facts=tuple(_facts(row)),
        parts=tuple(map(_part, found.alerts)) if len(found.alerts) > 1 else (),
    )


def _part(alert: AlertRow) -> PartLine:
    return PartLine(
        when=second(alert.first), title=harmless(alert.title), severity=alert.severity.value, text=harmless(alert.text)
    )


def _facts(row: AlertRow | IncidentRow) -> Iterator[tuple[str, str]]:
    if row.ssid:
        yield "network", ssid(row.ssid)
    addresses = (("sender", row.sender), ("receiver", row.receiver)) if isinstance(row, AlertRow) else ()
    for label, address in (("BSSID", row.bssid), *addresses):
        if address:
            yield label, mac(address)
    if where := heard_at(row.channel, row.freq, row.rssi_range, row.heard_on):
        yield "heard", where
    if isinstance(row, AlertRow):
        threshold = f"; it takes {harmless(row.threshold)}" if row.threshold else ""
        again = f"; raised {row.again} times before" if row.again else ""
        yield "count", f"{row.count}{threshold}{again}"
        if row.frames:
            left_out = f", {row.left_out} more were not kept" if row.left_out else ""
            yield "frames kept", f"{row.frames}{left_out}"
