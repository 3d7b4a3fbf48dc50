"""Attacks by fragments and A-MSDUs: those FragAttacks that are visible without the keys."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from whimbrel.detections.base import ENCRYPTED, EXPOSED, FRAGMENT, HIGH, MEDIUM, Claim, Detection
from whimbrel.detections.options import RuleSettings, option
from whimbrel.detections.protocol.parties import is_protected
from whimbrel.detections.tables import Burst, Recent
from whimbrel.events.alerts import Severity
from whimbrel.settings import Duration
from whimbrel.text import mac
from whimbrel.wifi.fcs import holds
from whimbrel.wifi.kinds import DATA, PROTECTED, QOS_DATA, QOS_NULL
from whimbrel.wifi.payloads import poses_as_amsdu

if TYPE_CHECKING:
    from whimbrel.detections.air import Air
    from whimbrel.wifi.frames import Frame

_MSDUS = 32
_PAIRS = 32
_LIFE = 2.0
"""The most seconds between the fragments of one MSDU; receivers wait about as long (IEEE 802.11-2020, 10.6)."""
_EXTENDED_IV = 0x20


class _Msdu:
    """The heard fragments of one MSDU."""

    __slots__ = ("at", "clear", "counted", "frames", "numbers", "secret")

    def __init__(self) -> None:
        self.start(float("-inf"))

    def start(self, now: float) -> None:
        self.at = now
        self.clear = self.secret = False
        self.counted = False
        self.numbers: dict[int, int] = {}  # packet number by fragment
        self.frames: deque[Frame] = deque(maxlen=2)


class MixedFragmentsSettings(RuleSettings):
    """The thresholds."""

    msdus: int = option(default=2, low=1, high=8, help="Packets with fragments in clear and encrypted ones.")
    gaps: int = option(default=3, low=1, high=8, help="Packets whose fragments do not have consecutive packet numbers.")
    window: Duration = option(default=Duration(60.0), low=1, help="Within this much listening, from one sender to one.")


class MixedFragments(Detection[MixedFragmentsSettings]):
    """Within `window`, one sender sends one receiver `msdus` packets whose fragments are partly encrypted and partly in
    clear (critical).

    Or the fragments of `gaps` packets are all encrypted, but their packet numbers (CCMP, GCMP, TKIP) are not
    consecutive, as the standard requires (warning). Fragments of one packet have the same sender, receiver, TID and
    sequence number, and come within 2 s. Frames with a wrong check sequence do not count. Fragments encrypted under
    different keys (CVE-2020-24587), or kept from before a reassociation (CVE-2020-24586), are detected only if their
    packet numbers are not consecutive.
    """

    rule = "mixed-fragments"
    family = "protocol"
    title = "Fragments that do not fit"
    severity = Severity.CRITICAL
    meaning = (
        "A packet came in fragments of which only some are encrypted, or which do not belong together. No device sends"
        " such packets; somebody inserts fragments into encrypted packets (FragAttacks)."
    )
    advice = "Update the named receiver: devices with the fixes of 2021 drop such packets. Avoid plain HTTP there."
    fooled_by = (
        "Damaged frames in a capture without check sequences, by chance. An attacker who forges only whole frames, or"
        " keeps the packet numbers in order, is missed."
    )
    reference = (
        "CVE-2020-24586, CVE-2020-24587, CVE-2020-26146, CVE-2020-26147; "
        "Vanhoef: Fragment and Forge, USENIX Security 2021"
    )
    Settings = MixedFragmentsSettings
    kinds = frozenset(kind + FRAGMENT + how for kind in (DATA, QOS_DATA) for how in (0, EXPOSED, ENCRYPTED))

    def __init__(self, settings: MixedFragmentsSettings, air: Air) -> None:
        super().__init__(settings, air)
        self._msdus: Recent[tuple[bytes, bytes, int | None, int], _Msdu] = Recent(_MSDUS, _Msdu)
        window = settings.window
        self._mixed: Recent[bytes, Burst] = Recent(_PAIRS, lambda: Burst(settings.msdus, window))
        self._gaps: Recent[bytes, Burst] = Recent(_PAIRS, lambda: Burst(settings.gaps, window))

    def observe(self, frame: Frame) -> Claim | None:
        """Collect the fragments of a packet."""
        ta, ra, seq = frame.ta, frame.ra, frame.seq
        if ta is None or ra is None or seq is None or ra[0] & 1 or holds(frame) is False:
            return None
        msdu = self._msdus.use((ta, ra, frame.tid, seq))
        now = self.air.now
        if not 0 <= now - msdu.at <= _LIFE:
            msdu.start(now)
        msdu.frames.append(frame)
        if frame.flags & PROTECTED:
            msdu.secret = True
        else:
            msdu.clear = True
        if msdu.clear and msdu.secret:
            return self._count(frame, msdu, mixed=True)
        if msdu.secret and not _follows(frame, msdu.numbers):
            return self._count(frame, msdu, mixed=False)
        return None

    def _count(self, frame: Frame, msdu: _Msdu, *, mixed: bool) -> Claim | None:
        if msdu.counted or frame.ta is None or frame.ra is None:
            return None
        msdu.counted = True
        needed = self.settings.msdus if mixed else self.settings.gaps
        burst = (self._mixed if mixed else self._gaps).use(frame.ta + frame.ra)
        if not burst.hit(self.air, frame):
            return None
        how = "partly encrypted and partly in clear" if mixed else "not numbered consecutively"
        return Claim(
            (frame.ta, frame.ra, mixed),
            f"{mac(frame.ta)} sent {burst.total} packets to {mac(frame.ra)} in fragments that are {how}",
            bssid=frame.bssid,
            ssid=self.air.name_of(frame.bssid),
            sender=frame.ta,
            receiver=frame.ra,
            seen=burst.total,
            threshold=f"{needed} in {self.settings.window:g} s",
            confidence=HIGH if mixed else MEDIUM,
            severity=Severity.CRITICAL if mixed else Severity.WARNING,
            frames=(*list(burst.frames)[:-1], *msdu.frames),
        )


def _follows(frame: Frame, numbers: dict[int, int]) -> bool:
    """Process the packet number of an encrypted fragment; return whether it is consecutive to its neighbours'
    numbers."""
    raw, at, fragment = frame.raw, frame.body, frame.fragment
    if at + 8 > frame.end or not raw[at + 3] & _EXTENDED_IV:
        return True
    number = _packet_number(raw, at)
    known = numbers.setdefault(fragment, number)
    before, after = numbers.get(fragment - 1), numbers.get(fragment + 1)
    # A retransmitted fragment may be encrypted again: then its number proves nothing.
    return known != number or ((before is None or before + 1 == number) and (after is None or number + 1 == after))


def _packet_number(raw: bytes, at: int) -> int:
    """Read the 48 bits of CCMP and GCMP, whose third octet is 0, or of TKIP (IEEE 802.11-2020, 12.5.2.2, 12.5.3.2)."""
    high = int.from_bytes(raw[at + 4 : at + 8], "little") << 16
    tkip = raw[at + 1] == (raw[at] | 0x20) & 0x7F and raw[at + 2]
    return high | (raw[at] << 8 | raw[at + 2] if tkip else raw[at + 1] << 8 | raw[at])


class AmsduInjectionSettings(RuleSettings):
    """The thresholds."""

    frames: int = option(default=2, low=1, high=8, help="Such frames of one sender to one receiver.")
    window: Duration = option(default=Duration(60.0), low=1, help="Within this much listening.")


class AmsduInjection(Detection[AmsduInjectionSettings]):
    """Within `window`, one sender sends one receiver `frames` QoS data frames in clear that are marked as A-MSDU but
    begin like a plain packet: their first subframe would be addressed to aa:aa:03:00:00:00.

    Only networks with encryption (WPA or later) are checked; there such frames smuggle EAPOL or data in clear past a
    receiver. The variant that marks an encrypted frame is missed: it changes only a copy relayed on another channel,
    and that is not readable.
    """

    rule = "amsdu-injection"
    family = "protocol"
    title = "Packet posing as A-MSDU"
    severity = Severity.CRITICAL
    meaning = (
        "A frame is marked as a bundle of packets, but contains only one. A receiver without the fixes unpacks it"
        " wrongly, and accepts packets chosen by an attacker."
    )
    advice = "Update the named receiver: devices with the fixes of 2021 drop such frames."
    fooled_by = (
        "Receivers that unpack bundles themselves and leave the mark, as in open networks. The attack on encrypted"
        " frames is invisible from outside."
    )
    reference = "CVE-2020-24588, CVE-2020-26144; Vanhoef: Fragment and Forge, USENIX Security 2021"
    Settings = AmsduInjectionSettings
    kinds = frozenset(kind + EXPOSED for kind in range(QOS_DATA, QOS_NULL))

    def __init__(self, settings: AmsduInjectionSettings, air: Air) -> None:
        super().__init__(settings, air)
        self._bursts: Recent[bytes, Burst] = Recent(_PAIRS, lambda: Burst(settings.frames, settings.window))

    def observe(self, frame: Frame) -> Claim | None:
        """Examine the beginning of a frame marked as an A-MSDU."""
        if not poses_as_amsdu(frame):
            return None
        ta, ra = frame.ta, frame.ra
        if ta is None or ra is None or frame.fragment or holds(frame) is False:
            return None
        burst = self._bursts.use(ta + ra)
        if burst.frames and burst.frames[-1].seq == frame.seq:
            return None
        ap = self.air.access_point(frame.bssid)
        if not is_protected(ap) or not burst.hit(self.air, frame):
            return None
        return Claim(
            (ta, ra),
            f"{mac(ta)} sent {burst.total} frames in clear to {mac(ra)} that are marked as A-MSDU but begin with the "
            "header of a plain packet",
            bssid=frame.bssid,
            ssid=b"" if ap is None else ap.ssid,
            sender=ta,
            receiver=ra,
            seen=burst.total,
            threshold=f"{self.settings.frames} in {self.settings.window:g} s",
            confidence=HIGH,
            frames=tuple(burst.frames),
        )


DETECTIONS = (MixedFragments, AmsduInjection)
