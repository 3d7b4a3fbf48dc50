"""Attacks by fragments and A-MSDUs: FragAttacks, as far as they are visible without the keys."""

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
"""Seconds for which the fragments of one MSDU are put together; receivers wait about as long (IEEE 802.11-2020,
10.6)."""
_EXTENDED_IV = 0x20


class _Msdu:
    """The fragments of one MSDU that were heard."""

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
    gaps: int = option(default=3, low=1, high=8, help="Packets with fragments whose packet numbers do not follow.")
    window: Duration = option(default=Duration(60.0), low=1, help="Within this much listening, from one sender to one.")


class MixedFragments(Detection[MixedFragmentsSettings]):
    """The fragments of `msdus` packets within `window`, of one sender to one receiver, are partly in clear (critical).

    Or those of `gaps` packets are all encrypted, but the packet number (CCMP, GCMP, TKIP) of a fragment is not that of
    the one before plus one, as a sender must make them (warning). Fragments belong to one packet by sender, receiver,
    TID and sequence number, within 2 s. Frames whose check sequence does not fit do not count. That fragments were
    encrypted under different keys (CVE-2020-24587), or wait from before a reassociation (CVE-2020-24586), shows only if
    their packet numbers do not follow.
    """

    rule = "mixed-fragments"
    family = "protocol"
    title = "Fragments that do not fit"
    severity = Severity.CRITICAL
    meaning = (
        "A packet came in pieces of which some are encrypted and some are not, or which were not made together. No "
        "device sends that; somebody puts pieces of their own into encrypted packets (FragAttacks)."
    )
    advice = "Update the receiver named: devices with the fixes of 2021 drop such packets. Avoid plain HTTP there."
    fooled_by = (
        "Damaged frames of a capture without check sequences, by chance. An attacker who forges only whole frames, or "
        "keeps the packet numbers in order, is not seen."
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
        """Put the fragments of a packet together."""
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
        how = "partly encrypted and partly in clear" if mixed else "numbered as no sender numbers them"
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
    """Process the packet number of an encrypted fragment; return whether it follows those of its neighbours."""
    raw, at, fragment = frame.raw, frame.body, frame.fragment
    if at + 8 > frame.end or not raw[at + 3] & _EXTENDED_IV:
        return True
    number = _packet_number(raw, at)
    known = numbers.setdefault(fragment, number)
    before, after = numbers.get(fragment - 1), numbers.get(fragment + 1)
    # A fragment that is sent again may be encrypted anew: then nothing can be told.
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
    """`frames` QoS data frames in clear within `window`, of one sender to one receiver, are marked as A-MSDU, but begin
    as a plain packet does: their first subframe would be for aa:aa:03:00:00:00.

    Only in a network that encrypts (WPA or later), where it is how EAPOL or data in clear gets past a receiver. Where
    the attack marks an encrypted frame, only a copy relayed on another channel differs, and nothing is readable: that
    is not seen.
    """

    rule = "amsdu-injection"
    family = "protocol"
    title = "Packet posing as A-MSDU"
    severity = Severity.CRITICAL
    meaning = (
        "A frame says that it is a bundle of packets, but holds one. A receiver without the fixes unpacks it "
        "wrongly and takes in packets that an attacker chose."
    )
    advice = "Update the receiver named: devices with the fixes of 2021 drop such frames."
    fooled_by = (
        "Receivers that take bundles apart themselves and leave the mark, as they do in open networks. The "
        "attack on encrypted frames cannot be seen from outside."
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
            f"{mac(ta)} sent {burst.total} frames in clear to {mac(ra)} that are marked as A-MSDU and begin with the "
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
