"""How well a network is protected, in numbers, so that less can be told from more."""

from __future__ import annotations

from typing import NamedTuple

from whimbrel.detections.guarded import PMF
from whimbrel.wifi.security import Security

OPEN, WEP, OWE, WPA, WPA2, WPA3 = range(6)
"""Generations, the weakest first."""
_ALONE = {"open": OPEN, "OWE transition": OPEN, "WEP": WEP, "OWE": OWE}
_GENERATIONS = {"WPA": WPA, "WPA2": WPA2, "WPA3": WPA3}
_CIPHERS = {"WEP-40": 0, "WEP-104": 0, "WEP": 0, "TKIP": 1, "CCMP-128": 2, "GCMP-128": 2, "CCMP-256": 3, "GCMP-256": 3}


class Strength(NamedTuple):
    """What a network offers."""

    best: int
    """The newest generation."""
    worst: int
    """The oldest one that it still takes."""
    login: bool
    """Whether one gets in by a login alone (802.1X)."""


def strength(name: str) -> Strength | None:
    """Weigh a name of `whimbrel.wifi.security`; None where it says too little, as ``encrypted`` does."""
    levels: list[int] = []
    kinds: set[str] = set()
    for part in name.split(" + "):
        alone = _ALONE.get(part)
        if alone is not None:
            levels.append(alone)
            kinds.add(part)
            continue
        generations, dash, kind = part.partition("-")
        found = [_GENERATIONS[each] for each in generations.split("/") if each in _GENERATIONS]
        if not dash or not found:
            return None
        levels += found
        kinds.add(kind.split(" ")[0])
    return Strength(max(levels), min(levels), kinds == {"Enterprise"})


def losses(before: Security, after: Security) -> list[str]:
    """Name what `after` protects less than `before`, in words; empty where it is no weaker or cannot be compared."""
    old, new = strength(before.name), strength(after.name)
    if old is None or new is None:
        return []
    lost = []
    if new.best < old.best or new.worst < old.worst or (old.login and not new.login and new.best >= WPA):
        lost.append(f"{before.name} became {after.name}")
    if old.best < WPA or new.best < WPA:
        return lost
    if PMF.index(after.pmf) < PMF.index(before.pmf):
        lost.append(f"protection of management frames went from {before.pmf} to {after.pmf}")
    if cipher := _weaker_cipher(before.ciphers, after.ciphers):
        lost.append(cipher)
    return lost


def is_bare(security: Security) -> bool:
    """Tell whether it keeps nobody out who listens: open or WEP."""
    weight = strength(security.name)
    return weight is not None and weight.worst <= WEP


def is_protected(security: Security) -> bool:
    """Tell whether every station of it is protected by WPA or newer."""
    weight = strength(security.name)
    return weight is not None and weight.worst >= WPA


def _weaker_cipher(before: tuple[str, ...], after: tuple[str, ...]) -> str:
    old = [_CIPHERS[name] for name in before if name in _CIPHERS]
    new = [_CIPHERS[name] for name in after if name in _CIPHERS]
    if not old or not new or (max(new) >= max(old) and min(new) >= min(old)):
        return ""
    return f"cipher {'/'.join(before)} became {'/'.join(after)}"
