"""Alerts as tables and in words, from the rows of a daemon or a replay."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from whimbrel.events.alerts import Severity
from whimbrel.text import harmless, mac, ssid
from whimbrel.verbs.alerts import AlertRow, Alerts, IncidentRow
from whimbrel.wifi.channels import channel_label
from whimbrel.wording.about_position import coordinates
from whimbrel.wording.quantities import moment, span
from whimbrel.wording.styles import PLAIN, Look, Style, of_severity
from whimbrel.wording.tables import Column, layout


def _of_state(state: str) -> Style:
    return {"open": Style.ALARM, "new": Style.STRONG, "over": Style.PLAIN}.get(state, Style.FAINT)


_COLUMNS = (
    Column("ID", right=True), Column("AGO", right=True, leaves=5), Column("SEVERITY", style=of_severity),
    Column("RULE", leaves=1), Column("WHAT", least=24), Column("WHERE", least=20, leaves=4),
    Column("COUNT", right=True, leaves=2), Column("STATE", leaves=3, style=_of_state),
)  # fmt: skip
_TEXT_WIDTH = 100
_FEW = 4
"""Limit of weaknesses shown for one rule, unless all are requested."""


class Shown(NamedTuple):
    """A line of a table."""

    number: str
    """The id."""
    row: AlertRow | IncidentRow
    name: str
    """The rule, or the cause of an incident of several alerts."""
    title: str
    """The title, after a dash if it is below its incident."""


def is_new(row: AlertRow | IncidentRow) -> bool:
    """Return whether it is open or not acknowledged."""
    return row.state == "open" or not row.acknowledged


def going_on(answer: Alerts) -> Iterator[AlertRow | IncidentRow]:
    """Yield each incident, and each alert that belongs to none."""
    yield from answer.incidents
    yield from (row for row in answer.alerts if not row.incident)


def grouped(incidents: Sequence[IncidentRow], found: Sequence[AlertRow]) -> Iterator[Shown]:
    """Yield incidents, followed by their alerts if there are several, and alerts that belong to none, in the order of
    `found`; an incident has the place of its first alert."""
    by_id = {incident.id: incident for incident in incidents}
    parts: dict[str, list[AlertRow]] = {}
    for row in found:
        parts.setdefault(row.incident, []).append(row)
    for row in found:
        incident = by_id.get(row.incident)
        if incident is None:
            yield _alone(row)
        elif below := parts.pop(incident.id, None):
            if len(incident.alerts) == 1:
                yield _alone(row)
                continue
            name = harmless(incident.cause) or harmless(incident.rules[0])
            yield Shown(harmless(incident.id), incident, name, harmless(incident.title))
            for part in sorted(below, key=lambda part: part.first):
                yield _alone(part)._replace(title=f"- {harmless(part.title)}")


def _alone(row: AlertRow) -> Shown:
    return Shown(harmless(row.id), row, harmless(row.rule), harmless(row.title))


def table(
    found: Sequence[AlertRow],
    now: float,
    look: Look = PLAIN,
    *,
    incidents: Sequence[IncidentRow] = (),
    few: bool = False,
) -> list[str]:
    """Return the lines of a table, the newest first, followed by a separate table of the weaknesses.

    `few`: for each rule, show only the newest weaknesses, and count the others.
    """
    if not found:
        return ["no alert"]
    attacks = [row for row in found if row.severity is not Severity.WEAKNESS]
    weak = [_alone(row) for row in found if row.severity is Severity.WEAKNESS]
    rows = [_cells(shown, now) for shown in grouped(incidents, attacks)]
    lines = layout(_COLUMNS, rows, look.width, coloured=look.coloured) if rows else ["no alert but weaknesses"]
    if weak:
        shown = _newest_of_each(weak) if few else weak
        cells = (_cells(row, now) for row in shown)
        lines += ["", "weaknesses:", *layout(_COLUMNS, cells, look.width, coloured=look.coloured)]
        more = Counter(row.name for row in weak)
        more.subtract(row.name for row in shown)
        lines += [f"and {number} more of {rule}: --all" for rule, number in more.items() if number]
    return lines


def _newest_of_each(weak: Iterable[Shown]) -> list[Shown]:
    shown: list[Shown] = []
    seen: Counter[str] = Counter()
    for row in weak:
        seen[row.name] += 1
        if seen[row.name] <= _FEW:
            shown.append(row)
    return shown


def explained(row: AlertRow, now: float, look: Look = PLAIN) -> Iterator[str]:
    """Yield the lines of a full description of an alert."""
    room = min(look.width or _TEXT_WIDTH, _TEXT_WIDTH)
    yield _headline(row, look)
    yield ""
    yield from textwrap.wrap(harmless(row.text), room)
    yield ""
    for label, value in _facts(row, now):
        yield from textwrap.wrap(f"{label + ':':12}{value}", room, subsequent_indent=" " * 12)
    for label, text in (
        ("What it means", row.meaning), ("What may fool it", row.fooled_by), ("What to do", row.advice),
        ("Reference", row.reference),
    ):  # fmt: skip
        yield ""
        yield from textwrap.wrap(f"{label}: {harmless(text)}", room)


def overview(row: IncidentRow, now: float, look: Look = PLAIN) -> Iterator[str]:
    """Yield the lines of a summary of an incident."""
    room = min(look.width or _TEXT_WIDTH, _TEXT_WIDTH)
    yield _headline(row, look)
    yield ""
    yield from textwrap.wrap(harmless(row.text), room)
    yield ""
    lasted = f", for {span(row.last - row.first)}" if row.last - row.first >= 1 else ""
    facts = [
        ("incident", f"{harmless(row.id)}, {_state(row)}; alerts {', '.join(map(harmless, row.alerts))}"),
        ("since", f"{moment(row.first)}{lasted}; last heard {span(now - row.last)} ago"),
        ("where", _place(row) or "not told"),
    ]
    if row.ssid:
        facts.append(("network", f'"{ssid(row.ssid)}"'))
    if row.bssid:
        facts.append(("BSSID", mac(row.bssid)))
    for label, value in facts:
        yield from textwrap.wrap(f"{label + ':':12}{value}", room, subsequent_indent=" " * 12)
    for label, text in (("What it means", row.meaning), ("What to do", row.advice)):
        yield ""
        yield from textwrap.wrap(f"{label}: {harmless(text)}", room)


def _headline(row: AlertRow | IncidentRow, look: Look) -> str:
    title = f"{harmless(row.title)} ({harmless(row.severity)}, {harmless(row.confidence)} confidence)"
    return look.paint(title, of_severity(row.severity))


def _facts(row: AlertRow, now: float) -> Iterable[tuple[str, str]]:
    number = harmless(row.id)
    incident = f", a part of incident {harmless(row.incident)}" if row.incident not in {"", row.id} else ""
    yield "alert", f"{number} of the rule {harmless(row.rule)}, {_state(row)}{incident}"
    lasted = f", for {span(row.last - row.first)}" if row.last - row.first >= 1 else ""
    yield "since", f"{moment(row.first)}{lasted}; last heard {span(now - row.last)} ago"
    threshold = f"; it takes {harmless(row.threshold)}" if row.threshold else ""
    again = f"; raised {row.again} times before" if row.again else ""
    yield "count", f"{row.count}{threshold}{again}"
    yield "where", _place(row) or "not told"
    if row.position is not None:
        yield "loudest at", coordinates(row.position)
    if row.ssid:
        yield "network", f'"{ssid(row.ssid)}"'
    for label, address in (("BSSID", row.bssid), ("sender", row.sender), ("receiver", row.receiver)):
        if address:
            yield label, mac(address)
    left_out = f", {row.left_out} more were not kept" if row.left_out else ""
    save_by = f"; whimbrel evidence {number} OUT.pcapng" if row.frames else ""
    yield "frames", f"{row.frames}{left_out}{save_by}"


def _cells(shown: Shown, now: float) -> tuple[str, ...]:
    row = shown.row
    return (
        shown.number, span(now - row.last), row.severity, shown.name, shown.title, place(row),
        str(row.count) if isinstance(row, AlertRow) else f"{len(row.alerts)} alerts", _state(row),
    )  # fmt: skip


def place(row: AlertRow | IncidentRow) -> str:
    """Return network (or access point) and channel, as far as they are known."""
    who = f'"{ssid(row.ssid)}"' if row.ssid else mac(row.bssid) if row.bssid else ""
    return (
        " ".join(filter(None, (who, f"ch {label}" if (label := channel_label(row.freq, row.channel)) else ""))) or "-"
    )


def _state(row: AlertRow | IncidentRow) -> str:
    if row.severity is Severity.WEAKNESS:  # a weakness has no end
        return "seen" if row.acknowledged else "new"
    state = "open" if row.state == "open" else "over"
    return f"{state}, seen" if row.acknowledged else state


def _place(row: AlertRow | IncidentRow) -> str:
    parts = [f"channel {label}"] if (label := channel_label(row.freq, row.channel)) else []
    if row.freq:
        parts.append(f"{row.freq} MHz")
    if row.rssi_range is not None:
        low, high = row.rssi_range
        parts.append(f"{low} dBm" if low == high else f"{low} to {high} dBm")
    return ", ".join(parts)
