"""Octets that this process has given to the card."""

from __future__ import annotations

from pathlib import Path


def given_to_the_card() -> int:
    """Return them, from its start (write_bytes in proc(5), /proc/self/io)."""
    counts = dict(line.split(": ") for line in Path("/proc/self/io").read_text().splitlines())
    return int(counts["write_bytes"])
