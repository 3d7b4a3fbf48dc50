"""What happened, by its kind: each kind explained once, each time that it happened with its evidence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from whimbrel.events.alerts import Severity
from whimbrel.reporting.model import Kind, Occurrence
from whimbrel.text import harmless, mac, ssid
from whimbrel.verbs.alerts import AlertRow
from whimbrel.wording.phrases import heard_at
from whimbrel.wording.quantities import second, span

SHOWN = 40
"""Occurrences of one kind that are told one by one."""


def happened(alerts: Iterable[AlertRow]) -> list[AlertRow]:
    """Return what somebody or something did, the oldest first: all but weaknesses."""
    return sorted((row for row in alerts if row.severity is not Severity.WEAKNESS), key=lambda row: (row.first, row.id))


def anchors(alerts: Sequence[AlertRow]) -> dict[str, str]:
    """Return the name within the page of each alert that is told, by its id."""
    told = [row for rows in _by_title(alerts).values() for row in _shown(rows)]
    return {row.id: f"h{number}" for number, row in enumerate(sorted(told, key=lambda row: row.first), 1)}


def kinds(alerts: Sequence[AlertRow], names: dict[str, str], prefix: str) -> tuple[Kind, ...]:
    """Return every kind, the worst first and of one severity that which began first.

    `names` are those of `anchors`, and `prefix` stands before each.
    """
    found = [_kind(rows, names, prefix) for rows in _by_title(alerts).values()]
    return tuple(sorted(found, key=lambda kind: -Severity(kind.severity).rank))


def _by_title(alerts: Iterable[AlertRow]) -> dict[str, list[AlertRow]]:
    found: dict[str, list[AlertRow]] = {}
    for row in alerts:
        found.setdefault(row.title, []).append(row)
    return found


def _shown(rows: Sequence[AlertRow]) -> list[AlertRow]:
    """Return the worst of them that there is room for."""
    return sorted(rows, key=lambda row: (-row.severity.rank, row.first))[:SHOWN]


def _kind(rows: Sequence[AlertRow], names: dict[str, str], prefix: str) -> Kind:
    worst = max(rows, key=lambda row: row.severity.rank)
    shown = sorted(_shown(rows), key=lambda row: row.first)
    return Kind(
        title=harmless(worst.title),
        severity=worst.severity.value,
        rules=", ".join(sorted({harmless(row.rule) for row in rows})),
        meaning=harmless(worst.meaning),
        advice=harmless(worst.advice),
        fooled_by=harmless(worst.fooled_by),
        reference=harmless(worst.reference),
        number=len(rows),
        occurrences=tuple(_occurrence(row, prefix + names[row.id]) for row in shown),
        left_out=len(rows) - len(shown),
    )


def _occurrence(row: AlertRow, anchor: str) -> Occurrence:
    return Occurrence(
        anchor=anchor,
        number=harmless(row.id),
        severity=row.severity.value,
        confidence=harmless(row.confidence),
        when=second(row.first),
        lasted=span(row.last - row.first) if row.last > row.first else "",
        state="goes on" if row.state == "open" and row.lasting else "",
        text=harmless(row.text),
        facts=tuple(_facts(row)),
    )


def _facts(row: AlertRow) -> Iterator[tuple[str, str]]:
    if row.ssid:
        yield "network", ssid(row.ssid)
    for label, address in (("BSSID", row.bssid), ("sender", row.sender), ("receiver", row.receiver)):
        if address:
            yield label, mac(address)
    if where := heard_at(row.channel, row.freq, row.rssi_range, row.heard_on):
        yield "heard", where
    threshold = f"; it takes {harmless(row.threshold)}" if row.threshold else ""
    again = f"; raised {row.again} times before" if row.again else ""
    yield "count", f"{row.count}{threshold}{again}"
    if row.frames:
        left_out = f", {row.left_out} more were not kept" if row.left_out else ""
        yield "frames kept", f"{row.frames}{left_out}"
