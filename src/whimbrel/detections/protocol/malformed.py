"""Invalid elements and lengths that were used in exploits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from whimbrel.detections.base import HIGH, LOW, MEDIUM, Claim, Detection
from whimbrel.detections.options import RuleSettings, option
from whimbrel.detections.protocol import shapes
from whimbrel.detections.protocol.shapes import Shape
from whimbrel.detections.tables import Burst, Recent
from whimbrel.events.alerts import Severity
from whimbrel.settings import Duration
from whimbrel.text import mac
from whimbrel.wifi.eapol import key_data_fit
from whimbrel.wifi.elements import ELEMENTS_AT, Elements, parse_elements
from whimbrel.wifi.fcs import holds
from whimbrel.wifi.fixed import LONGEST
from whimbrel.wifi.kinds import (
    ACTION,
    ASSOC_REQ,
    ASSOC_RESP,
    BEACON,
    MORE_FRAGMENTS,
    PROBE_REQ,
    PROBE_RESP,
    PROTECTED,
    REASSOC_REQ,
    REASSOC_RESP,
)
from whimbrel.wording.quantities import count

if TYPE_CHECKING:
    from whimbrel.detections.air import Air
    from whimbrel.survey.beacons import Announcement
    from whimbrel.wifi.eapol import Eapol
    from whimbrel.wifi.frames import Frame

_SENDERS = 64
_CLEAN = 512
"""Limit of remembered hashes of correct bodies: devices send the same ones again and again."""
_MEASUREMENT, _NEIGHBOURS = 5, 5  # category and action of a neighbour report response (9.6.6.7)
_SSID, _VENDOR = 0, 221
_WMM, _MOST_TSPECS = b"\x00\x50\xf2\x02", 4
_SNAP, _EAPOL = 8, 4
_KEY_MIC = 77
"""The offset of the MIC in a key packet (12.7.2). Its length depends on the AKM: 0, 16 or 24 octets."""
_MAY_NEED_LONG_KEYS = ("", "be")
"""Generations (`Announcement.phy`) whose keys may be longer than those of one link; empty: not announced yet."""
_DIFFERENT = 4
"""The factor for the least number of frames if they are all different."""


class MalformedSettings(RuleSettings):
    """The thresholds."""

    frames: int = option(
        default=2,
        low=1,
        high=8,
        help="Frames of one sender with one fault and the same content; one is enough with a correct check sequence.",
    )
    window: Duration = option(default=Duration(60.0), low=1, help="Within this much listening.")


class _Single(NamedTuple):
    """A beacon with a fault that was not yet heard often enough."""

    beacon: Frame
    """The one counted last."""
    shape: Shape
    said: Announcement
    content: int
    """A hash of the elements of the first one."""
    at: float
    """Seconds, `Air.now`, of the last count."""


class MalformedFrames(Detection[MalformedSettings]):
    """Within `window`, one sender sends `frames` frames with the same fault and the same elements, or four times as
    many with different elements (damage is different each time). The faults are a table of known exploits. One frame is
    enough if its check sequence was captured and is correct.

    Checked are the elements of beacons, probes and (re)associations, channels in neighbour reports, and lengths in
    EAPOL packets and in the elements of their key data. Warnings: an SSID or mesh ID over 32 octets, over 32 rates, a
    country element over 252 octets, WMM over 24 octets, over 4 TSPECs, an RSN or WPA element that counts over 63
    suites, a Notice of Absence over 54 octets or without a whole number of periods, a WPS name over 100 octets, a
    channel over 224 outside its operating class. Also warnings, if the access point is known to be older than Wi-Fi 7
    (which needs such lengths): EAPOL key packets over 512 octets, and key data over 257 octets. Notices: wrong fixed
    lengths, three or four absences, a Multiple BSSID element inside another one or with the number of its carrier, and
    contents that run past the end. Truncated frames do not count.
    """

    rule = "malformed"
    family = "protocol"
    title = "Malformed frame"
    severity = Severity.NOTICE
    meaning = (
        "A frame has an invalid length or content of a kind that has crashed or taken over drivers or firmware. A"
        " warning names the exact matching flaw; a notice may also be bad firmware."
    )
    advice = (
        "Update the devices around: phones, computers, and above all Wi-Fi gadgets. Follow the signal to find the"
        " sender."
    )
    fooled_by = (
        "Firmware with mistakes of its own, and damaged frames in a capture without check sequences. Exploits with"
        " well-formed or encrypted frames are missed."
    )
    reference = "IEEE 802.11-2020, 9.4.2; each alert names its CVE, if there is one"
    kismet = (
        "BCOM11KCHAN",
        "LONGSSID",
        "MSFBCOMSSID",
        "MSFDLINKRATE",
        "QCOMEXTENDED",
        "RSNLOOP",
        "RTL8195VD1406",
        "RTLWIFIP2P",
        "VDOO202027301",
        "WMMOVERFLOW",
        "WMMTSPEC",
    )
    Settings = MalformedSettings
    kinds = frozenset({ASSOC_REQ, ASSOC_RESP, REASSOC_REQ, REASSOC_RESP, PROBE_REQ, PROBE_RESP, BEACON, ACTION})

    def __init__(self, settings: MalformedSettings, air: Air) -> None:
        super().__init__(settings, air)
        self._bursts: Recent[tuple[bytes, str], Burst] = Recent(
            _SENDERS, lambda: Burst(_DIFFERENT * settings.frames, settings.window)
        )
        self._alike: Recent[tuple[bytes, str, int], Burst] = Recent(
            _SENDERS, lambda: Burst(settings.frames, settings.window)
        )
        self._clean: dict[int, None] = {}
        self._single: dict[bytes, _Single] = {}  # by BSSID

    def observe(self, frame: Frame) -> Claim | None:
        """Check the elements of a management frame."""
        if frame.cut or frame.flags & PROTECTED or frame.malformed is not None:
            return None
        raw, start, end = frame.raw, frame.body, frame.end
        if frame.kind == ACTION:
            if start + 3 > end or raw[start] != _MEASUREMENT or raw[start + 1] != _NEIGHBOURS:
                return None
            start += 3
        else:
            start += ELEMENTS_AT[frame.kind]
        if end - start > LONGEST:
            return None
        clean = self._clean
        content = _content(raw, start, end)
        if content in clean:
            return None
        found = next(faults(parse_elements(raw, start, end)), None)
        if found is not None:
            whole = hash(raw[start:end])
            claim = self._count(frame, found, whole)
            if claim is not None and frame.bssid is not None:
                self._single.pop(frame.bssid, None)  # its beacon is counted: `turn` would count it once more
            ap = self.air.access_point(frame.bssid) if claim is None and frame.kind == BEACON else None
            if ap is not None and len(self._single) < _SENDERS:
                self._single[ap.address] = _Single(frame, found, ap.announced, whole, self.air.now)
            return claim
        if len(clean) >= _CLEAN:
            del clean[next(iter(clean))]
        clean[content] = None
        return None

    def turn(self) -> Sequence[Claim]:
        """Count the beacons that repeated a fault: `observe` gets only those that say something new."""
        claims = []
        now = self.air.now
        for address, one in list(self._single.items()):
            ap = self.air.access_point(address)
            again = None if ap is None or ap.announced is not one.said else ap.beacon
            if again is one.beacon and abs(now - one.at) <= self.settings.window:
                continue
            del self._single[address]
            if again is None or again is one.beacon:
                continue
            claim = self._count(again, one.shape, one.content)
            if claim is not None:
                claims.append(claim)
            else:
                self._single[address] = one._replace(beacon=again, at=now)
        return claims

    def eapol(self, frame: Frame, packet: Eapol, bssid: bytes, station: bytes) -> Claim | None:
        """Check the lengths of an EAPOL packet."""
        if frame.cut or frame.fragment or frame.flags & MORE_FRAGMENTS:
            return None
        raw, at, end = frame.raw, packet.start + _SNAP, packet.end
        if at + _EAPOL > end:
            return None
        size = raw[at + 2] << 8 | raw[at + 3]
        if at + _EAPOL + size > end:
            return self._count(frame, shapes.EAPOL_LENGTH)
        if packet.type != "key" or packet.key_data_length is None:
            return None
        data = packet.key_data_length
        if data + _KEY_MIC + 2 > size:
            return self._count(frame, shapes.KEY_DATA)
        if not key_data_fit(raw, packet):
            return self._count(frame, shapes.KEY_DATA_ELEMENT)
        # A missing beacon is no evidence against an access point: handshakes are often captured without one.
        ap = self.air.access_point(bssid)
        if ap is None or ap.announced.cut or ap.announced.phy in _MAY_NEED_LONG_KEYS:
            return None
        if shapes.LONG_EAPOL.check(raw, 0, size):
            return self._count(frame, shapes.LONG_EAPOL)
        if shapes.LONG_KEY_DATA.check(raw, 0, data):
            return self._count(frame, shapes.LONG_KEY_DATA)
        return None

    def _count(self, frame: Frame, shape: Shape, content: int = 0) -> Claim | None:
        ta = frame.ta
        if ta is None:
            return None
        sound = holds(frame)
        if sound is False:
            return None
        burst = self._bursts.use((ta, shape.name))
        enough = burst.hit(self.air, frame)
        enough = self._alike.use((ta, shape.name, content)).hit(self.air, frame) or enough
        if not enough and not sound:
            return None
        exact = shape.severity is Severity.WARNING
        return Claim(
            (ta, shape.name),
            f"{mac(ta)} sent {shape.what} in {count(burst.total, 'frame')} ({shape.reference})",
            bssid=frame.bssid,
            ssid=self.air.name_of(frame.bssid),
            sender=ta,
            receiver=frame.ra,
            seen=burst.total,
            threshold=f"{self.settings.frames} in {self.settings.window:g} s",
            confidence=(HIGH if sound else MEDIUM) if exact else LOW,
            severity=shape.severity,
            frames=tuple(burst.frames),
        )


def _content(raw: bytes, start: int, end: int) -> int:
    """Return a hash of everything that matters for faults: all except the octets of a leading name."""
    if start + 2 > end or raw[start] != _SSID:
        return hash(raw[start:end])
    behind = start + 2 + raw[start + 1]
    return hash((end - start, behind - start, raw[behind:end]))


def faults(elements: Elements) -> Iterator[Shape]:
    """Yield the faults of a frame's elements, known exploits first."""
    found = list(_faults(elements))
    found.sort(key=lambda shape: -shape.severity.rank)
    yield from found


def _faults(elements: Elements) -> Iterator[Shape]:
    raw = elements.raw
    tspecs = 0
    wps = False
    for number, start, end in elements.spans:
        for shape in shapes.BY_ELEMENT.get(number, ()):
            if shape.check(raw, start, end):
                yield shape
        if number != _VENDOR:
            continue
        vendor = raw[start : min(start + 4, end)]
        if vendor == _WMM:
            if raw.startswith(shapes.TSPEC, start, end):
                tspecs += 1
            elif raw.startswith(shapes.WMM_PARAMETERS, start, end) and shapes.LONG_WMM.check(raw, start, end):
                yield shapes.LONG_WMM
        wps = wps or vendor == b"\x00\x50\xf2\x04"
        for shape in shapes.BY_VENDOR.get(vendor, ()):
            if shape.check(raw, start + 4, end):
                yield shape
    if tspecs > _MOST_TSPECS:
        yield shapes.MANY_TSPECS
    if elements.malformed is not None and "past the end" in elements.malformed:
        yield shapes.OVERRUN
    if wps and elements.wps is not None and elements.wps.cut:
        yield shapes.WPS_OVERRUN


DETECTIONS = (MalformedFrames,)
