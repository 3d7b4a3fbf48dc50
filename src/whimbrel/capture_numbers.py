"""The numbers of a capture, counted from the frames and the events of a replay. Pure.

The keys suit a comparison with other tools: subtypes are written like Wireshark's ``wlan.fc.type_subtype`` (``none`` if
unreadable), reason codes as four hexadecimal digits, SSIDs as their octets.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from whimbrel.rows import AccessPointRow
from whimbrel.text import mac
from whimbrel.wifi.elements import parse_elements
from whimbrel.wifi.fixed import PRIVACY, reason_fixed
from whimbrel.wifi.frames import Frame
from whimbrel.wifi.kinds import DEAUTH, DISASSOC, PROBE_REQ, PROTECTED
from whimbrel.wifi.payloads import eapol_packets

if TYPE_CHECKING:
    from whimbrel.survey.access_point import AccessPoint

MAX_STATIONS = 65536
"""Limit of stations whose probe requests are listed, so that a flood of invented ones cannot fill the memory."""
MAX_NAMES = 256
"""Limit of SSIDs listed for one station."""
MAX_PROBES = 262144
"""Limit of SSIDs listed for all stations together."""

_BEACON_FIXED = 12  # octets before the elements: timestamp, interval, capability (IEEE 802.11-2020, table 9-32)


class CaptureNumbers:
    """Counts of one capture. Feed it every frame (`take`) and every other event's kind (`note`)."""

    def __init__(self) -> None:
        self.frames = 0
        self.malformed: Counter[str] = Counter()
        """Malformed frames by fault."""
        self.empty = 0
        """Records marked as having no frame: sounding PPDUs, data that were not captured."""
        self.bad_fcs = 0
        self.cut = 0
        """Frames of which the capture holds only the beginning."""
        self.subtypes: Counter[int] = Counter()
        """Frames by kind (`whimbrel.wifi.kinds`), also unnamed kinds; -1 if Frame Control could not be read."""
        self.eapol: Counter[str] = Counter()
        """EAPOL packets: M1 to M4, G1, G2, and the other types."""
        self.reasons: Counter[int] = Counter()
        """Reason codes of readable deauthentications and disassociations."""
        self.probes: dict[bytes, set[bytes]] = {}
        """SSIDs that each station probed for; the empty one means any network."""
        self.probes_left_out = 0
        """Probe requests beyond `MAX_STATIONS`, `MAX_NAMES` and `MAX_PROBES`."""
        self._names = 0
        self.events: Counter[str] = Counter()
        self.damage: list[str] = []
        """The faults of the file."""
        self.first: float | None = None
        """Time of the first frame in seconds since the epoch."""
        self.last: float | None = None
        """Time of the latest frame in seconds since the epoch."""
        self.receiver: tuple[str, ...] = ()
        """The faults of the receiver (`whimbrel.events.radio.ReceiverJudged`)."""

    def take(self, frames: Iterable[Frame]) -> None:
        """Count frames, in the order of their capture."""
        for frame in frames:
            self.frames += 1
            if self.first is None:
                self.first = frame.time
            if self.last is None or frame.time > self.last:
                self.last = frame.time
            if frame.malformed is not None:
                self.malformed[frame.malformed.value] += 1
            self.cut += frame.cut
            kind = frame.kind
            if kind < 0 and frame.malformed is None:
                self.empty += 1
                continue
            self.subtypes[kind] += 1
            if frame.bad_fcs:
                self.bad_fcs += 1
            elif frame.malformed is None and not frame.flags & PROTECTED:
                self._look_inside(kind, frame)

    def note(self, kind: str) -> None:
        """Count an event."""
        self.events[kind] += 1

    def clock_set(self, step: float) -> None:
        """Note that the clock of the frames was set, by so many seconds."""
        if self.first is not None and self.last is not None:
            self.first += step
            self.last += step

    @property
    def seconds(self) -> float:
        """Seconds from the first frame to the latest."""
        return 0.0 if self.first is None or self.last is None else self.last - self.first

    def to_json(self) -> dict[str, Any]:
        """Return everything as JSON values."""
        return {
            "frames": self.frames,
            "malformed": sum(self.malformed.values()),
            "malformed_by_reason": dict(self.malformed),
            "empty": self.empty,
            "bad_fcs": self.bad_fcs,
            "cut": self.cut,
            "first": self.first,
            "last": self.last,
            "subtypes": {
                "none" if kind < 0 else f"0x{kind:04x}": number for kind, number in sorted(self.subtypes.items())
            },
            "eapol": dict(sorted(self.eapol.items())),
            "disconnect_reasons": {f"0x{code:04x}": number for code, number in sorted(self.reasons.items())},
            "probe_requests": {
                mac(station): sorted(name.hex() for name in names) for station, names in sorted(self.probes.items())
            },
            "probe_requests_left_out": self.probes_left_out,
            "events": dict(sorted(self.events.items())),
            "damage": self.damage,
            "receiver": list(self.receiver),
        }

    def _look_inside(self, kind: int, frame: Frame) -> None:
        if kind == PROBE_REQ:
            self._note_probe(frame)
        elif kind in {DEAUTH, DISASSOC}:
            reason = reason_fixed(frame.raw, frame.body, frame.end)
            if reason is not None:
                self.reasons[reason] += 1
        elif kind >> 4 == 2:
            for packet in eapol_packets(frame):
                self.eapol[packet.message or packet.type] += 1

    def _note_probe(self, frame: Frame) -> None:
        station = frame.ta
        name = parse_elements(frame.raw, frame.body, frame.end).ssid
        if station is None or name is None:
            return
        names = self.probes.get(station)
        if names is None and len(self.probes) < MAX_STATIONS:
            names = self.probes[station] = set()
        if names is None or (name not in names and (len(names) >= MAX_NAMES or self._names >= MAX_PROBES)):
            self.probes_left_out += 1
        elif name not in names:
            self._names += 1
            names.add(name)


class CapturedAccessPoint(AccessPointRow):
    """An access point with more facts of its last beacon, for comparisons of captures; None if none was heard."""

    privacy: bool | None
    """The privacy bit of its Capability Information (IEEE 802.11-2020, 9.4.1.4)."""
    wpa1: bool | None
    """Whether it has the vendor element of WPA."""
    mfp_capable: bool | None
    """RSN Capabilities, MFPC (9.4.2.24.4)."""
    mfp_required: bool | None
    """RSN Capabilities, MFPR."""


def access_point_row(ap: AccessPoint, stations: int) -> CapturedAccessPoint:
    """Return the row of an access point with this number of stations."""
    beacon = ap.beacon
    elements = None if beacon is None else parse_elements(beacon.raw, beacon.body + _BEACON_FIXED, beacon.end)
    rsn = elements.rsn if elements else None
    return CapturedAccessPoint(
        **ap.row(stations).as_dict(),
        privacy=bool(ap.announced.capability & PRIVACY) if elements else None,
        wpa1=elements.wpa is not None if elements else None,
        mfp_capable=(rsn is not None and rsn.pmf_capable) if elements else None,
        mfp_required=(rsn is not None and rsn.pmf_required) if elements else None,
    )
