"""One captured frame as a value.

Survey, detections, recorder and screens all read the fields of `Frame`. An absent value is None if 0 would be a
possible value, otherwise 0, False or empty.
"""

from __future__ import annotations

import enum
from typing import Any, ClassVar

from whimbrel.wifi.kinds import (
    DATA_FRAMES,
    DMG_BEACON,
    FROM_DS,
    ORDER,
    PROTECTED,
    RETRY,
    S1G_BEACON,
    TO_DS,
)

_DS = TO_DS | FROM_DS
_EXTENSIONS = (DMG_BEACON, S1G_BEACON)


class Malformed(enum.Enum):
    """The reason why a capture record could not be read to its end; the value is the text for users."""

    LINK_HEADER = "capture header broken or cut short"
    LINK_TYPE = "link type not known"
    TOO_SHORT = "frame shorter than its header"
    VERSION = "protocol version is not 0"
    RESERVED = "reserved type or subtype"
    BODY = "body shorter than its fixed fields"


class PhyMode:
    """The way in which a receiver reports many frames to be sent. Compared by identity, which costs less than values:
    frames with the same object are alike, frames with different ones may be."""

    __slots__ = ("freq", "modulated", "phy", "rate")

    def __init__(self, freq: int, rate: float, phy: str) -> None:
        self.freq = freq
        """MHz; never 0."""
        self.rate = rate
        """Mbit/s; 0: unknown."""
        self.phy = phy
        self.modulated: dict[bytes, tuple[str, float, int, PhyMode]] = {}
        """PHY, rate, width in MHz (0: unknown) and mode of frames that have also these octets of an HT, VHT or HE
        field. Belongs to the parser."""


class Received:
    """What was heard by one of several receivers."""

    __slots__ = ("_receiver",)
    _several: ClassVar[bool] = False  # whether it was ever set: asking for what is missing costs 10,000 instructions

    @property
    def receiver(self) -> int:
        """The number of the receiver; 0 is the first. With a single one, which this costs nothing, it is never set."""
        if not Received._several:
            return 0
        try:
            number: int = self._receiver
        except AttributeError:
            return 0
        return number

    @receiver.setter
    def receiver(self, number: int) -> None:
        if not Received._several:
            Received._several = True
        self._receiver = number


class Frame(Received):
    """The contents of one capture record, made by `whimbrel.wifi.linktypes.parse`; all addresses are 6 bytes.

    `raw[start:end]` is the 802.11 frame without its FCS, `raw[body:end]` its body after the header (QoS and HT control
    belong to the header). `Frame()` is a frame of which nothing is known.
    """

    # Slots that are all set at once: an attribute with a default in the class costs the interpreter about three times
    # as much to read or set, and the fields of a frame are read about fifty times.
    __slots__ = (
        *("time", "raw", "start", "body", "end", "length", "cut", "malformed"),
        *("freq", "rssi", "noise", "tsft", "rate", "phy", "mode", "width", "bad_fcs"),
        *("kind", "flags", "duration", "ra", "ta", "addr3", "bssid"),
        *("seq", "fragment", "tid", "amsdu"),
    )

    # The record
    time: float  # s since the epoch
    raw: bytes  # as captured, link-layer header included
    start: int
    body: int
    end: int
    length: int  # octets on the air, FCS included, even if the capture cut the frame short
    cut: bool  # the capture holds fewer octets than were on the air
    malformed: Malformed | None

    # The radio (radiotap, Prism or PPI)
    freq: int  # MHz, centre of the primary channel; 0: unknown
    rssi: int | None  # dBm, strongest antenna
    noise: int | None  # dBm
    tsft: int | None  # us, the receiver's clock at the first bit
    rate: float  # Mbit/s; 0: unknown
    phy: str  # "dsss", "ofdm", "ht", "vht", "he", "eht"; "": unknown
    mode: PhyMode | None  # of frequency, rate and PHY; None: none is kept
    width: int  # MHz that the frame was sent on; 0: unknown
    bad_fcs: bool  # the receiver marked the frame as damaged: nothing after the header can be believed

    # The header
    kind: int  # of `whimbrel.wifi.kinds`; -1: no readable Frame Control, or no frame at all (0-length PSDU)
    flags: int  # of Frame Control, as `whimbrel.wifi.kinds` has them
    duration: int  # the Duration/ID field as it is: us below 32768, an AID in PS-Poll
    ra: bytes | None  # address 1, the receiver
    ta: bytes | None  # address 2, the transmitter
    addr3: bytes | None
    bssid: bytes | None  # at the place given by the DS bits; None for WDS, and for control frames except PS-Poll
    seq: int | None  # sequence number, 0..4095; None: it has none, or a scan found the frame and does not tell
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
        self.mode = None
        self.kind = -1
        self.flags = self.duration = self.fragment = 0
        self.ra = self.ta = self.addr3 = self.bssid = None
        self.seq = self.tid = None

    @property
    def timeless(self) -> bool:
        """Whether the timestamp of a beacon or probe response is unknown: a scan found it, with a driver that tells
        none."""
        return self.seq is None and not any(self.raw[self.body : self.body + 8])

    # Few frames are asked for these, so they are no slots. By IEEE 802.11-2020, table 9-30; the subframes of an A-MSDU
    # have addresses of their own.

    @property
    def addr4(self) -> bytes | None:
        """Address 4, of data between two access points."""
        if self._ds != _DS:
            return None
        at = self.start + 24
        qos = 0 if not self.kind & 0x08 else 6 if self.flags & ORDER else 2
        return self.raw[at : at + 6] if at + 6 + qos <= self.end else None

    @property
    def sa(self) -> bytes | None:
        """Source; None if it is in the body (A-MSDU from the DS)."""
        if self.addr3 is None:
            return self.bssid if self.kind in _EXTENSIONS else None
        ds = self._ds
        if not ds & FROM_DS:
            return self.ta
        return None if self.amsdu else self.addr3 if ds == FROM_DS else self.addr4

    @property
    def da(self) -> bytes | None:
        """Destination; None if it is in the body (A-MSDU to the DS)."""
        if self.addr3 is None:
            return None
        return self.ra if not self._ds & TO_DS else None if self.amsdu else self.addr3

    @property
    def _ds(self) -> int:
        """The DS bits, which only data frames may have."""
        return self.flags & _DS if self.kind in DATA_FRAMES else 0

    @property
    def retry(self) -> bool:
        """Whether the frame is marked as a retransmission."""
        return bool(self.flags & RETRY)

    @property
    def protected(self) -> bool:
        """Whether the body is encrypted."""
        return bool(self.flags & PROTECTED)

    def scapy(self) -> Any:
        """Return scapy's dissection of the frame, a ``Dot11`` without capture header and FCS.

        It costs a Pi Zero about 25 ms, and the first call imports scapy. A frame that scapy cannot read is ``Raw``.
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
        """Whether the receiver is a group address."""
        return self.ra is not None and bool(self.ra[0] & 1)
