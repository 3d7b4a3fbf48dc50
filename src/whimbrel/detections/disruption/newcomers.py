"""What gives away that a newly heard access point is made up: marks that real ones do not have.

Each is told from its first beacon alone, or from that and those of other newcomers, so neither a walk into a city nor
the first minutes of listening make any.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from whimbrel.wifi.vendors import vendor

if TYPE_CHECKING:
    from collections.abc import Iterable

    from whimbrel.survey.beacons import Announcement
    from whimbrel.wifi.frames import Frame

_RATES, _TIM = 1, 5
_NAN = b"\x50\x6f\x9a"
_YOUNG = 10_000_000
"""Microseconds: who is heard for the first time is hardly ever switched on just now."""
_FROZEN = 200
"""Microseconds that two clocks may differ by and count as standing still at the same value."""
_APART = 0.05
"""Seconds between two beacons from which on equal timestamps are no coincidence."""
_TOGETHER = 0.005
"""Seconds that the clocks of two access points differ by at least, if they are two; multiple networks of one radio
share its clock, but their addresses show it."""
_COUNTER, _COUNTER_AGE = 16, 1.0
"""Sequence numbers by which, and seconds within which, a counter that is shared goes on."""
_SAME_OCTETS = 4


class Newcomer(NamedTuple):
    """What of a first beacon is compared with others."""

    address: bytes
    tsf: int
    now: float
    seq: int | None
    look: int
    """Hash of its elements."""
    fake: bool = False
    """Whether it has marks enough."""


def newcomer(frame: Frame, address: bytes, said: Announcement, now: float) -> Newcomer:
    """Take the first beacon of an access point."""
    tsf = int.from_bytes(frame.raw[frame.body : frame.body + 8], "little")
    return Newcomer(address, tsf, now, frame.seq, hash(said.fingerprint))


def marks(frame: Frame, new: Newcomer, said: Announcement, others: Iterable[Newcomer]) -> list[str]:
    """Return what is wrong with a newcomer, in words; each weighs the same.

    `others` came shortly before it; those whose addresses are related are left out, as one maker's and one radio's
    have much in common.
    """
    found = _alone(frame, new, said)
    look = clock = counter = False
    for other in others:
        if _related(new.address, other.address):
            continue
        look = look or other.look == new.look
        clock = clock or _one_clock(new, other)
        counter = counter or _one_counter(new, other)
    if look:
        found.append("looks exactly like another one with an unrelated address")
    if clock:
        found.append("has the clock of another one")
    if counter:
        found.append("goes on with the frame counter of another one")
    return found


def _alone(frame: Frame, new: Newcomer, said: Announcement) -> list[str]:
    found = []
    if new.address[0] & 1:
        found += ["its address is one for groups", "which no device has"]
    elif not new.address[0] & 2 and not vendor(new.address):
        found.append("its address is no maker's")
    numbers = {number for number, _, _ in said.spans}
    if numbers and not frame.cut and not said.adhoc and not new.address.startswith(_NAN):
        if _TIM not in numbers:
            found.append("its beacon lacks the TIM, which every access point sends")
        if _RATES not in numbers:
            found.append("its beacon lacks the rates")
    if new.tsf < _YOUNG:
        found.append("its clock is at zero")
    return found


def _related(one: bytes, other: bytes) -> bool:
    """Tell whether two addresses are of one maker or of one radio."""
    return one[1:3] == other[1:3] or sum(a == b for a, b in zip(one, other, strict=True)) >= _SAME_OCTETS


def _one_clock(new: Newcomer, other: Newcomer) -> bool:
    apart = new.now - other.now
    if abs(new.tsf - other.tsf) < _FROZEN and apart > _APART:
        return True
    return abs((new.tsf - other.tsf) / 1e6 - apart) < _TOGETHER


def _one_counter(new: Newcomer, other: Newcomer) -> bool:
    if new.seq is None or other.seq is None or new.now - other.now > _COUNTER_AGE:
        return False
    return (new.seq - other.seq) & 0xFFF <= _COUNTER
