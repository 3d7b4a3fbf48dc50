"""Changed announcements of access points, the newest first."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from whimbrel.reporting.model import ChangeLine
from whimbrel.text import harmless, mac, ssid
from whimbrel.verbs.history import ChangePast
from whimbrel.wifi.channels import channel_label, channel_number
from whimbrel.wording.phrases import value
from whimbrel.wording.quantities import minute

LISTED = 200
"""Rows of the table: a device that changes its name with each beacon must not make a page that no browser opens."""
_WORDS = {
    "ssid": "name", "hidden": "name hidden", "mesh_id": "mesh", "freq": "channel", "width": "width in MHz",
    "phy": "generation", "pmf": "PMF", "akms": "key management", "ciphers": "ciphers", "group_cipher": "group cipher",
    "wps": "WPS", "adhoc": "ad hoc",
}  # fmt: skip


def changes(rows: Iterable[ChangePast]) -> tuple[tuple[ChangeLine, ...], int]:
    """Return the changes by a clock that was known, and how many there is no room for."""
    known = [row for row in rows if row.at.clock]
    return tuple(map(_line, known[:LISTED])), max(len(known) - LISTED, 0)


def _line(row: ChangePast) -> ChangeLine:
    field, old, new = row.change
    return ChangeLine(
        when=minute(row.at.time),
        name=ssid(row.ssid),
        bssid=mac(row.bssid),
        what=_WORDS.get(field) or harmless(field),
        before=_value(old, field),
        after=_value(new, field),
    )


def _value(said: Any, field: str) -> str:
    if field == "freq" and isinstance(said, int):
        return channel_label(said, channel_number(said)) or "not told"
    if isinstance(said, bool):
        return "yes" if said else "no"
    if isinstance(said, tuple):
        return ", ".join(harmless(str(each)) for each in said) or "none"
    if field in {"ssid", "mesh_id"} and isinstance(said, bytes):
        return ssid(said) or "none"
    return "none" if said is None else value(said, field)
