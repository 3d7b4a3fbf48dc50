"""Data in clear in an encrypted network."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whimbrel.detections.base import EXPOSED, FRAGMENT, HIGH, LOW, Claim, Detection
from whimbrel.detections.options import RuleSettings, option
from whimbrel.detections.protocol.parties import is_protected
from whimbrel.detections.tables import Burst, Recent
from whimbrel.events.air import HandshakeSeen
from whimbrel.events.alerts import Severity
from whimbrel.settings import Duration
from whimbrel.text import mac
from whimbrel.wifi.fcs import holds
from whimbrel.wifi.kinds import DATA, FROM_DS, MORE_FRAGMENTS, NULL, QOS_DATA, QOS_NULL, TO_DS
from whimbrel.wifi.payloads import ethertype, payloads

if TYPE_CHECKING:
    from whimbrel.detections.air import Air
    from whimbrel.events.base import Body
    from whimbrel.wifi.frames import Frame

_BSSIDS = 32
_KEYED = 256
_DS = TO_DS | FROM_DS
_CARRIES_DATA = (*range(DATA, NULL), *range(QOS_DATA, QOS_NULL))
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

    frames: int = option(default=3, low=1, high=8, help="Data frames in clear at one access point.")
    window: Duration = option(default=Duration(30.0), low=1, help="Within this much listening.")


class PlaintextInProtected(Detection[PlaintextInProtectedSettings]):
    """Within `window`, `frames` data frames in clear are sent between an access point with WPA or later and its
    stations.

    Counted: IPv4, IPv6, ARP and VLAN frames between a station and its access point, alone or in an A-MSDU, and
    fragments in clear, to groups too. Not counted: EAPOL, pre-authentication, TDLS and other control protocols; frames
    without data; whole frames to a group; links between access points (four addresses); ad-hoc networks; WEP; BSSIDs
    that recently announced an open network; copies of one frame. A warning if the station's handshake was heard,
    otherwise a notice.
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
        "CVE-2020-26140, CVE-2020-26143, CVE-2020-26145; CVE-2022-47522; "
        "Vanhoef: Fragment and Forge, USENIX Security 2021"
    )
    Settings = PlaintextInProtectedSettings
    kinds = frozenset(kind + EXPOSED + more for kind in _CARRIES_DATA for more in (0, FRAGMENT))
    findings = (HandshakeSeen,)

    def __init__(self, settings: PlaintextInProtectedSettings, air: Air) -> None:
        super().__init__(settings, air)
        self._heard: Recent[tuple[bytes, bool], _Heard] = Recent(
            _BSSIDS, lambda: _Heard(Burst(settings.frames, settings.window))
        )
        self._keyed: Recent[bytes, bool] = Recent(_KEYED, lambda: True)
        self._control: Recent[tuple[bytes, int | None], bool] = Recent(_BSSIDS, lambda: True)

    def learn(self, frame: Frame, finding: Body) -> None:
        """Remember stations with keys."""
        if isinstance(finding, HandshakeSeen):
            self._keyed.use(finding.bssid + finding.station)

    def observe(self, frame: Frame) -> Claim | None:
        """Judge a data frame in clear."""
        bssid, ra, ta = frame.bssid, frame.ra, frame.ta
        direction = frame.flags & _DS
        if bssid is None or ra is None or ta is None or direction not in (TO_DS, FROM_DS):
            return None
        ap = self.air.survey.access_points.table.entries.get(bssid)
        if ap is None or not is_protected(ap):
            return None
        group = bool(ra[0] & 1)
        what = self._contents(frame, ta, group=group)
        if not what or holds(frame) is False:
            return None
        station = ra if direction == FROM_DS else ta
        keyed = bssid + station in self._keyed
        heard = self._heard.use((bssid, keyed))
        copy = (ta, frame.seq, frame.fragment)
        if heard.last == copy:
            return None
        heard.last = copy
        if not heard.burst.hit(self.air, frame):
            return None
        return Claim(
            (bssid, keyed),
            f"{mac(ta)} sent {what} to {mac(ra)} in clear, though the network is {ap.announced.security.name}; "
            f"{heard.burst.total} such frames so far",
            bssid=bssid,
            ssid=ap.ssid,
            sender=ta,
            receiver=ra,
            seen=heard.burst.total,
            threshold=f"{self.settings.frames} in {self.settings.window:g} s",
            confidence=HIGH if keyed else LOW,
            severity=Severity.WARNING if keyed else Severity.NOTICE,
            frames=tuple(heard.burst.frames),
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


def _is_control(frame: Frame) -> bool:
    """Return whether a first fragment belongs to EAPOL or another protocol that may be in clear."""
    return any((of := ethertype(frame.raw, start, end)) and of not in _TYPES for start, end in payloads(frame))


DETECTIONS = (PlaintextInProtected,)
