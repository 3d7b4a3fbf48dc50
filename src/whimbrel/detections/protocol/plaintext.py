"""Data in clear in an encrypted network."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whimbrel.detections.base import ENCRYPTED, EXPOSED, FRAGMENT, HIGH, LOW, MEDIUM, SEEN, Claim, Detection
from whimbrel.detections.options import RuleSettings, option
from whimbrel.detections.protocol.cipher import is_header
from whimbrel.detections.protocol.parties import is_protected
from whimbrel.detections.protocol.proof import Copies, is_ipv4
from whimbrel.detections.tables import Burst, Recent
from whimbrel.events.air import HandshakeSeen
from whimbrel.events.alerts import Severity
from whimbrel.settings import Duration
from whimbrel.text import mac
from whimbrel.wifi.fcs import holds
from whimbrel.wifi.kinds import DATA, FROM_DS, MORE_FRAGMENTS, NULL, PROTECTED, QOS_DATA, QOS_NULL, TO_DS
from whimbrel.wifi.payloads import ethertype, payloads

if TYPE_CHECKING:
    from whimbrel.detections.air import Air
    from whimbrel.events.base import Body
    from whimbrel.survey.access_point import AccessPoint
    from whimbrel.survey.station import Station
    from whimbrel.wifi.frames import Frame

_BSSIDS = 32
_KEYED = 256
_DS = TO_DS | FROM_DS
_CARRIES_DATA = (*range(DATA, NULL), *range(QOS_DATA, QOS_NULL))
_EAPOL = b"\x88\x8e"
_PORT = bytes.fromhex("0180c2000003")
"""The group address of the other end of a login (IEEE 802.1X-2020, 11.1.1)."""
_AT_WORK = 10.0
"""Seconds since its last encrypted frame in which a sender has its keys for certain."""
_FORWARD = 5.0
"""Seconds within which an access point passes a packet on."""
_RELAYS = 8
_TYPES = {b"\x08\x00": "IPv4", b"\x08\x06": "ARP", b"\x86\xdd": "IPv6", b"\x81\x00": "VLAN"}
"""EtherTypes of user traffic. All others (EAPOL, pre-authentication, TDLS, a vendor's link control) may be in clear."""


class _Heard:
    """The packets in clear at one BSSID."""

    __slots__ = ("burst", "last")

    def __init__(self, burst: Burst) -> None:
        self.burst = burst
        self.last: tuple[bytes | None, int | None, int] | None = None


class PlaintextInProtectedSettings(RuleSettings):
    """The thresholds."""

    frames: int = option(
        default=3, low=1, high=8, help="Data frames in clear at one access point; one, where its sender had keys."
    )
    window: Duration = option(default=Duration(30.0), low=1, help="Within this much listening.")


class PlaintextInProtected(Detection[PlaintextInProtectedSettings]):
    """Within `window`, `frames` data frames in clear are sent between an access point with WPA or later and its
    stations.

    Counted: IPv4, IPv6, ARP and VLAN frames between a station and its access point, alone or in an A-MSDU; fragments in
    clear, to groups too; and EAPOL in clear from a station to another station of the access point, or to an unknown
    receiver if it is forwarded there, encrypted, within 5 s. Not counted: other EAPOL, pre-authentication, TDLS and
    other control protocols; frames without data; whole frames to a group; links between access points (four addresses);
    ad-hoc networks; WEP; BSSIDs that recently announced an open network; copies of one frame; frames that begin like
    encrypted ones: they lost the mark in transmission.

    A warning if the station's handshake was heard, otherwise a notice. One frame is enough for a warning if its sender
    has encrypted data for that receiver in the 10 s before, has not left, and the frame is certain: its check sequence
    is correct, the same octets were heard twice, or it is IPv4 with a correct checksum. One frame is enough for a
    notice if the station's handshake was heard. The second packet of EAPOL from one station to one other is certain.
    """

    rule = "plaintext-in-protected"
    family = "protocol"
    title = "Unencrypted data in WPA"
    severity = Severity.WARNING
    meaning = (
        "Unencrypted data was sent in a network that encrypts everything. Somebody injects frames (FragAttacks), or"
        " tricks the access point into sending stored frames in clear (Framing Frames)."
    )
    advice = "Update the access point and the named station: devices with the fixes drop such frames."
    fooled_by = (
        "A driver that sends its queue without the key while it leaves or joins. An access point with several networks"
        " on one BSSID. Frames injected on another channel are missed."
    )
    reference = (
        "CVE-2020-26139, CVE-2020-26140, CVE-2020-26143, CVE-2020-26145; CVE-2022-47522; "
        "Vanhoef: Fragment and Forge, USENIX Security 2021"
    )
    Settings = PlaintextInProtectedSettings
    kinds = frozenset(
        [kind + EXPOSED + more for kind in _CARRIES_DATA for more in (0, FRAGMENT)]
        + [kind + ENCRYPTED for kind in (DATA, QOS_DATA)]
    )
    findings = (HandshakeSeen,)

    def __init__(self, settings: PlaintextInProtectedSettings, air: Air) -> None:
        super().__init__(settings, air)
        self._heard: Recent[tuple[bytes, bool], _Heard] = Recent(
            _BSSIDS, lambda: _Heard(Burst(settings.frames, settings.window))
        )
        self._keyed: Recent[bytes, bool] = Recent(_KEYED, lambda: True)
        self._control: Recent[tuple[bytes, int | None], bool] = Recent(_BSSIDS, lambda: True)
        self._relays: dict[bytes, tuple[float, Frame]] = {}  # by source and destination, to be forwarded
        self._logins: Recent[bytes, int | None] = Recent(_BSSIDS, lambda: None)
        self._copies = Copies()

    @property
    def idle(self) -> bool:  # type: ignore[override]
        """Whether no packet waits for being passed on."""
        return not self._relays

    def learn(self, frame: Frame, finding: Body) -> None:
        """Remember stations with keys."""
        if isinstance(finding, HandshakeSeen):
            self._keyed.use(finding.bssid + finding.station)

    def observe(self, frame: Frame) -> Claim | None:
        """Judge a data frame in clear, or one that forwards such a frame."""
        bssid, ra, ta = frame.bssid, frame.ra, frame.ta
        direction = frame.flags & _DS
        if bssid is None or ra is None or ta is None or direction not in (TO_DS, FROM_DS):
            return None
        if frame.flags & PROTECTED:
            return self._passed_on(frame) if self._relays else None
        ap = self.air.survey.access_points.table.entries.get(bssid)
        if ap is None or not is_protected(ap):
            return None
        group = bool(ra[0] & 1)
        what = self._contents(frame, ta, group=group)
        if not what:
            return self._eapol_for_others(frame, ap) if direction == TO_DS else None
        if holds(frame) is False or is_header(frame.raw, frame.body, frame.end):
            return None
        address = ra if direction == FROM_DS else ta
        station = self.air.station(address)
        at_work = station is not None and _at_work(frame, station)
        proven = self._copies.proven(frame) or any(is_ipv4(frame.raw, *span) for span in payloads(frame))
        return self._count(frame, ap, what, sure=at_work and proven, keyed=bssid + address in self._keyed)

    def _count(self, frame: Frame, ap: AccessPoint, what: str, *, sure: bool, keyed: bool) -> Claim | None:
        """Count a frame that must not be in clear; `sure`: nothing harmless explains it."""
        keyed = keyed or sure
        heard = self._heard.use((ap.address, keyed))
        copy = (frame.ta, frame.seq, frame.fragment)
        enough = heard.last != copy and heard.burst.hit(self.air, frame)
        if heard.last == copy and not sure:
            return None
        heard.last = copy
        if not enough and not keyed:
            return None
        loud = keyed and (enough or sure)
        heard.burst.count_on()
        return Claim(
            (ap.address, keyed),
            f"{mac(frame.ta)} sent {what} to {mac(frame.ra)} in clear, though the network is "
            f"{ap.announced.security.name}; such frames so far: {SEEN}.",
            bssid=ap.address,
            ssid=ap.ssid,
            sender=frame.ta,
            receiver=frame.ra,
            seen=heard.burst.total,
            threshold=f"{self.settings.frames} in {self.settings.window:g} s, or one of a sender that had keys",
            confidence=HIGH if loud else LOW,
            severity=Severity.WARNING if loud else Severity.NOTICE,
            frames=heard.burst.before(frame),
        )

    def _contents(self, frame: Frame, ta: bytes, *, group: bool) -> str:
        """Return the kind of content that must not be in clear; empty if the frame may be in clear."""
        if frame.fragment:
            # Long EAPOL packets may be fragmented too, and only the first fragment contains the type.
            return "" if (ta, frame.seq) in self._control else "a broadcast fragment" if group else "a fragment"
        if frame.flags & MORE_FRAGMENTS:
            if _is_control(frame):
                self._control.use((ta, frame.seq))
                return ""
            return "a broadcast fragment" if group else "a fragment"
        if group:
            return ""
        types = (_TYPES.get(ethertype(frame.raw, start, end)) for start, end in payloads(frame))
        return next((what for what in types if what), "")

    def _eapol_for_others(self, frame: Frame, ap: AccessPoint) -> Claim | None:
        """Judge an EAPOL packet from a station to a receiver behind the access point."""
        da = frame.da
        if da is None or da in (ap.address, _PORT, frame.ta) or frame.amsdu or frame.fragment or da[0] & 1:
            return None
        if ethertype(frame.raw, frame.body, frame.end) != _EAPOL or holds(frame) is False:
            return None
        station = self.air.station(da)
        if station is not None and station.bssid == ap.address:
            return self._relay(frame, ap, sure=self._copies.proven(frame) or self._again(frame, da))
        if len(self._relays) >= _RELAYS:
            del self._relays[next(iter(self._relays))]
        # Nothing yet: of Wi-Fi 7, an access point's address inside is another one than on the air.
        self._relays[(frame.ta or b"") + da] = (self.air.now, frame)
        return None

    def _again(self, frame: Frame, da: bytes) -> bool:
        """Return whether the sender sent this receiver another such packet before: damage does not choose the same
        receiver twice."""
        key = (frame.ta or b"") + da
        before = self._logins.get(key)
        self._logins.put(key, frame.seq)
        return before is not None and before != frame.seq

    def _passed_on(self, frame: Frame) -> Claim | None:
        """Judge an encrypted frame that may pass on a packet of EAPOL."""
        ap = self.air.access_point(frame.bssid)
        sa, ra = frame.sa, frame.ra
        if frame.flags & _DS != FROM_DS or sa is None or ra is None or ap is None:
            return None
        waiting = self._relays.pop(sa + ra, None)
        if waiting is None or not 0 <= self.air.now - waiting[0] <= _FORWARD or holds(frame) is False:
            return None
        return self._relay(waiting[1], ap, sure=True)

    def _relay(self, frame: Frame, ap: AccessPoint, *, sure: bool) -> Claim:
        return Claim(
            (ap.address, frame.ta, frame.da),
            f"{mac(frame.ta)} sent a packet of the login (EAPOL) in clear to {mac(ap.address)} that is for "
            f"{mac(frame.da)}: an access point passes it on, without a login, if it has not the fix.",
            bssid=ap.address,
            ssid=ap.ssid,
            sender=frame.ta,
            receiver=frame.da,
            threshold="one",
            confidence=HIGH if sure else MEDIUM,
            severity=Severity.WARNING if sure else Severity.NOTICE,
            frames=(frame,),
        )

    def turn(self) -> tuple[()]:
        """Forget packets that were not passed on, so that encrypted frames cost nothing."""
        if self._relays:
            now = self.air.now
            for key in [key for key, (at, _) in self._relays.items() if not 0 <= now - at <= _FORWARD]:
                del self._relays[key]
        return ()


def _at_work(frame: Frame, station: Station) -> bool:
    """Return whether the sender of a frame had keys for certain: it had encrypted data just before."""
    sealed = station.sealed_up if frame.ta == station.address else station.sealed_down
    return (
        sealed is not None
        and 0 <= frame.time - sealed[0] <= _AT_WORK
        and station.bssid == frame.bssid
        and not station.left
    )


def _is_control(frame: Frame) -> bool:
    """Return whether a first fragment belongs to EAPOL or another protocol that may be in clear."""
    return any((of := ethertype(frame.raw, start, end)) and of not in _TYPES for start, end in payloads(frame))


DETECTIONS = (PlaintextInProtected,)
