"""Disconnections that end a failed login: an access point sends them to devices with a wrong password."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whimbrel.detections.tables import EPISODE, Recent
from whimbrel.wifi.eap import parse_eap
from whimbrel.wifi.kinds import RETRY

if TYPE_CHECKING:
    from whimbrel.detections.air import Air
    from whimbrel.wifi.eapol import Eapol
    from whimbrel.wifi.frames import Frame

_LOGINS = 64
FAILURES = frozenset({2, 15, 23})
"""Reason codes of a failed login: an earlier authentication is no longer valid; the 4-way handshake
timed out; 802.1X authentication failed."""
_MOST = 4
"""The most disconnections that the messages heard so far explain: a hopping radio hears some logins without their
ends."""
_EAP_FAILURE = 4


class _Login:
    """The login of one pair, as far as it was heard."""

    __slots__ = ("at", "explained")

    def __init__(self) -> None:
        self.at = 0.0
        self.explained = 0
        """Disconnections that its messages still explain."""


class FailedLogins:
    """Logins that have not led to keys. Each message of one explains one disconnection at most."""

    __slots__ = ("_logins",)
    PACKETS = frozenset({"eap", "M1", "M2", "M3", "M4"})
    """Those that `hear` needs (`Detection.packets`)."""

    def __init__(self) -> None:
        self._logins: Recent[bytes, _Login] = Recent(_LOGINS, _Login)

    def hear(self, frame: Frame, packet: Eapol, pair: bytes, now: float) -> None:
        """Process an EAPOL packet of a BSSID with a station, which together are the `pair`."""
        if packet.message in {"M3", "M4"}:
            self._logins.drop(pair)
            return
        failed = packet.message in {"M1", "M2"}
        if not failed and packet.type == "eap":
            eap = parse_eap(frame.raw, packet.start, packet.end)
            failed = eap is not None and eap.code == _EAP_FAILURE
        if failed and not frame.flags & RETRY:
            login = self._logins.use(pair)
            login.at = now
            login.explained = min(login.explained + 1, _MOST)

    def explain(self, frame: Frame, pair: bytes, air: Air) -> bool:
        """Return whether a disconnection for one of the `FAILURES` ends a failed login, and count it.

        Encrypted data after the login's messages show that it succeeded.
        """
        login = self._logins.get(pair)
        if login is None:
            return False
        station, since = air.station(pair[6:]), air.now - login.at
        sealed = () if station is None else (station.sealed_up, station.sealed_down)
        works = any(sent is not None and frame.time - sent[0] < since for sent in sealed)
        if works or not login.explained or since > EPISODE:
            self._logins.drop(pair)
            return False
        if not frame.flags & RETRY:
            login.explained -= 1
        return True
