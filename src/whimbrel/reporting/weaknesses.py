"""Weaknesses by kind: the affected networks, and advice."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from whimbrel.events.alerts import Severity
from whimbrel.reporting.model import Weakness, WeaknessLine
from whimbrel.text import harmless, mac, ssid
from whimbrel.verbs.alerts import AlertRow
from whimbrel.wifi.channels import channel_label

SHOWN = 60
"""Rows of the table of one weakness."""
_ADDRESSES = 4
"""That are named of one network."""


def weaknesses(alerts: Iterable[AlertRow], guarded: frozenset[bytes]) -> tuple[Weakness, ...]:
    """Return the weaknesses, first those of guarded networks, then those of most networks."""
    by_rule: dict[str, list[AlertRow]] = {}
    for row in alerts:
        if row.severity is Severity.WEAKNESS:
            by_rule.setdefault(row.rule, []).append(row)
    order = sorted(by_rule.values(), key=lambda rows: (not any(row.ssid in guarded for row in rows), -len(rows)))
    return tuple(_weakness(rows, guarded) for rows in order)


def _weakness(rows: Sequence[AlertRow], guarded: frozenset[bytes]) -> Weakness:
    networks: dict[bytes, list[AlertRow]] = {}
    for row in rows:
        networks.setdefault(row.ssid or row.bssid or row.sender or row.id.encode(), []).append(row)
    order = sorted(networks.values(), key=lambda of: (of[0].ssid not in guarded, -len(of), of[0].ssid))
    one = rows[0]
    return Weakness(
        title=harmless(one.title),
        rule=harmless(one.rule),
        meaning=harmless(one.meaning),
        advice=harmless(one.advice),
        reference=harmless(one.reference),
        number=len(rows),
        rows=tuple(map(_line, order[:SHOWN])),
        left_out=max(len(order) - SHOWN, 0),
    )


def _line(rows: Sequence[AlertRow]) -> WeaknessLine:
    addresses = list(dict.fromkeys(mac(row.bssid or row.sender) for row in rows))
    channels = dict.fromkeys(channel_label(row.freq, row.channel) for row in sorted(rows, key=lambda row: row.freq))
    return WeaknessLine(
        name=ssid(rows[0].ssid),
        addresses=tuple(addresses[:_ADDRESSES]),
        more=max(len(addresses) - _ADDRESSES, 0),
        channels=", ".join(filter(None, channels)),
        text=harmless(rows[0].text),
    )
