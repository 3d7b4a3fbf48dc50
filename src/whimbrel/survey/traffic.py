"""What frames other than beacons and probe responses teach: who works with whom, joins, leaves, and negotiates keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whimbrel.events.air import Disconnected, EapolSeen, HandshakeSeen
from whimbrel.survey.handshakes import PATIENCE, Handshakes, Whole
from whimbrel.wifi import kinds
from whimbrel.wifi.eapol import is_eapol, parse_eapol
from whimbrel.wifi.elements import ELEMENTS_AT, parse_elements
from whimbrel.wifi.fixed import association_response_fixed, reason_fixed
from whimbrel.wifi.kinds import DEAUTH, FROM_DS, NO_PAYLOAD, PROTECTED, RETRY, TO_DS

if TYPE_CHECKING:
    from collections.abc import Callable

    from whimbrel.events.base import Body
    from whimbrel.survey.access_points import AccessPointTable
    from whimbrel.survey.stations import StationTable
    from whimbrel.wifi.frames import Frame

# Plain integers, as the frames carry them: an enum's operators cost a hundred times as much.
_MESSAGES = {"M1": 1, "M2": 2, "M3": 3, "M4": 4}


class Traffic:
    """Learns from frames by their kind. Findings are appended to the list that is handed in, in causal order."""

    def __init__(self, access_points: AccessPointTable, stations: StationTable) -> None:
        self.handshakes = Handshakes()
        self.waiting = False
        """Whether a handshake may have to be told of without its last message, by `end_handshakes`."""
        self._access_points = access_points
        self._known = access_points.table.entries
        self._stations = stations
        self.handlers: dict[int, Callable[[Frame, list[Body]], None]] = {
            kinds.PROBE_REQ: stations.probe,
            kinds.ASSOC_REQ: self._association_request,
            kinds.REASSOC_REQ: self._association_request,
            kinds.ASSOC_RESP: self._association_response,
            kinds.REASSOC_RESP: self._association_response,
            kinds.DEAUTH: self._disconnection,
            kinds.DISASSOC: self._disconnection,
            **dict.fromkeys((kinds.AUTH, kinds.ACTION, kinds.ACTION_NO_ACK, kinds.ATIM), self._sent),
            **dict.fromkeys((kinds.RTS, kinds.PS_POLL, kinds.BLOCK_ACK_REQ, kinds.BLOCK_ACK), self._control),
            **dict.fromkeys(kinds.DATA_FRAMES, self._data),
        }
        """By `Frame.kind`; other kinds teach nothing."""

    def end_handshakes(self, now: float, found: list[Body]) -> None:
        """Tell of handshakes that lack only their last message, and were silent for a while."""
        for whole in self.handshakes.end(now - PATIENCE):
            self._tell(whole, found)
        self.waiting = len(self.handshakes) > 0

    def _sent(self, frame: Frame, found: list[Body]) -> None:
        """Take in who sent a frame."""
        ta = frame.ta
        ap = self._known.get(ta or b"")
        if ap is not None:
            ap.hear(frame)
        elif ta != frame.bssid:  # an access point whose name is not known yet is no station
            self._stations.heard(ta, frame, found)

    def _control(self, frame: Frame, found: list[Body]) -> None:
        """Take in that a known device sent a control frame; alone, its address is too little to believe in a new
        one."""
        ta = frame.ta or b""
        known = self._known.get(ta) or self._stations.table.entries.get(ta)
        if known is not None:
            known.hear(frame)

    def _association_request(self, frame: Frame, found: list[Body]) -> None:
        self._sent(frame, found)
        elements = parse_elements(frame.raw, frame.body + ELEMENTS_AT[frame.kind], frame.end)
        by = "association request" if frame.kind == kinds.ASSOC_REQ else "reassociation request"
        self._access_points.reveal(frame.bssid, elements.ssid, by, found)

    def _association_response(self, frame: Frame, found: list[Body]) -> None:
        self._sent(frame, found)
        fixed = association_response_fixed(frame.raw, frame.body, frame.end)
        if fixed is None or fixed[1] != 0 or frame.bssid is None or frame.flags & PROTECTED:
            return
        station = self._stations.addressed(frame.ra, frame, found)
        if station is not None:
            self._stations.join(station, frame.bssid, found, anew=True)

    def _disconnection(self, frame: Frame, found: list[Body]) -> None:
        ta, ra, bssid = frame.ta, frame.ra, frame.bssid
        if ta is None or ra is None or bssid is None:
            return
        self._sent(frame, found)
        for address in (ta, ra):
            station = self._stations.table.entries.get(address)
            if station is not None and station.bssid == bssid:
                station.left = True
        protected = bool(frame.flags & PROTECTED)
        found.append(
            Disconnected(
                bssid=bssid,
                sender=ta,
                receiver=ra,
                how="deauthentication" if frame.kind == DEAUTH else "disassociation",
                reason=None if protected else reason_fixed(frame.raw, frame.body, frame.end),
                protected=protected,
            )
        )

    def _data(self, frame: Frame, found: list[Body]) -> None:
        ta, bssid, flags = frame.ta, frame.bssid, frame.flags
        if flags & (TO_DS | FROM_DS) == FROM_DS:
            ap = self._known.get(ta or b"")
            if ap is not None:
                ap.hear(frame)
            station = self._stations.addressed(frame.ra, frame, found)
        else:
            ap = self._known.get(ta or b"")
            if ap is not None:  # the link between two access points, or an imitated address
                ap.hear(frame)
                return
            station = self._stations.heard(ta, frame, found)
        if station is None:
            return
        station.data_octets += frame.length
        if bssid is None or bssid[0] & 1:
            return
        if station.bssid != bssid:
            self._stations.join(station, bssid, found)
        if not flags & PROTECTED and not frame.kind & NO_PAYLOAD and is_eapol(frame.raw, frame.body, frame.end):
            self._eapol(frame, bssid, station.address, found)

    def _eapol(self, frame: Frame, bssid: bytes, station: bytes, found: list[Body]) -> None:
        packet = parse_eapol(frame.raw, frame.body, frame.end)
        if packet is None:
            return
        found.append(
            EapolSeen(
                bssid=bssid,
                station=station,
                message=packet.message or packet.type,
                replay=packet.replay,
                pmkid=packet.pmkid is not None,
                retry=bool(frame.flags & RETRY),
            )
        )
        number = _MESSAGES.get(packet.message)
        if number is not None and packet.replay is not None:
            self.waiting = True
            for whole in self.handshakes.message(bssid, station, number, packet.replay, frame.time):
                self._tell(whole, found)

    def _tell(self, whole: Whole, found: list[Body]) -> None:
        bssid, station, messages = whole
        ap = self._known.get(bssid)
        ssid = b"" if ap is None else ap.ssid
        found.append(HandshakeSeen(bssid=bssid, station=station, ssid=ssid, messages=messages))
