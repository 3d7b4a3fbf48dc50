"""Parts of sentences, in which text off the air is escaped."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Any

from whimbrel.events.encode import dump
from whimbrel.text import mac, printable, ssid
from whimbrel.wifi.channels import channel_label
from whimbrel.wording.quantities import dbm_range

if TYPE_CHECKING:
    from collections.abc import Sequence

    from whimbrel.wifi.channels import Channel


def network(name: bytes) -> str:
    """Return an SSID in quotes, or that it is hidden."""
    return f'"{ssid(name)}"' if name else "a hidden network"


def called(name: bytes) -> str:
    """Return an SSID in quotes to follow its access point; empty if unknown."""
    return f' "{ssid(name)}"' if name else ""


def maker(vendor: str) -> str:
    """Return a vendor in brackets; empty if unknown."""
    return f" ({printable(vendor)})" if vendor else ""


def network_shown(name: bytes, mesh: bytes | None, hidden: str = "<hidden>") -> str:
    """Return the entry for a network in a list: its SSID, the ID of a mesh, or `hidden`."""
    if name:
        return ssid(name)
    return hidden if mesh is None else f"{ssid(mesh)} (mesh)"


def why(reason: str) -> str:
    """Return a reason for the end of a sentence; empty if there is none."""
    return f": {printable(reason)}" if reason else ""


def place(channel: Channel) -> str:
    """Return a channel with its frequency."""
    return f"channel {channel} ({channel.freq} MHz)" if channel.number else f"{channel.freq} MHz"


def heard_at(channel: int, freq: int, levels: tuple[int, int] | None, heard_on: Sequence[int] = ()) -> str:
    """Return channel and level: ``channel 6, heard on 7, -70 to -48 dBm``; empty if unknown. `heard_on` is in MHz."""
    label = channel_label(freq, channel)
    where = f"channel {label}" if label else f"{freq} MHz" if freq else ""
    elsewhere = ", ".join(channel_label(each) or f"{each} MHz" for each in heard_on)
    heard = f"heard on {elsewhere}" if elsewhere else ""
    return ", ".join(filter(None, (where, heard, dbm_range(*levels) if levels else "")))


def value(value: Any, field: str) -> str:
    """Return the value of a property called `field`."""
    if field == "ssid" and isinstance(value, bytes):
        return network(value)
    if isinstance(value, (str, enum.Enum)):
        return printable(str(value)) or "none"
    if isinstance(value, bytes):
        return mac(value) if len(value) == 6 else value.hex()
    return dump(value)
