"""The contents of a capture for people: first the alerts, then access points and stations, then the numbers."""

from __future__ import annotations

import textwrap
from collections import Counter
from typing import Any

from whimbrel.capture_numbers import CaptureNumbers
from whimbrel.cli.alert_tables import Shown, grouped, place
from whimbrel.cli.findings import Findings, Handshake
from whimbrel.cli.survey_choice import by_strength, strongest
from whimbrel.events.alerts import Severity
from whimbrel.survey.table import Table
from whimbrel.text import harmless, mac, printable, ssid
from whimbrel.verbs.alerts import AlertRow
from whimbrel.watching.rows import alert_row, incident_row
from whimbrel.wifi import kinds as frame_kinds
from whimbrel.wifi.reasons import reason
from whimbrel.wording.air_tables import access_points, stations
from whimbrel.wording.quantities import count, moment
from whimbrel.wording.styles import PLAIN, Look, Style, of_severity
from whimbrel.wording.tables import Column, layout
from whimbrel.wording.verdicts import verdict

_ALERTS = (
    Column("ALERT", right=True), Column("AT", leaves=5), Column("s", right=True, leaves=1),
    Column("SEVERITY", style=of_severity), Column("RULE", leaves=4), Column("WHAT", least=24),
    Column("WHERE", least=20, leaves=6), Column("COUNT", right=True, leaves=3), Column("EVIDENCE", least=20, leaves=2),
)  # fmt: skip
_HANDSHAKES = (
    Column("STATION"), Column("BSSID"), Column("SSID", least=12), Column("MESSAGES", leaves=1),
    Column("TIMES", right=True, leaves=3), Column("LAST AT", leaves=2),
)  # fmt: skip


def tables(capture: Findings, look: Look = PLAIN) -> list[str]:
    """Return the lines that show a capture to a person."""
    numbers, survey = capture.numbers, capture.survey
    lines = [f"{printable(str(capture.file))}: {_extent(numbers)}", *_verdict(capture, look)]
    if capture.alerts:
        lines += ["", *_alerts(capture, look)]
    if capture.handshakes:
        cells = map(_handshake, capture.handshakes.values())
        lines += ["", "handshakes:", *layout(_HANDSHAKES, cells, look.width, coloured=look.coloured)]
    lines += ["", *access_points(strongest(tuple(survey.access_point_rows())), look)]
    if made_up := survey.made_up.total:
        lines.append(f"and {made_up} that are made up: members of a flood, which are not counted")
    lines += _left_out(survey.access_points.table)
    lines += ["", *stations(by_strength(tuple(survey.station_rows())), look)]
    lines += _left_out(survey.stations.table)
    return [*lines, "", *_numbers(numbers, look.width)]


def _left_out(table: Table[Any]) -> list[str]:
    """Return a line about forgotten entries, if there are any."""
    return (
        [f"and {table.evicted} that were heard before these, and forgotten for lack of room"] if table.evicted else []
    )


def _verdict(capture: Findings, look: Look) -> list[str]:
    """Return the verdict in a line; an incident counts once, however many alerts it has."""
    found = Counter(incident.severity for incident in capture.incidents)
    found += Counter(standing.severity for standing in capture.alerts if standing.severity is Severity.WEAKNESS)
    worst = max(found, key=lambda severity: severity.rank, default=None)
    text, style = verdict(worst), Style.GOOD
    if worst is not None:
        order = sorted(found, key=lambda severity: -severity.rank)
        text += f": {', '.join(f'{found[severity]} {severity}' for severity in order)}"
        style = of_severity(worst)
    if capture.problems:
        text += "; but not everything could be read"
    return [look.paint(line, style) for line in textwrap.wrap(text, look.width or 10**9)]


def _alerts(capture: Findings, look: Look) -> list[str]:
    """Return a table of incidents and their alerts; weaknesses are only counted."""
    strong = [standing for standing in capture.alerts if standing.severity is not Severity.WEAKNESS]
    rows = [alert_row(standing, acknowledged=False) for standing in strong]
    incidents = [incident_row(incident, acknowledged=False) for incident in capture.incidents]
    shown = map(_alert, grouped(incidents, rows))
    lines = layout(_ALERTS, shown, look.width, coloured=look.coloured) if rows else []
    weak = Counter(standing.detection.rule for standing in capture.alerts if standing.severity is Severity.WEAKNESS)
    return lines + _counts("weaknesses", weak, look.width)


def _alert(shown: Shown) -> tuple[str, ...]:
    row = shown.row
    number = f"{row.count}" if isinstance(row, AlertRow) else f"{len(row.alerts)} alerts"
    return (
        shown.number, moment(row.first), f"{row.last - row.first:.1f}", row.severity, shown.name, shown.title,
        place(row), number, harmless(row.text),
    )  # fmt: skip


def _handshake(row: Handshake) -> tuple[str, ...]:
    messages = " ".join(f"M{number}" for number in row.messages)
    return (
        mac(row.station), mac(row.bssid), ssid(row.ssid) or "<hidden>", messages, str(row.count), moment(row.last)
    )  # fmt: skip


def _numbers(numbers: CaptureNumbers, width: int) -> list[str]:
    kinds = Counter({frame_kinds.name(kind): number for kind, number in numbers.subtypes.items()})
    lines = _counts("frames", kinds, width)
    lines += _counts("EAPOL", numbers.eapol, width)
    reasons = Counter({f"{code} ({reason(code)})": number for code, number in numbers.reasons.items()})
    lines += _counts("disconnections by reason", reasons, width)
    lines += _counts("malformed", numbers.malformed, width)
    lines += _counts("events", numbers.events, width)
    lines += [f"the receiver is faulty: {finding}" for finding in numbers.receiver]
    if numbers.empty:
        lines.append(f"without a frame (0-length PSDU): {numbers.empty}")
    if numbers.bad_fcs:
        lines.append(f"damaged on the air (bad FCS): {numbers.bad_fcs}")
    if numbers.cut:
        lines.append(f"cut short by the capture: {numbers.cut}")
    return lines


def _extent(numbers: CaptureNumbers) -> str:
    if numbers.first is None:
        return "no frame"
    return f"{count(numbers.frames, 'frame')} in {numbers.seconds:.1f} s, from {moment(numbers.first)}"


def _counts(title: str, counts: Counter[str], width: int) -> list[str]:
    """Return a list of counts, the highest first, wrapped to `width`; nothing if there are none."""
    if not counts:
        return []
    text = f"{title}: " + ", ".join(f"{name} {number}" for name, number in counts.most_common())
    return textwrap.wrap(text, width or 10**9, subsequent_indent="  ", break_on_hyphens=False)
