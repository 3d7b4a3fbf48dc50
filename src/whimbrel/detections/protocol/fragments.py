"""Attacks by fragments: FragAttacks, as far as they are visible without the keys."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from whimbrel.detections.base import ENCRYPTED, EXPOSED, FRAGMENT, HIGH, LOW, MEDIUM, Claim, Detection
from whimbrel.detections.options import RuleSettings, option
from whimbrel.detections.protocol.cipher import is_header, packet_number
from whimbrel.detections.protocol.parties import is_protected
from whimbrel.detections.protocol.proof import Copies
from whimbrel.detections.tables import EPISODE, EpisodeTally, Recent
from whimbrel.events.alerts import Severity
from whimbrel.text import mac
from whimbrel.wifi.fcs import holds
from whimbrel.wifi.kinds import DATA, FROM_DS, MORE_FRAGMENTS, PROTECTED, QOS_DATA, TO_DS
from whimbrel.wording.quantities import count

if TYPE_CHECKING:
    from whimbrel.detections.air import Air
    from whimbrel.survey.station import Station
    from whimbrel.wifi.frames import Frame

_MSDUS = 32
_TALLIES = 32
_LIFE = 2.0
"""The most seconds between the fragments of one MSDU; receivers wait about as long (IEEE 802.11-2020, 10.6)."""
_OVER_KEYS = 60.0
"""Seconds for which a receiver without the fix keeps a fragment from before it joined again."""
_RECENT = 60.0
"""Seconds for which the last packet number of a sender predicts the next ones."""
_LINE = 64
"""Packet numbers by which frames of one sender may be out of order: the longest window of a block acknowledgement."""
_STRAYS = 8
_BRACKET = 10.0
"""Seconds within which the sender must continue its numbers after a stray fragment."""
_REPEATED = 3
"""Packets with the same fault between the same two that are proof without a check sequence."""
_RARE = 8
"""One of so many packets in fragments may be damaged where it shows; more have the fault by intention."""

_MIXED = "some encrypted and some in clear"
_GAPS = "not numbered consecutively"
_KEYS = "some sent before and some after the two changed their keys"
_GROUP = "though it is for a group, and no device does that"
_STRAY = "numbered apart from all that its sender sent just before and right after"

_Key = tuple[bytes, bytes, int | None, int]


class _Msdu:
    """The heard fragments of one MSDU."""

    __slots__ = ("at", "clear", "counted", "frames", "keys", "numbers", "proven", "secret")

    def __init__(self) -> None:
        self.start(float("-inf"), 0)

    def start(self, now: float, keys: int) -> None:
        self.at = now
        self.keys = keys
        self.clear = self.secret = False
        self.counted: set[str] = set()
        self.proven: dict[int, bool] = {}  # by fragment, whether it is undamaged
        self.numbers: dict[int, int] = {}  # packet number by fragment
        self.frames: deque[Frame] = deque(maxlen=3)


class _Stray:
    """A fragment with a packet number far from its sender's last one."""

    __slots__ = ("before", "msdu", "now", "number", "proven")

    def __init__(self, msdu: _Msdu, before: int, number: int, now: float) -> None:
        self.msdu = msdu
        self.before = before
        self.number = number
        self.now = now
        self.proven = False


class MixedFragmentsSettings(RuleSettings):
    """The threshold."""

    packets: int = option(default=1, low=1, high=8, help="Packets of one sender to one receiver with the same fault.")


class MixedFragments(Detection[MixedFragmentsSettings]):
    """In a network with WPA or later, one sender sends one receiver `packets` packets, at most 120 s apart, whose
    fragments have one of these faults:

    - some are in clear, others encrypted;
    - all are encrypted, but their packet numbers (CCMP, GCMP, TKIP) are not consecutive;
    - one was sent before the two joined again or made a handshake, and the next one, with the next packet number, after
      it, within 60 s;
    - they are addressed to a group;
    - the packet number of one differs by over 64 from the sender's last one to this receiver in the 60 s before, and
      within 10 s the sender continues with the previous number, or at most 64 further.

    Fragments of one packet have the same sender, receiver, TID and sequence number, and come within 2 s. A warning if
    the fragments are certain, otherwise a notice. They are if their check sequences are correct; if the same octets
    were heard twice; or, in a capture without check sequences, from the third packet of this sender for this receiver
    with the same fault on, if over one in eight of its packets in fragments has it: damage is rarer. Frames with a
    wrong check sequence do not count, nor do fragments in clear that begin like encrypted ones: they lost the mark in
    transmission.
    """

    rule = "mixed-fragments"
    family = "protocol"
    title = "Fragments that do not fit"
    severity = Severity.WARNING
    meaning = (
        "A packet came in fragments of which only some are encrypted, or which do not belong together. No device sends"
        " such packets; somebody inserts fragments into encrypted packets (FragAttacks)."
    )
    advice = "Update the named receiver: devices with the fixes of 2021 drop such packets. Avoid plain HTTP there."
    fooled_by = (
        "Damaged frames in a capture without check sequences: usually a notice. An old driver whose queues overtake"
        " each other by more than 64 packets while it sends fragments. This rule misses attackers who forge only whole"
        " frames, and fragments under two keys if the change of keys was not heard."
    )
    reference = (
        "CVE-2020-24586, CVE-2020-24587, CVE-2020-26142, CVE-2020-26145, CVE-2020-26146, CVE-2020-26147; IEEE"
        " 802.11-2020, 10.4; Vanhoef: Fragment and Forge, USENIX Security 2021"
    )
    Settings = MixedFragmentsSettings
    kinds = frozenset(
        kind + more
        for kind in (DATA, QOS_DATA)
        for more in (FRAGMENT, FRAGMENT + EXPOSED, FRAGMENT + ENCRYPTED, ENCRYPTED)
    )

    def __init__(self, settings: MixedFragmentsSettings, air: Air) -> None:
        super().__init__(settings, air)
        self._msdus: Recent[_Key, _Msdu] = Recent(_MSDUS, _Msdu)
        # By sender, receiver and fault.
        self._tallies: Recent[tuple[bytes, str], EpisodeTally] = Recent(_TALLIES, EpisodeTally)
        # By sender and receiver, packets in fragments.
        self._packets: Recent[bytes, EpisodeTally] = Recent(_TALLIES, EpisodeTally)
        self._strays: dict[bytes, _Stray] = {}
        self._copies = Copies()

    @property
    def idle(self) -> bool:  # type: ignore[override]
        """Whether no stray fragment was heard just now."""
        return not self._strays

    def observe(self, frame: Frame) -> Claim | None:
        """Collect the fragments of a packet."""
        ta, ra, seq = frame.ta, frame.ra, frame.seq
        if ta is None or ra is None or seq is None:
            return None
        if not (frame.fragment or frame.flags & MORE_FRAGMENTS):
            return self._goes_on(frame, ta + ra) if self._strays else None
        if holds(frame) is False:
            return None
        if ra[0] & 1:
            return self._to_group(frame)
        station = self._station(frame)
        msdu = self._msdu(frame, (ta, ra, frame.tid, seq), 0 if station is None else station.keys)
        if frame.flags & PROTECTED:
            return self._secret(frame, msdu, station)
        if is_header(frame.raw, frame.body, frame.end):
            return None
        msdu.clear = True
        msdu.frames.append(frame)
        msdu.proven[frame.fragment] = self._copies.proven(frame) or msdu.proven.get(frame.fragment, False)
        return self._count(frame, msdu, _MIXED) if msdu.secret else None

    def _station(self, frame: Frame) -> Station | None:
        way = frame.flags & (TO_DS | FROM_DS)
        return self.air.station(frame.ta if way == TO_DS else frame.ra)

    def _msdu(self, frame: Frame, key: _Key, keys: int) -> _Msdu:
        """Return the packet that a fragment belongs to."""
        msdu = self._msdus.use(key)
        now = self.air.now
        age = now - msdu.at
        waits = msdu.keys != keys and frame.fragment - 1 in msdu.numbers and 0 <= age <= _OVER_KEYS
        if not 0 <= age <= _LIFE and not waits:
            msdu.start(now, keys)
            self._packets.use(key[0] + key[1]).hit(now)
        return msdu

    def _secret(self, frame: Frame, msdu: _Msdu, station: Station | None) -> Claim | None:
        """Judge an encrypted fragment."""
        number = packet_number(frame.raw, frame.body, frame.end)
        if number is None:
            return None
        fragment = frame.fragment
        keys = msdu.keys if station is None else station.keys
        over = msdu.keys != keys
        if over and msdu.numbers.get(fragment - 1) != number - 1:
            msdu.start(self.air.now, keys)
            over = False
        msdu.secret = True
        msdu.frames.append(frame)
        msdu.proven[fragment] = self._copies.proven(frame) or msdu.proven.get(fragment, False)
        follows = _follows(fragment, number, msdu.numbers)
        if over:
            return self._count(frame, msdu, _KEYS)
        if msdu.clear:
            return self._count(frame, msdu, _MIXED)
        if not follows:
            return self._count(frame, msdu, _GAPS)
        if station is not None:
            self._look_for_stray(frame, msdu, station, number)
        return None

    def _to_group(self, frame: Frame) -> Claim | None:
        """Judge a fragment for a group."""
        if not frame.flags & FROM_DS or not is_protected(self.air.access_point(frame.bssid)):
            return None
        msdu = self._msdu(frame, (frame.ta or b"", frame.ra or b"", frame.tid, frame.seq or 0), 0)
        msdu.frames.append(frame)
        msdu.proven[frame.fragment] = self._copies.proven(frame)
        return self._count(frame, msdu, _GROUP)

    def _look_for_stray(self, frame: Frame, msdu: _Msdu, station: Station, number: int) -> None:
        """Note a fragment with a packet number far from its sender's last one."""
        sealed = station.sealed_up if frame.ta == station.address else station.sealed_down
        if sealed is None or not 0 <= frame.time - sealed[0] <= _RECENT:
            return
        before = packet_number(sealed[1], 0, len(sealed[1]))
        if before is None or abs(number - before) <= _LINE:
            return
        key = (frame.ta or b"") + (frame.ra or b"")
        if key not in self._strays and len(self._strays) >= _STRAYS:
            del self._strays[next(iter(self._strays))]
        self._strays[key] = _Stray(msdu, before, number, self.air.now)

    def _goes_on(self, frame: Frame, key: bytes) -> Claim | None:
        """Judge a whole frame that comes after a stray fragment of its sender."""
        stray = self._strays.get(key)
        if stray is None:
            return None
        number = packet_number(frame.raw, frame.body, frame.end)
        if number is None or number == stray.before:
            return None
        del self._strays[key]
        on = 0 < number - stray.before <= _LINE and abs(stray.number - number) > _LINE
        if not on or not 0 <= self.air.now - stray.now <= _BRACKET or holds(frame) is False:
            return None
        return self._count(frame, stray.msdu, _STRAY)

    def _count(self, frame: Frame, msdu: _Msdu, fault: str) -> Claim | None:
        """Count a packet with a fault; once, or again when it becomes more certain."""
        ta, ra = frame.ta or b"", frame.ra or b""
        tally = self._tallies.use((ta + ra, fault))
        if fault not in msdu.counted:
            msdu.counted.add(fault)
            tally.hit(self.air.now)
        if tally.total < self.settings.packets:
            return None
        proven = all(msdu.proven.values()) or (holds(frame) is None and self._repeats(ta + ra, tally.total))
        sure = fault in {_MIXED, _KEYS, _GROUP}
        return Claim(
            (ta, ra, fault),
            f"{count(tally.total, 'packet')} of {mac(ta)} for {mac(ra)} came in fragments, {fault}.",
            bssid=frame.bssid,
            ssid=self.air.name_of(frame.bssid),
            sender=ta,
            receiver=ra,
            seen=tally.total,
            threshold=f"{self.settings.packets} in {EPISODE:g} s",
            confidence=LOW if not proven else HIGH if sure else MEDIUM,
            severity=Severity.WARNING if proven else Severity.NOTICE,
            frames=[before for before in msdu.frames if before is not frame],
        )

    def _repeats(self, pair: bytes, faults: int) -> bool:
        """Return whether the same fault is too frequent between these two for damage."""
        packets = self._packets.get(pair)
        return faults >= _REPEATED and (packets is None or faults * _RARE > packets.total)

    def turn(self) -> tuple[()]:
        """Forget stray fragments after which nothing came, so that encrypted frames cost nothing."""
        if self._strays:
            now = self.air.now
            for key in [k for k, stray in self._strays.items() if not 0 <= now - stray.now <= _BRACKET]:
                del self._strays[key]
        return ()


def _follows(fragment: int, number: int, numbers: dict[int, int]) -> bool:
    """Process the packet number of an encrypted fragment; return whether it is consecutive to its neighbours'
    numbers."""
    known = numbers.setdefault(fragment, number)
    before, after = numbers.get(fragment - 1), numbers.get(fragment + 1)
    # A retransmitted fragment may be encrypted again: then its number proves nothing.
    return known != number or ((before is None or before + 1 == number) and (after is None or number + 1 == after))


DETECTIONS = (MixedFragments,)
