"""The strength of a network's protection in numbers, for comparison."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from whimbrel.wifi.security import Protection, Security

OPEN, WEP, OWE, WPA, WPA2, WPA3 = range(6)
"""Generations, the weakest first."""
_WAYS = (Protection.ANY_OPEN, Protection.WEP, Protection.OWE, Protection.WPA, Protection.WPA2, Protection.WPA3)
"""The protections of each generation; others are not weighed."""
_WEIGHED = Protection.ANY_OPEN | Protection.WEP | Protection.OWE | Protection.WPA | Protection.WPA2 | Protection.WPA3
_CIPHERS = {"WEP-40": 0, "WEP-104": 0, "WEP": 0, "TKIP": 1, "CCMP-128": 2, "GCMP-128": 2, "CCMP-256": 3, "GCMP-256": 3}


class Strength(NamedTuple):
    """The protection that a network offers."""

    best: int
    """The newest generation."""
    worst: int
    """The oldest generation that it still accepts."""
    login: bool
    """Whether it accepts only logins (802.1X)."""


@lru_cache(maxsize=64)
def strength(protection: Protection) -> Strength | None:
    """Return the strength of a protection; None if part of it is unknown, as with `Protection.UNREAD`."""
    levels = [level for level, ways in enumerate(_WAYS) if ways & protection]
    if not levels or protection not in _WEIGHED:
        return None
    return Strength(levels[-1], levels[0], protection in Protection.ENTERPRISE)


def losses(before: Security, after: Security) -> list[str]:
    """Describe the weaker properties of `after` compared with `before`; empty if it is no weaker or not comparable."""
    old, new = strength(before.protection), strength(after.protection)
    if old is None or new is None:
        return []
    lost = []
    if new.best < old.best or new.worst < old.worst or (old.login and not new.login and new.best >= WPA):
        lost.append(f"{before.name} became {after.name}")
    if old.best < WPA or new.best < WPA:
        return lost
    if after.pmf < before.pmf:
        lost.append(f"protection of management frames went from {before.pmf} to {after.pmf}")
    if cipher := _weaker_cipher(before.ciphers, after.ciphers):
        lost.append(cipher)
    return lost


def is_bare(security: Security) -> bool:
    """Return whether every listener can read the traffic: open or WEP."""
    weight = strength(security.protection)
    return weight is not None and weight.worst <= WEP


def is_protected(security: Security) -> bool:
    """Return whether it protects every station by WPA or newer."""
    weight = strength(security.protection)
    return weight is not None and weight.worst >= WPA


def _weaker_cipher(before: tuple[str, ...], after: tuple[str, ...]) -> str:
    old = [_CIPHERS[name] for name in before if name in _CIPHERS]
    new = [_CIPHERS[name] for name in after if name in _CIPHERS]
    if not old or not new or (max(new) >= max(old) and min(new) >= min(old)):
        return ""
    return f"cipher {'/'.join(before)} became {'/'.join(after)}"
