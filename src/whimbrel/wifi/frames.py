"""One captured frame as a value, and the pass over its bytes that makes it.

`Frame` is the contract of everything behind the radio: survey, detections, recorder and screens read its fields. Absent
is None for what a value of 0 could mean, and the class's default otherwise; the defaults are class attributes so that what a
frame does not have costs nothing to say.
"""

from __future__ import annotations

import enum


class Kind(enum.IntEnum):
    """Type and subtype of a frame as ``type << 4 | subtype`` (IEEE 802.11-2020, table 9-1), as Wireshark numbers them."""

    ASSOC_REQ = 0x00
    ASSOC_RESP = 0x01
    REASSOC_REQ = 0x02
    REASSOC_RESP = 0x03
    PROBE_REQ = 0x04
    PROBE_RESP = 0x05
    TIMING_ADV = 0x06
    BEACON = 0x08
    ATIM = 0x09
    DISASSOC = 0x0A
    AUTH = 0x0B
    DEAUTH = 0x0C
    ACTION = 0x0D
    ACTION_NO_ACK = 0x0E
    TRIGGER = 0x12
    BEAMFORMING_POLL = 0x14
    NDP_ANNOUNCE = 0x15
    CONTROL_EXTENSION = 0x16
    CONTROL_WRAPPER = 0x17
    BLOCK_ACK_REQ = 0x18
    BLOCK_ACK = 0x19
    PS_POLL = 0x1A
    RTS = 0x1B
    CTS = 0x1C
    ACK = 0x1D
    CF_END = 0x1E
    CF_END_ACK = 0x1F
    DATA = 0x20
    NULL = 0x24
    QOS_DATA = 0x28
    QOS_NULL = 0x2C
    DMG_BEACON = 0x30
    S1G_BEACON = 0x31


class Flag(enum.IntFlag):
    """The second octet of Frame Control (IEEE 802.11-2020, 9.2.4.1)."""

    TO_DS = 0x01
    FROM_DS = 0x02
    MORE_FRAGMENTS = 0x04
    RETRY = 0x08
    POWER_MANAGEMENT = 0x10
    MORE_DATA = 0x20
    PROTECTED = 0x40
    ORDER = 0x80


class Malformed(enum.Enum):
    """Why a capture record could not be read to its end; the value is what a person is told."""

    LINK_HEADER = "capture header broken or cut short"
    LINK_TYPE = "link type not known"
    TOO_SHORT = "frame shorter than its header"
    VERSION = "protocol version is not 0"
    RESERVED = "reserved type or subtype"
    BODY = "body shorter than its fixed fields"


class Frame:
    """What one capture record says. Made by `parse`, not changed after it; all addresses are 6 bytes.

    `raw[start:end]` is the 802.11 frame without its FCS, `raw[body:end]` its body behind the header (QoS and HT control
    included in the header).
    """

    # The record
    time: float = 0.0  # s since the epoch
    raw: bytes = b""  # as captured, link-layer header included
    start: int = 0
    body: int = 0
    end: int = 0
    length: int = 0  # octets on the air, FCS included, also where the capture cut the frame short
    cut: bool = False  # the capture holds fewer octets than were on the air
    malformed: Malformed | None = None

    # The radio (radiotap, Prism or PPI)
    freq: int = 0  # MHz, centre of the primary channel; 0: not told
    rssi: int | None = None  # dBm, strongest antenna
    noise: int | None = None  # dBm
    tsft: int | None = None  # us, the receiver's clock at the first bit
    rate: float = 0.0  # Mbit/s; 0: not told
    phy: str = ""  # "dsss", "ofdm", "ht", "vht", "he", "eht"; "": not told
    width: int = 0  # MHz that the frame was sent on; 0: not told
    antennas: tuple[tuple[int, int], ...] = ()  # (antenna, dBm) where radiotap has several
    bad_fcs: bool = False  # the receiver says that the frame is damaged: nothing behind the header can be believed

    # The header
    kind: int = -1  # a `Kind`, as a plain int; -1: the frame has no readable Frame Control
    flags: int = 0  # `Flag` bits, as a plain int
    duration: int = 0  # us (the Duration/ID field, also for PS-Poll's AID)
    ra: bytes | None = None  # address 1, the receiver
    ta: bytes | None = None  # address 2, the transmitter
    addr3: bytes | None = None
    addr4: bytes | None = None
    bssid: bytes | None = None  # as the DS bits place it; None for WDS and for control frames
    sa: bytes | None = None  # source
    da: bytes | None = None  # destination
    seq: int | None = None  # sequence number, 0..4095
    fragment: int = 0
    tid: int | None = None  # of QoS data
    amsdu: bool = False  # QoS control, A-MSDU present

    @property
    def retry(self) -> bool:
        """Whether the frame is marked as sent again."""
        return bool(self.flags & Flag.RETRY)

    @property
    def protected(self) -> bool:
        """Whether the body is encrypted."""
        return bool(self.flags & Flag.PROTECTED)

    @property
    def group(self) -> bool:
        """Whether it is for many receivers."""
        return self.ra is not None and bool(self.ra[0] & 1)
