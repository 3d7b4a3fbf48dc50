"""The registry of attack kinds: each is a function that plays the attack on a stage."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tools.wids_benchmark.building.security import WPA2, Protection
from tools.wids_benchmark.stage import Stage

FAMILIES = ("disruption", "impersonation", "protocol", "presence")


@dataclass(frozen=True)
class Kind:
    """A kind of attack.

    `levels` say what low, medium and high are. `notice`: a notice tells it rightly. `owner`: a detector finds it only
    if it knows the owner's network (`site` in the truth). `malformed`: tshark is right to call it malformed.
    """

    name: str
    family: str
    about: str
    source: str
    levels: tuple[str, str, str]
    play: Callable[[Stage], None]
    protection: Protection = WPA2
    notice: bool = False
    owner: bool = False
    malformed: bool = False


KINDS: dict[str, Kind] = {}


def kind(
    name: str,
    family: str,
    about: str,
    source: str,
    levels: tuple[str, str, str],
    *,
    protection: Protection = WPA2,
    notice: bool = False,
    owner: bool = False,
    malformed: bool = False,
) -> Callable[[Callable[[Stage], None]], Callable[[Stage], None]]:
    """Register the decorated function as the attack of this kind."""

    def register(play: Callable[[Stage], None]) -> Callable[[Stage], None]:
        if name in KINDS or family not in FAMILIES:
            raise ValueError(f"{name!r} of {family!r}: each kind once, in one of {', '.join(FAMILIES)}")
        KINDS[name] = Kind(name, family, about, source, levels, play, protection, notice, owner, malformed)
        return play

    return register
