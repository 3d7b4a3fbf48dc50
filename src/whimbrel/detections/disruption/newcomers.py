"""Marks of made-up access points, which real ones do not have.

Each mark is found in the first beacon alone, or by comparison with first beacons of other newcomers. So a walk into a
city and the first minutes of listening produce none.
"""

from __future__ import annotations

from operator import eq
from typing import TYPE_CHECKING

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
"""Microseconds by which two clocks may differ and still count as frozen at the same value."""
_APART = 0.05
"""Equal timestamps in beacons at least this many seconds apart are no coincidence."""
_TOGETHER = 5_000
"""The least difference of two access points' clocks in microseconds. Several networks of one radio share its clock, but
have related addresses."""
_COUNTER, _COUNTER_AGE = 16, 1.0
"""A shared sequence counter continues by at most this many numbers, within this many seconds."""
_SAME_OCTETS = 4


BY_CHANCE = frozenset({"its clock is at zero", "goes on with the frame counter of another one"})
"""Marks that a real access point may bear too, if it was just switched on among many newcomers."""
IMPOSSIBLE = frozenset({"its beacon lacks the TIM, which every access point sends", "its beacon lacks the rates"})
"""Marks in the announcement: every access point with the same announcement bears them too."""


Newcomer = tuple[bytes, bytes, int | None, int, float, int | None, int]
"""The parts of a first beacon that are compared with others: the address; the common part of all addresses of one
maker, without the octet with the local bit; TSF (None: unknown) and the time at which it was zero, in microseconds;
time and sequence number of the beacon; hash of its elements and of the presence of a TIM. A plain tuple, because each
newcomer is compared with many, and a named one costs three times as much to take apart."""


def newcomer(frame: Frame, address: bytes, said: Announcement, now: float) -> Newcomer:
    """Return the parts of an access point's first beacon."""
    tsf = None if frame.timeless else int.from_bytes(frame.raw[frame.body : frame.body + 8], "little")
    # A fingerprint leaves out the TIM because its contents change; but its absence marks most fakes.
    look = hash((said.fingerprint, _TIM in said.numbers))
    return address, address[1:3], tsf, (tsf or 0) - int(now * 1e6), now, frame.seq, look


def marks(frame: Frame, new: Newcomer, said: Announcement, others: Iterable[Newcomer]) -> list[str]:
    """Return the marks of a newcomer in words; all have the same weight.

    `others` came shortly before it. Those with addresses of the same maker or radio are left out, because they have
    much in common anyway.
    """
    look = clock = counter = False
    address, maker, tsf, started, now, seq, shape = new
    found = _alone(frame, address, tsf, said)
    for other in others:
        if other[1] == maker:
            continue
        theirs, _, their_tsf, their_start, then, their_seq, their_shape = other
        # Mostly in integers: the board has no fast floating point.
        alike = not look and their_shape == shape
        ticks = (
            not clock
            and tsf is not None
            and their_tsf is not None
            and (
                -_TOGETHER < started - their_start < _TOGETHER
                or (-_FROZEN < tsf - their_tsf < _FROZEN and now - then > _APART)
            )
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


def _alone(frame: Frame, address: bytes, tsf: int | None, said: Announcement) -> list[str]:
    found = []
    if address[0] & 1:
        found += ["its address is one for groups", "which no device has"]
    elif not address[0] & 2 and not vendor(address):
        found.append("its address is no maker's")
    numbers = said.numbers
    if numbers and not frame.cut and not said.adhoc and not address.startswith(_NAN):
        if _TIM not in numbers:
            found.append("its beacon lacks the TIM, which every access point sends")
        if _RATES not in numbers:
            found.append("its beacon lacks the rates")
    if tsf is not None and tsf < _YOUNG:
        found.append("its clock is at zero")
    return found
