"""The hardware of this machine in words, without anything that tells its owner: no address, name or serial number."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from whimbrel.system.board import entries

Line = tuple[str, str]
"""A label and its value."""

_PRIVATE = re.compile(
    r"(?<![0-9a-f])(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}(?![0-9a-f])"  # addresses of interfaces
    r"|(?:[0-9a-f]{0,4}:){2,8}[0-9a-f.]{0,15}(?:%\w+)?"  # IPv6 (RFC 4291, 2.2) and what only looks like it
    r"|(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.])",  # IPv4
    re.IGNORECASE,
)
_LONGEST = 200


def machine(root: Path = Path("/")) -> list[Line]:
    """Return board, HAT, processor, memory, kernel and system, as far as they are known."""
    tree = root / "proc/device-tree"
    hat = " by ".join(filter(None, (_text(tree / "hat/product"), _text(tree / "hat/vendor"))))
    release = dict(line.split("=", 1) for line in _text(root / "etc/os-release").splitlines() if line.count("="))
    total = re.search(r"^MemTotal:\s+(\d+) kB", _text(root / "proc/meminfo"), re.MULTILINE)
    found = (
        ("board", _text(tree / "model") or _text(root / "sys/class/dmi/id/product_name")),
        ("HAT", hat or "none with an identity EEPROM"),
        ("memory", f"{int(total[1]) >> 10} MiB" if total else ""),
        ("system", release.get("PRETTY_NAME", "").strip('"')),
        ("buses", ", ".join(sorted(node.name for kind in ("i2c-*", "spidev*") for node in (root / "dev").glob(kind)))),
        ("GPIO", ", ".join(sorted(node.name for node in (root / "dev").glob("gpiochip*")))),
        ("battery", ", ".join(sorted(entry.name for entry in entries(root / "sys/class/power_supply")))),
    )
    return [(label, value or "none") for label, value in found]


def radios(root: Path = Path("/")) -> dict[str, list[Line]]:
    """Return the facts about each radio by its kernel's name: driver, bus, maker and product by their numbers."""
    found = {}
    for entry in entries(root / "sys/class/ieee80211"):
        device = entry / "device"
        usb = device.resolve().parent if (device / "bInterfaceNumber").exists() else device
        numbers = [_text(usb / name) for name in ("idVendor", "idProduct")]
        if not all(numbers):
            numbers = [_text(device / name).removeprefix("0x") for name in ("vendor", "device")]
        lines = [
            ("driver", (device / "driver").resolve().name if (device / "driver").exists() else "unknown"),
            ("bus", (device / "subsystem").resolve().name if (device / "subsystem").exists() else "unknown"),
            ("identity", ":".join(numbers) if all(numbers) else "unknown"),
            ("product", " ".join(filter(None, (_text(usb / "manufacturer"), _text(usb / "product")))) or "unknown"),
        ]
        if speed := _text(usb / "speed"):
            lines.append(("USB", f"{speed} Mbit/s"))
        found[entry.name] = lines
    return found


def bands(frequencies: Iterable[int]) -> str:
    """Return how many channels there are in each band."""
    counts = {"2.4": 0, "5": 0, "6": 0}
    for freq in frequencies:
        counts["2.4" if freq < 3000 else "5" if freq < 5925 else "6"] += 1
    return ", ".join(f"{count} at {name} GHz" for name, count in counts.items() if count) or "none"


def public(text: str) -> str:
    """Return a text with every address in it left out."""
    return _PRIVATE.sub("(left out)", text)


def _text(path: Path) -> str:
    """Return a small file as text of one line's length; empty if it cannot be read."""
    try:
        with path.open("rb") as file:
            octets = file.read(4096)
    except OSError:
        return ""
    text = octets.decode("utf-8", "replace").replace("\0", " ").strip()
    return text if "\n" in text else text[:_LONGEST]
