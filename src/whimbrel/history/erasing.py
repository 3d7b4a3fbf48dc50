"""What is erased from the file at a person's wish: the statements for each table."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import NamedTuple

from whimbrel.history.ageing import OLDER
from whimbrel.text import ssid

Statement = tuple[str, Sequence[object]]
"""SQL and its values."""

_SSID = 0
"""Number of the SSID element (IEEE 802.11-2020, 9.4.2.2)."""


class Wish(NamedTuple):
    """The conditions for erasing; rows that meet any of them are erased."""

    everything: bool = False
    ssid: bytes | None = None
    device: bytes | None = None
    before: float | None = None


def erasing(wish: Wish) -> list[Statement]:
    """Return the statements that erase what is wished; evidence is deleted before its alerts."""
    if wish.everything:
        return [(f"DELETE FROM {table}", ()) for table, _ in OLDER]
    found: list[Statement] = []
    if wish.before is not None:
        found += [(f"DELETE FROM {table} WHERE {condition}", (wish.before,)) for table, condition in OLDER]
    if wish.device is not None:
        found += _erasing_device(wish.device)
    if wish.ssid is not None:
        found += _erasing_name(wish.ssid)
    return found


def _erasing_device(address: bytes) -> list[Statement]:
    about = "? IN (bssid, sender, receiver) OR instr(body, ?) OR instr(body, ?)"
    values = (address, address.hex(":"), address.hex())
    return [
        (f"DELETE FROM evidence WHERE instr(octets, ?) OR alert IN (SELECT id FROM alerts WHERE {about})",
         (address, *values)),
        (f"DELETE FROM alerts WHERE {about}", values),
        ("DELETE FROM incidents WHERE bssid = ? OR instr(body, ?) OR instr(body, ?)", values),
        ("DELETE FROM changes WHERE bssid = ?", (address,)),
        ("DELETE FROM access_points WHERE bssid = ?", (address,)),
        ("DELETE FROM stations WHERE station = ?", (address,)),
        ("DELETE FROM sightings WHERE bssid = ?", (address,)),
        ("UPDATE stations SET bssid = NULL WHERE bssid = ?", (address,)),
    ]  # fmt: skip


def _erasing_name(name: bytes) -> list[Statement]:
    """Return the statements for one network; the empty name of hidden ones stands in no text."""
    of_name = "SELECT bssid FROM access_points WHERE ssid = ?"
    about = f"ssid = ? OR bssid IN ({of_name})"
    values: tuple[object, ...] = (name, name)
    found: list[Statement] = []
    if name:
        # Texts have a name in quotes, and fields have its octets: a short name must not match a part of another one.
        quoted = json.dumps(f'"{ssid(name)}"')[1:-1]
        about = f"{about} OR instr(body, ?) OR instr(body, ?)"
        values = (*values, quoted, f'"{name.hex()}"')
        found.append(("DELETE FROM evidence WHERE instr(octets, ?)", (bytes((_SSID, len(name))) + name,)))
    return [
        *found,
        (f"DELETE FROM evidence WHERE alert IN (SELECT id FROM alerts WHERE {about})", values),
        (f"DELETE FROM alerts WHERE {about}", values),
        (f"DELETE FROM incidents WHERE {about}", values),
        (f"DELETE FROM changes WHERE ssid = ? OR bssid IN ({of_name}) OR instr(change, ?)",
         (name, name, f'"{name.hex()}"')),
        (f"UPDATE stations SET bssid = NULL WHERE bssid IN ({of_name})", (name,)),
        (f"DELETE FROM sightings WHERE ssid = ? OR bssid IN ({of_name})", (name, name)),
        ("DELETE FROM access_points WHERE ssid = ?", (name,)),
    ]  # fmt: skip
