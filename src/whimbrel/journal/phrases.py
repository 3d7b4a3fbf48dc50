"""The phrases that sentences are made of; what came off the air is escaped in them."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from whimbrel.events.encode import dump
from whimbrel.text import mac, printable, ssid

if TYPE_CHECKING:
    from whimbrel.wifi.channels import Channel


def network(name: bytes) -> str:
    """Return a network's name in quotes, or that it is hidden."""
    return f'"{ssid(name)}"' if name else "a hidden network"


def called(name: bytes) -> str:
    """Return a network's name in quotes to stand behind its access point; nothing where it is not known."""
    return f' "{ssid(name)}"' if name else ""


def dbm(rssi: int | None) -> str:
    """Return a signal to stand at the end; nothing where it is not told."""
    return "" if rssi is None else f", {rssi} dBm"


def maker(vendor: str) -> str:
    """Return a vendor in brackets; nothing where it is not known."""
    return f" ({printable(vendor)})" if vendor else ""


def why(reason: str) -> str:
    """Return a reason to stand at the end; nothing where there is none."""
    return f": {printable(reason)}" if reason else ""


def place(channel: Channel) -> str:
    """Return a channel with its frequency."""
    return f"channel {channel} ({channel.freq} MHz)" if channel.number else f"{channel.freq} MHz"


def span(seconds: float) -> str:
    """Return a time as people say it: ``250 ms``, ``12.5 s``, ``3 min``."""
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    return f"{seconds:.1f} s" if seconds < 120 else f"{seconds / 60:.0f} min"


def count(number: int, one: str, many: str = "") -> str:
    """Return a number with its noun."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def clock(seconds: float) -> str:
    """Return the local time of day."""
    return time.strftime("%H:%M:%S", time.localtime(seconds))


def value(value: Any, field: str) -> str:
    """Return the value of a property called `field`."""
    if field == "ssid" and isinstance(value, bytes):
        return network(value)
    if isinstance(value, str):
        return printable(value) or "none"
    if isinstance(value, bytes):
        return mac(value) if len(value) == 6 else value.hex()
    return dump(value)
