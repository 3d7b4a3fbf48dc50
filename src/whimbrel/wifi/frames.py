"""One captured frame as a value.

`Frame` is the contract of everything behind the radio: survey, detections, recorder and screens read its fields. Absent
is None for what a value of 0 could mean, and 0, False or empty otherwise.
"""

from __future__ import annotations

import enum
from typing import Any

from whimbrel.wifi.kinds import PROTECTED, RETRY


class Malformed(enum.Enum):
    """Why a capture record could not be read to its end; the value is what a person is told."""

    LINK_HEADER = "capture header broken or cut short"
    LINK_TYPE = "link type not known"
    TOO_SHORT = "frame shorter than its header"
    VERSION = "protocol version is not 0"
    RESERVED = "reserved type or subtype"
    BODY = "body shorter than its fixed fields"


class Frame:
    """What one capture record says, made by `whimbrel.wifi.linktypes.parse`; all addresses are 6 bytes.

    `raw[start:end]` is the 802.11 frame without its FCS, `raw[body:end]` its body behind the header (QoS and HT control
    included in the header). `Frame()` is one of which nothing is known.
    """

    # Slots, all of them always set: reading or setting any other kind of attribute that has a default in the class
    # costs the interpreter about three times as much, and a frame is read some fifty times on its way.
    __slots__ = (
        *("time", "raw", "start", "body", "end", "length", "cut", "malformed"),
        *("freq", "rssi", "noise", "tsft", "rate", "phy", "width", "antennas", "bad_fcs"),
        *("kind", "flags", "duration", "ra", "ta", "addr3", "addr4", "bssid", "sa", "da"),
        *("seq", "fragment", "tid", "amsdu"),
    )

    # The record
    time: float  # s since the epoch
    raw: bytes  # as captured, link-layer header included
    start: int
    body: int
    end: int
    length: int  # octets on the air, FCS included, also where the capture cut the frame short
    cut: bool  # the capture holds fewer octets than were on the air
    malformed: Malformed | None

    # The radio (radiotap, Prism or PPI)
    freq: int  # MHz, centre of the primary channel; 0: not told
    rssi: int | None  # dBm, strongest antenna
    noise: int | None  # dBm
    tsft: int | None  # us, the receiver's clock at the first bit
    rate: float  # Mbit/s; 0: not told
    phy: str  # "dsss", "ofdm", "ht", "vht", "he", "eht"; "": not told
    width: int  # MHz that the frame was sent on; 0: not told
    antennas: tuple[tuple[int, int], ...]  # (antenna, dBm) where radiotap has several
    bad_fcs: bool  # the receiver says that the frame is damaged: nothing behind the header can be believed

    # The header
    kind: int  # of `whimbrel.wifi.kinds`; -1: no readable Frame Control, or no frame at all (0-length PSDU)
    flags: int  # of Frame Control, as `whimbrel.wifi.kinds` has them
    duration: int  # the Duration/ID field as it is: us below 32768, an AID in PS-Poll
    ra: bytes | None  # address 1, the receiver
    ta: bytes | None  # address 2, the transmitter
    addr3: bytes | None
    addr4: bytes | None
    bssid: bytes | None  # as the DS bits place it; None for WDS, and for control frames but PS-Poll
    sa: bytes | None  # source; None where it stands in the body (A-MSDU from the DS)
    da: bytes | None  # destination; None where it stands in the body (A-MSDU to the DS)
    seq: int | None  # sequence number, 0..4095
    fragment: int
    tid: int | None  # of QoS data
    amsdu: bool  # QoS control, A-MSDU present

    def __init__(self) -> None:
        self.time = 0.0
        self.raw = b""
        self.start = self.body = self.end = self.length = 0
        self.cut = self.bad_fcs = self.amsdu = False
        self.malformed = None
        self.freq = self.width = 0
        self.rssi = self.noise = self.tsft = None
        self.rate = 0.0
        self.phy = ""
        self.antennas = ()
        self.kind = -1
        self.flags = self.duration = self.fragment = 0
        self.ra = self.ta = self.addr3 = self.addr4 = None
        self.bssid = self.sa = self.da = None
        self.seq = self.tid = None

    @property
    def retry(self) -> bool:
        """Whether the frame is marked as sent again."""
        return bool(self.flags & RETRY)

    @property
    def protected(self) -> bool:
        """Whether the body is encrypted."""
        return bool(self.flags & PROTECTED)

    def scapy(self) -> Any:
        """Return the frame as scapy dissects it, a ``Dot11`` without capture header and FCS, for a look in depth.

        It costs a Zero some 25 ms, and the import of scapy before the first. A frame that scapy cannot read is ``Raw``.
        """
        from scapy.layers.dot11 import Dot11
        from scapy.packet import Raw

        octets = self.raw[self.start : self.end]
        try:
            return Dot11(octets)
        except Exception:  # noqa: BLE001  # a dissector may raise anything over a hostile frame
            return Raw(octets)

    @property
    def group(self) -> bool:
        """Whether it is for many receivers."""
        return self.ra is not None and bool(self.ra[0] & 1)
