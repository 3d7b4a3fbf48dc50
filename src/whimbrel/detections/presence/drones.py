"""Drones that broadcast their identity and the position of their pilot."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whimbrel.detections.base import HIGH, Claim, Detection, Verdict
from whimbrel.detections.options import RuleSettings
from whimbrel.detections.tables import Recent
from whimbrel.events.alerts import Severity
from whimbrel.text import ssid
from whimbrel.wifi import droneid
from whimbrel.wifi.elements import ELEMENTS_AT, parse_elements
from whimbrel.wifi.kinds import ACTION, ACTION_NO_ACK
from whimbrel.wifi.remote_id import VENDOR_ELEMENT, RemoteId, parse_action, parse_element

if TYPE_CHECKING:
    from whimbrel.detections.air import Air
    from whimbrel.survey.access_point import AccessPoint
    from whimbrel.survey.beacons import Announcement
    from whimbrel.wifi.frames import Frame

_DRONES = 64
_VENDOR = 221


class _Drone:
    """The Remote ID of one transmitter, collected frame by frame."""

    __slots__ = ("heard", "latest")

    def __init__(self) -> None:
        self.heard = 0
        self.latest = RemoteId()

    def take(self, said: RemoteId) -> None:
        self.heard += 1
        self.latest = self.latest.updated(said)


class Drone(Detection[RuleSettings]):
    """A beacon or a NAN frame carries Remote ID (ASTM F3411-22a), or a beacon carries DJI's own DroneID. The messages
    of one sender are combined.
    """

    rule = "drone"
    family = "presence"
    title = "Drone in the air"
    severity = Severity.NOTICE
    meaning = (
        "A drone broadcasts its Remote ID, as the law requires of most drones: a serial number, its position, and its"
        " pilot's position."
    )
    advice = "Usually nothing. The position of the pilot helps to find the person to ask."
    fooled_by = (
        "Anybody can broadcast a Remote ID without a drone. Many drones send theirs over Bluetooth, which Whimbrel does"
        " not receive, and drones that hide send none."
    )
    reference = (
        "ASTM F3411-22a; ASD-STAN prEN 4709-002; EU 2019/945; 14 CFR part 89; Department 13: Anatomy of"
        " DJI's Drone Identification, 2017"
    )
    kinds = frozenset({ACTION, ACTION_NO_ACK})

    def __init__(self, settings: RuleSettings, air: Air) -> None:
        super().__init__(settings, air)
        self._drones: Recent[bytes, _Drone] = Recent(_DRONES, _Drone)

    def observe(self, frame: Frame) -> Verdict:
        """Examine a NAN frame."""
        said = parse_action(frame.raw, frame.body, frame.end)
        return None if said is None or frame.ta is None else self._claim(frame.ta, said)

    def announced(self, frame: Frame, ap: AccessPoint, before: Announcement | None) -> Verdict:
        """Look for the element in a beacon."""
        raw = frame.raw
        if raw.find(VENDOR_ELEMENT, frame.body, frame.end) < 0 and raw.find(droneid.VENDOR_ELEMENT, frame.body) < 0:
            return None
        elements = parse_elements(raw, frame.body + ELEMENTS_AT[frame.kind], frame.end)
        for number, start, end in elements.spans:
            if number != _VENDOR:
                continue
            said = None
            if raw.startswith(VENDOR_ELEMENT, start, end):
                said = parse_element(raw, start + len(VENDOR_ELEMENT), end)
            elif raw.startswith(droneid.VENDOR_ELEMENT, start, end):
                said = droneid.parse_element(raw, start + len(droneid.VENDOR_ELEMENT), end)
            if said is not None:
                return self._claim(ap.address, said)
        return None

    def _claim(self, address: bytes, said: RemoteId) -> Claim:
        drone = self._drones.use(address)
        drone.take(said)
        return Claim(address, _words(drone.latest), sender=address, seen=drone.heard, confidence=HIGH)


def _words(known: RemoteId) -> str:
    parts = [known.aircraft or "aircraft"]
    if known.uas_id:
        parts.append(ssid(known.uas_id))
    if known.operator:
        parts.append(f"operator {ssid(known.operator)}")
    if known.position:
        parts.append(f"at {_place(known.position)}")
    if known.height is not None:
        parts.append(f"{known.height:.0f} m up")
    if known.speed:
        parts.append(f"{known.speed:.0f} m/s")
    if known.pilot:
        parts.append(f"pilot at {_place(known.pilot)}")
    if known.words:
        parts.append(f'says "{ssid(known.words)}"')
    return ", ".join(parts)


def _place(position: tuple[float, float]) -> str:
    latitude, longitude = position
    return f"{abs(latitude):.5f} {'N' if latitude >= 0 else 'S'} {abs(longitude):.5f} {'E' if longitude >= 0 else 'W'}"


DETECTIONS = (Drone,)
