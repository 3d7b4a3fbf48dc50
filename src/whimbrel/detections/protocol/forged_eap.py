"""The end of a login, in clear, between a station and an access point that have keys."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from whimbrel.detections.base import HIGH, LOW, MEDIUM, SEEN, Claim, Detection, Verdict
from whimbrel.detections.options import RuleSettings, option
from whimbrel.detections.protocol.keyed import JOINING, Joins
from whimbrel.detections.tables import EPISODE, Burst, Recent
from whimbrel.events.alerts import Severity
from whimbrel.settings import Duration
from whimbrel.text import mac
from whimbrel.wifi.eap import parse_eap
from whimbrel.wifi.fcs import holds
from whimbrel.wifi.kinds import PROTECTED, RETRY

if TYPE_CHECKING:
    from whimbrel.detections.air import Air
    from whimbrel.detections.moment import Moment
    from whimbrel.events.air import Disconnected
    from whimbrel.wifi.eapol import Eapol
    from whimbrel.wifi.frames import Frame

_PAIRS = 48
_LOGIN = 30.0
"""Seconds after which a packet no longer belongs to the last login in clear."""
_LEAVING = 2.0
"""The most seconds until a device that accepts it leaves."""
_WORDS = {3: "success of a login (EAP-Success)", 4: "failure of a login (EAP-Failure)"}
_LOGOFF = "logoff (EAPOL-Logoff)"


class _Ends:
    """The ends of logins in clear of one station with keys."""

    __slots__ = ("burst", "left", "login", "what")

    def __init__(self, burst: Burst) -> None:
        self.burst = burst
        self.login = float("-inf")
        """The time of the last request or response of a login."""
        self.what = ""
        self.left = False
        """Whether the station left right after one."""


class ForgedEapSettings(RuleSettings):
    """The thresholds."""

    packets: int = option(default=3, low=2, high=100, help="Such packets of one station and its access point.")
    window: Duration = option(default=Duration(60.0), low=1, high=600, help="Within this much listening.")


class ForgedEap(Detection[ForgedEapSettings]):
    """The end of a login is sent in clear to or from a station that has keys with the access point (see
    corrupt-handshake): EAP-Success or EAP-Failure from the access point, or EAPOL-Logoff from the station, without a
    request or response of a login in the 30 s before. Retransmissions, and frames with a wrong check sequence, do not
    count.

    A notice; a warning if the station leaves within 2 s, or after `packets` within `window` of listening.
    """

    rule = "forged-eap"
    family = "protocol"
    title = "Forged end of a login"
    severity = Severity.WARNING
    meaning = (
        "Somebody announces the end of a login to a device or its access point, unencrypted, although the two have"
        " their keys and would encrypt it. Some devices accept that and leave, even if forged disconnections do not"
        " work (PMF)."
    )
    advice = "Update the named device and access point: they should ignore such packets. The sender is near."
    fooled_by = (
        "A device that joined again without being heard, or an access point that does not encrypt its login packets: a"
        " notice each. An attacker who also forges a request before it is missed."
    )
    reference = (
        "IEEE 802.11-2020, 12.6.10 (802.1X port); IEEE 802.1X-2020, 11.3; Schepers, Ranganathan, Vanhoef, WiSec 2022"
    )
    Settings = ForgedEapSettings
    kinds = JOINING
    packets = frozenset({"eap", "logoff"})

    def __init__(self, settings: ForgedEapSettings, air: Air) -> None:
        super().__init__(settings, air)
        self._joins = air.shared(Joins)
        self._pairs: Recent[bytes, _Ends] = Recent(_PAIRS, lambda: _Ends(Burst(settings.packets, settings.window)))

    def observe(self, frame: Frame) -> None:
        """Note that a station begins to join."""
        self._joins.hear(frame, self.air)

    def eapol(self, frame: Frame, packet: Eapol, bssid: bytes, station: bytes) -> Verdict:
        """Judge the end of a login."""
        if frame.flags & (RETRY | PROTECTED) or packet.preauth:
            return None
        eap = parse_eap(frame.raw, packet.start, packet.end) if packet.type == "eap" else None
        down = frame.ta == bssid
        what = _WORDS.get(eap.code, "") if eap is not None and down else ""
        if packet.type == "logoff" and not down:
            what = _LOGOFF
        if not what:
            if eap is not None and eap.code in {1, 2}:
                self._pairs.use(bssid + station).login = self.air.now
            return None
        if holds(frame) is False or not self._joins.has_keys(frame, self.air, bssid, station):
            return None
        ends = self._pairs.use(bssid + station)
        if 0 <= self.air.now - ends.login <= _LOGIN:
            return None
        ends.what = what
        ends.left = ends.left and bool(ends.burst.frames) and 0 <= frame.time - ends.burst.frames[-1].time <= EPISODE
        enough = ends.burst.hit(self.air, frame)
        return self._claim(bssid, station, ends, loud=enough, frame=frame)

    def heeds_disconnection(self, said: Disconnected) -> bool:
        """Return whether a station leaves."""
        return said.sender != said.bssid

    def disconnected(self, frame: Frame, said: Disconnected, moment: Moment) -> Verdict:
        """Judge a station that leaves right after it."""
        if not self._pairs.entries:
            return None
        ends = self._pairs.get(said.bssid + said.sender)
        if ends is None or not ends.burst.frames:
            return None
        if not 0 <= frame.time - ends.burst.frames[-1].time <= _LEAVING:
            return None
        ends.left = True
        return self._claim(said.bssid, said.sender, ends, loud=True, frame=frame)

    def _claim(self, bssid: bytes, station: bytes, ends: _Ends, *, loud: bool, frame: Frame) -> Claim:
        settings, burst = self.settings, ends.burst
        burst.count_on()
        left = ", and it left" if ends.left else ""
        sent: Sequence[Frame] = burst.before(frame)
        return Claim(
            (bssid, station),
            f"{SEEN} times the end of a login was sent in clear between {mac(bssid)} and {mac(station)}, which have "
            f"their keys, the last one a {ends.what}{left}.",
            bssid=bssid,
            ssid=self.air.name_of(bssid),
            receiver=station,
            seen=burst.total,
            threshold=f"{settings.packets} in {settings.window:g} s, or one after which the station leaves",
            confidence=HIGH if ends.left else MEDIUM if loud else LOW,
            severity=Severity.WARNING if loud or ends.left else Severity.NOTICE,
            frames=sent,
        )


DETECTIONS = (ForgedEap,)
