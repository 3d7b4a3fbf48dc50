"""Learns from frames other than beacons and probe responses: associations, disconnections, key exchanges."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whimbrel.events.air import Disconnected, EapolSeen, HandshakeSeen
from whimbrel.survey.handshakes import PATIENCE, Handshakes, Whole
from whimbrel.survey.observation import EapolHeard
from whimbrel.wifi import kinds
from whimbrel.wifi.eap import parse_eap
from whimbrel.wifi.elements import ELEMENTS_AT, find_ssid
from whimbrel.wifi.fixed import association_response_fixed, reason_fixed
from whimbrel.wifi.kinds import BLOCK_ACK, DEAUTH, FROM_DS, MORE_FRAGMENTS, NO_PAYLOAD, PROTECTED, RETRY, TO_DS
from whimbrel.wifi.payloads import eapol_packets

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from whimbrel.events.base import Body
    from whimbrel.survey.access_points import AccessPointTable
    from whimbrel.survey.stations import StationTable
    from whimbrel.wifi.eapol import Eapol
    from whimbrel.wifi.frames import Frame

    Handler = Callable[[Frame, list[Body]], Sequence[EapolHeard] | None]

# Plain integers, as the frames carry them: an enum's operators cost a hundred times as much.
_MESSAGES = {"M1": 1, "M2": 2, "M3": 3, "M4": 4}
_DS = TO_DS | FROM_DS
_KEYS_SET = frozenset({3, 4})
_CIPHER_HEADER = 8  # octets of CCMP, GCMP and TKIP before the data
_KEY_AT, _EXTENDED_IV = 3, 0x20  # set by all but WEP
_FLUSHED = 0.5
"""The most seconds for which an access point still sends its queue for a station that has left."""
_RESPONSE = 2  # of EAP (RFC 3748, 4); requests, success and failure come from the access point
_FROM_AUTHENTICATOR = {"M1": True, "M2": False, "M3": True, "M4": False, "G1": True, "G2": False}


class Traffic:
    """Learns from frames by their kind. Findings are appended to the list that is handed in, in causal order."""

    def __init__(self, access_points: AccessPointTable, stations: StationTable) -> None:
        self.handshakes = Handshakes()
        self.waiting = False
        """Whether a handshake may have to be reported without its last message, by `end_handshakes`."""
        self.wep = 0
        """Data frames encrypted with WEP."""
        self._access_points = access_points
        self._known = access_points.table.entries
        self._stations = stations
        self._known_stations = stations.table.entries
        self._said: tuple[object, ...] = ()  # by the last disconnection
        self._disconnected: Disconnected
        self.handlers: dict[int, Handler] = {
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
        """By `Frame.kind`; other kinds teach nothing. Returned are the EAPOL packets in the frame."""

    def end_handshakes(self, now: float, found: list[Body]) -> None:
        """Report handshakes that lack only their last message, and were silent for a while."""
        for whole in self.handshakes.end(now - PATIENCE):
            self._tell(whole, found)
        self.waiting = len(self.handshakes) > 0

    def _sent(self, frame: Frame, found: list[Body]) -> None:
        """Note the sender of a frame."""
        ta = frame.ta
        ap = self._known.get(ta or b"")
        if ap is not None:
            ap.hear(frame)
        elif ta != frame.bssid:  # an access point without a known name is not a station
            self._stations.heard(ta, frame, found)

    def _control(self, frame: Frame, found: list[Body]) -> None:
        """Note that a known device sent a control frame; alone, its address is too little to believe in a new one.

        A block ack follows data of its receiver; the others precede data of their transmitter.
        """
        ap = self._known.get(frame.ta)  # type: ignore[arg-type]  # None is nobody's
        if ap is not None:
            ap.hear(frame)
            station = self._known_stations.get(frame.ra)  # type: ignore[arg-type]
            if station is None:
                return
            asks = frame.kind == BLOCK_ACK
        else:
            station = self._known_stations.get(frame.ta)  # type: ignore[arg-type]
            if station is None:
                return
            station.hear(frame)
            asks = frame.kind != BLOCK_ACK
        if asks:
            station.asked += 1
        else:
            station.served += 1

    def _association_request(self, frame: Frame, found: list[Body]) -> None:
        self._sent(frame, found)
        name = find_ssid(frame.raw, frame.body + ELEMENTS_AT[frame.kind], frame.end)
        by = "association request" if frame.kind == kinds.ASSOC_REQ else "reassociation request"
        self._access_points.reveal(frame.bssid, name, by, found)

    def _association_response(self, frame: Frame, found: list[Body]) -> None:
        self._sent(frame, found)
        fixed = association_response_fixed(frame.raw, frame.body, frame.end)
        if fixed is None or fixed[1] != 0 or frame.bssid is None or frame.flags & PROTECTED:
            return
        station = self._stations.addressed(frame.ra, frame, found)
        if station is not None:
            station.keys += 1
            station.keyed = 0.0
            station.sealed_up = station.sealed_down = None
            self._stations.join(station, frame.bssid, found, anew=True)

    def _disconnection(self, frame: Frame, found: list[Body]) -> None:
        ta, ra, bssid = frame.ta, frame.ra, frame.bssid
        if ta is None or ra is None or bssid is None:
            return
        ap, stations = self._known.get(ta), self._known_stations
        if ap is not None:  # and no station
            ap.hear(frame)
        else:
            if ta != bssid:
                self._stations.heard(ta, frame, found)
            if (station := stations.get(ta)) is not None and station.bssid == bssid:
                station.left, station.left_at = True, frame.time
        if not ra[0] & 1 and (station := stations.get(ra)) is not None and station.bssid == bssid:
            station.left, station.left_at = True, frame.time
        protected = frame.flags & PROTECTED
        raw, body, end = frame.raw, frame.body, frame.end
        said = bssid, ta, ra, frame.kind, protected, raw[body:end]
        if said != self._said:  # in a flood, most are equal
            self._said = said
            reason = None if protected else reason_fixed(raw, body, end)
            self._disconnected = Disconnected(
                bssid=bssid,
                sender=ta,
                receiver=ra,
                how="deauthentication" if frame.kind == DEAUTH else "disassociation",
                reason=reason,
                protected=bool(protected),
            )
        found.append(self._disconnected)

    def _data(self, frame: Frame, found: list[Body]) -> Sequence[EapolHeard] | None:  # noqa: C901  # a call for each part costs
        ta, bssid, flags = frame.ta, frame.bssid, frame.flags
        from_ap = flags & _DS == FROM_DS
        ap = self._known.get(ta)  # type: ignore[arg-type]  # None is nobody's
        if ap is not None:
            ap.hear(frame)
        if from_ap:
            station = self._known_stations.get(frame.ra)  # type: ignore[arg-type]
            if station is None:
                station = self._stations.addressed(frame.ra, frame, found)
        elif ap is None:
            station = self._known_stations.get(ta)  # type: ignore[arg-type]
            if station is None:
                station = self._stations.heard(ta, frame, found)
            else:
                station.hear(frame)
        else:  # the link between two access points, or an imitated address
            station = None
        if station is not None:
            station.data_octets += frame.length
            if bssid is not None and station.bssid != bssid and not bssid[0] & 1:
                self._stations.join(station, bssid, found)
            if flags & PROTECTED:
                if flags & MORE_FRAGMENTS or frame.fragment:
                    return None
                station.worked = True
                if station.left and frame.time - station.left_at > _FLUSHED and station.bssid == bssid:
                    station.left = False  # the disconnection was forged, or the station has joined again
                header = frame.raw[frame.body : frame.body + _CIPHER_HEADER]
                if len(header) == _CIPHER_HEADER and not header[_KEY_AT] & _EXTENDED_IV:
                    self.wep += 1
                sealed = (frame.time, header, frame.rssi)
                if from_ap:
                    station.sealed_down = sealed
                else:
                    station.sealed_up = sealed
                return None
        elif ap is None or from_ap:
            if flags & PROTECTED and frame.body + _CIPHER_HEADER <= frame.end:
                self.wep += not frame.raw[frame.body + _KEY_AT] & _EXTENDED_IV
            return None
        if flags & PROTECTED or frame.kind & NO_PAYLOAD:
            return None
        return [
            self._eapol(packet, frame, ends, found)
            for packet in eapol_packets(frame)
            if (ends := self._ends(packet, frame)) is not None
        ]

    def _ends(self, packet: Eapol, frame: Frame) -> tuple[bytes, bytes] | None:
        """Return the access point and the station of a packet; None if one of them is a group address."""
        bssid, ta, ra = frame.bssid, frame.ta, frame.ra
        if ta is None or ra is None:
            return None
        if bssid is None:
            bssid = ta if self._is_from_access_point(packet, frame, ta, ra) else ra
        station = ra if bssid == ta else ta
        return None if (bssid[0] | station[0]) & 1 else (bssid, station)

    def _is_from_access_point(self, packet: Eapol, frame: Frame, ta: bytes, ra: bytes) -> bool:
        """Return the end of a frame with four addresses that is the access point, which the addresses do not show."""
        by_message = _FROM_AUTHENTICATOR.get(packet.message)
        if by_message is not None:
            return by_message
        known = ta in self._known
        if known != (ra in self._known):
            return known
        eap = parse_eap(frame.raw, packet.start, packet.end) if packet.type == "eap" else None
        return eap is not None and eap.code != _RESPONSE

    def _eapol(self, packet: Eapol, frame: Frame, ends: tuple[bytes, bytes], found: list[Body]) -> EapolHeard:
        bssid, station = ends
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
        if number in _KEYS_SET:
            joined = self._stations.table.entries.get(station)
            if joined is not None:
                joined.keys += 1
                joined.keyed = frame.time
        if number is not None and packet.replay is not None:
            self.waiting = True
            for whole in self.handshakes.message(bssid, station, number, packet.replay, frame.time):
                self._tell(whole, found)
        return EapolHeard(packet, bssid, station)

    def _tell(self, whole: Whole, found: list[Body]) -> None:
        bssid, station, messages = whole
        ap = self._known.get(bssid)
        ssid = b"" if ap is None else ap.ssid
        found.append(HandshakeSeen(bssid=bssid, station=station, ssid=ssid, messages=messages))
