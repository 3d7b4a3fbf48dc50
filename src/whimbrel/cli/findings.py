"""The results of the replay of one capture."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from whimbrel.capture_numbers import CaptureNumbers
from whimbrel.events.air import HandshakeSeen
from whimbrel.record import Record
from whimbrel.survey.survey import Survey

if TYPE_CHECKING:
    from whimbrel.detections.incidents import Incident
    from whimbrel.detections.standing import StandingAlert

_MOST_HANDSHAKES = 65536
"""Limit of pairs of a station and an access point whose handshakes are listed, to bound the memory."""


class Handshake(Record):
    """The handshakes of one station with one access point."""

    station: bytes
    """Its address, 6 octets."""
    bssid: bytes
    """The access point, 6 octets."""
    ssid: bytes
    """SSID, empty if unknown."""
    messages: tuple[int, ...]
    """The messages heard of the most complete handshake."""
    count: int
    """Handshakes."""
    first: float
    """Seconds since the epoch of the first one."""
    last: float
    """Seconds since the epoch of the last one."""


class Findings:
    """The results of the replay of one file."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.numbers = CaptureNumbers()
        self.survey = Survey()
        self.problems: list[str] = []
        """Errors in words; if there are any, not everything was read or understood."""
        self.remarks: list[str] = []
        """Remarks about the file, although it was read to its end."""
        self.alerts: list[StandingAlert] = []
        """The alerts, in the order of raising."""
        self.incidents: list[Incident] = []
        """The incidents, in the same order."""
        self.told: dict[str, dict[str, float]] = {}
        """For each alert, by its id, the severities at which it was told, each with the first time (epoch seconds)."""
        self.stopped_by = ""
        """The daemon's reason for its end."""
        self.failed = False
        """Whether a part of the daemon failed, so that the capture may be sound."""
        self.handshakes: dict[tuple[bytes, bytes], Handshake] = {}
        """Handshakes by station and access point, in the order of the first."""

    def note_handshake(self, seen: HandshakeSeen, time: float) -> None:
        """Add a handshake that ended at `time`."""
        pair = (seen.station, seen.bssid)
        known = self.handshakes.get(pair)
        if known is not None:
            self.handshakes[pair] = known.replace(
                ssid=seen.ssid or known.ssid,
                messages=max(known.messages, seen.messages, key=len),
                count=known.count + 1,
                last=time,
            )
        elif len(self.handshakes) < _MOST_HANDSHAKES:
            self.handshakes[pair] = Handshake(
                station=seen.station, bssid=seen.bssid, ssid=seen.ssid, messages=seen.messages, count=1,
                first=time, last=time,
            )  # fmt: skip
