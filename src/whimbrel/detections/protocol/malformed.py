"""Elements and lengths that no device should send, and that were exploits once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

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
    from whimbrel.wifi.eapol import Eapol
    from whimbrel.wifi.frames import Frame

_SENDERS = 64
_CLEAN = 512
"""Bodies without fault that are remembered, by hash: devices send the same ones over and over."""
_MEASUREMENT, _NEIGHBOURS = 5, 5  # category and action of a neighbour report response (9.6.6.7)
_SSID, _VENDOR = 0, 221
_WMM, _MOST_TSPECS = b"\x00\x50\xf2\x02", 4
_SNAP, _EAPOL = 8, 4
_KEY_MIC = 77
"""Where the MIC of a key packet begins (12.7.2). How long it is depends on the AKM: 0, 16 or 24 octets."""
_MAY_NEED_LONG_KEYS = ("", "be")
"""Generations (`Announcement.phy`) whose keys may be longer than those of one link; empty: not announced yet."""
_DIFFERENT = 4
"""Times as many frames that it takes where each is different."""


class MalformedSettings(RuleSettings):
    """The thresholds."""

    frames: int = option(
        default=2,
        low=1,
        high=8,
        help="Frames of one sender with one fault and the same content; one, where its check sequence was captured.",
    )
    window: Duration = option(default=Duration(60.0), low=1, help="Within this much listening.")


class MalformedFrames(Detection[MalformedSettings]):
    """`frames` frames of one sender within `window` have the same fault, of a table of faults that were exploits once,
    and the same elements; or four times as many, whatever else is in them: damage is different each time. One suffices
    where the capture holds its check sequence, and that fits.

    Looked at: the elements of beacons, probes and (re)associations, channels of neighbour reports, and the lengths of
    EAPOL and of the elements in its key data. Warnings: a name or mesh name over 32 octets, over 32 rates, a country
    element over 252 octets, WMM over 24 octets, over 4 TSPECs, RSN or WPA counting over 63 suites, a Notice of Absence
    over 54 octets or of no whole number of periods, a WPS name over 100 octets, a channel over 224 that its operating
    class has not; and of an access point that was heard to be older than Wi-Fi 7, which needs that much, EAPOL keys
    over 512 octets and key data over 257 octets. Notices: fixed lengths that are others, three or four absences,
    Multiple BSSID inside itself or with the carrier's own number, and what runs past the end. Frames that the capture
    cut short do not count.
    """

    rule = "malformed"
    family = "protocol"
    title = "Malformed frame"
    severity = Severity.NOTICE
    meaning = (
        "A frame has a length or a content that no device should send, and that made drivers or firmware crash "
        "or worse. A warning names the flaw that it fits exactly; a notice may as well be bad firmware."
    )
    advice = "Update what is near: phones, computers, and above all Wi-Fi gadgets. Look for the sender by its signal."
    fooled_by = (
        "Firmware with mistakes of its own, and frames damaged on the way in a capture without check "
        "sequences. Exploits whose frames are well formed, or encrypted, are not seen."
    )
    reference = "IEEE 802.11-2020, 9.4.2; each alert names the CVE, where there is one"
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

    def observe(self, frame: Frame) -> Claim | None:
        """Look at the elements of a management frame."""
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
            return self._count(frame, found, hash(raw[start:end]))
        if len(clean) >= _CLEAN:
            del clean[next(iter(clean))]
        clean[content] = None
        return None

    def eapol(self, frame: Frame, packet: Eapol, bssid: bytes, station: bytes) -> Claim | None:
        """Look at the lengths of a packet of EAPOL."""
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
        # That an access point was not heard is no evidence against it: handshakes are captured without a beacon.
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
    """Return a hash of what decides about faults: all but the octets of a name that comes first."""
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
