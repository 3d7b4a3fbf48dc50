"""What gives away that a newly heard access point is made up: marks that real ones do not have.

Each is told from its first beacon alone, or from that and those of other newcomers, so neither a walk into a city nor
the first minutes of listening make any.
"""

from __future__ import annotations

from operator import eq
from typing import TYPE_CHECKING, NamedTuple

from whimbrel.wifi.vendors import vendor

if TYPE_CHECKING:
    from collections.abc import Iterable

    from whimbrel.survey.beacons import Announcement
    from whimbrel.wifi.frames import Frame

_RATES, _TIM = 1, 5
_NAN = b"\x50\x6f\x9a"
_YOUNG = 10_000_000
"""Microseconds: an access point heard for the first time has rarely been switched on just now."""
_FROZEN = 200
"""Microseconds that two clocks may differ by and count as standing still at the same value."""
_APART = 0.05
"""Seconds between two beacons from which on equal timestamps are no coincidence."""
_TOGETHER = 5_000
"""Microseconds that the clocks of two access points differ by at least, if they are two; multiple networks of one radio
share its clock, but their addresses show it."""
_COUNTER, _COUNTER_AGE = 16, 1.0
"""Sequence numbers by which, and seconds within which, a counter that is shared goes on."""
_SAME_OCTETS = 4


BY_CHANCE = frozenset({"its clock is at zero", "goes on with the frame counter of another one"})
"""Marks that a real access point may bear too, where it was just switched on among many newcomers."""
IMPOSSIBLE = frozenset({"its beacon lacks the TIM, which every access point sends", "its beacon lacks the rates"})
"""Marks in the announcement: every access point with the same announcement bears them too."""


class Newcomer(NamedTuple):
    """The parts of a first beacon that are compared with others."""

    address: bytes
    maker: bytes
    """The part of the address that all of one maker share, without the octet with the local bit."""
    tsf: int
    started: int
    """When its clock was at zero, microseconds."""
    now: float
    seq: int | None
    look: int
    """Hash of its elements, and of whether there is a TIM."""


def newcomer(frame: Frame, address: bytes, said: Announcement, now: float) -> Newcomer:
    """Take the first beacon of an access point."""
    tsf = int.from_bytes(frame.raw[frame.body : frame.body + 8], "little")
    # A fingerprint leaves the TIM out, whose contents change; that there is none is what tells most fakes apart.
    look = hash((said.fingerprint, _TIM in said.numbers))
    return Newcomer(address, address[1:3], tsf, tsf - int(now * 1e6), now, frame.seq, look)


def marks(frame: Frame, new: Newcomer, said: Announcement, others: Iterable[Newcomer]) -> list[str]:
    """Return what is wrong with a newcomer, in words; each weighs the same.

    `others` came shortly before it; those whose addresses are of the same maker or radio are left out, as they have
    much in common.
    """
    found = _alone(frame, new, said)
    look = clock = counter = False
    address, maker, tsf, started, now, seq, shape = new
    for theirs, their_maker, their_tsf, their_start, then, their_seq, their_shape in others:
        if maker == their_maker:
            continue
        # In integers as far as it goes: the board has no fast floating point.
        alike = not look and their_shape == shape
        ticks = not clock and (
            -_TOGETHER < started - their_start < _TOGETHER
            or (-_FROZEN < tsf - their_tsf < _FROZEN and now - then > _APART)
        )
        counts = (
            not counter
            and seq is not None
            and their_seq is not None
            and (seq - their_seq) & 0xFFF <= _COUNTER
            and now - then <= _COUNTER_AGE
        )
        if (alike or ticks or counts) and sum(map(eq, address, theirs)) < _SAME_OCTETS:
            look, clock, counter = look or alike, clock or ticks, counter or counts
            if look and clock and counter:
                break
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
    numbers = said.numbers
    if numbers and not frame.cut and not said.adhoc and not new.address.startswith(_NAN):
        if _TIM not in numbers:
            found.append("its beacon lacks the TIM, which every access point sends")
        if _RATES not in numbers:
            found.append("its beacon lacks the rates")
    if new.tsf < _YOUNG:
        found.append("its clock is at zero")
    return found
