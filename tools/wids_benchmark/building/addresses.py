"""Addresses: prefixes of makers for access points and stations, and addresses that phones invent."""

from __future__ import annotations

import random

ROUTERS = tuple(map(bytes.fromhex, ("3ca62f", "50c7bf", "a040a0", "c02506", "44fe3b", "74427f", "e8de27", "b0be76")))
DEVICES = tuple(map(bytes.fromhex, ("f01898", "8c79f5", "3c58c2", "a4c3f0", "dca632", "ac3c0b", "94e6f7", "5cf938")))


def router(rng: random.Random) -> bytes:
    """Return an address of a maker of access points."""
    return rng.choice(ROUTERS) + rng.randbytes(2) + bytes([rng.randrange(0, 256, 8)])


def device(rng: random.Random) -> bytes:
    """Return an address of a maker of phones and computers."""
    return rng.choice(DEVICES) + rng.randbytes(3)


def randomised(rng: random.Random) -> bytes:
    """Return a locally administered address of one station (12.2.10)."""
    first = rng.randrange(256) & 0xFC | 2
    return bytes([first]) + rng.randbytes(5)


def anything(rng: random.Random) -> bytes:
    """Return six random octets that are no group address, as tools for floods make them."""
    return bytes([rng.randrange(256) & 0xFE]) + rng.randbytes(5)
