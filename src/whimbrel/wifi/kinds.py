"""Kinds of frames and flags of Frame Control, as the plain integers in a `Frame`.

They are no enums, because an operation on an enum costs a hundred times that on an integer, for every frame.
"""

from __future__ import annotations

# Type and subtype as ``type << 4 | subtype`` (IEEE 802.11-2020, table 9-1), as in Wireshark.
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

CONTROL_FRAMES = range(0x10, 0x20)
DATA_FRAMES = range(0x20, 0x30)

NO_PAYLOAD = 0x04
"""The bit in the kind of data frames without data, such as null."""

# The second octet of Frame Control (9.2.4.1).
TO_DS = 0x01
FROM_DS = 0x02
MORE_FRAGMENTS = 0x04
RETRY = 0x08
POWER_MANAGEMENT = 0x10
MORE_DATA = 0x20
PROTECTED = 0x40
ORDER = 0x80

_NAMES = {
    ASSOC_REQ: "association request",
    ASSOC_RESP: "association response",
    REASSOC_REQ: "reassociation request",
    REASSOC_RESP: "reassociation response",
    PROBE_REQ: "probe request",
    PROBE_RESP: "probe response",
    TIMING_ADV: "timing advertisement",
    BEACON: "beacon",
    ATIM: "ATIM",
    DISASSOC: "disassociation",
    AUTH: "authentication",
    DEAUTH: "deauthentication",
    ACTION: "action",
    ACTION_NO_ACK: "action no ACK",
    TRIGGER: "trigger",
    BEAMFORMING_POLL: "beamforming poll",
    NDP_ANNOUNCE: "NDP announce",
    CONTROL_EXTENSION: "control extension",
    CONTROL_WRAPPER: "control wrapper",
    BLOCK_ACK_REQ: "block ACK request",
    BLOCK_ACK: "block ACK",
    PS_POLL: "PS poll",
    RTS: "RTS",
    CTS: "CTS",
    ACK: "ACK",
    CF_END: "CF end",
    CF_END_ACK: "CF end ACK",
    DATA: "data",
    NULL: "null",
    QOS_DATA: "QoS data",
    QOS_NULL: "QoS null",
    DMG_BEACON: "DMG beacon",
    S1G_BEACON: "S1G beacon",
}


def name(kind: int) -> str:
    """Return the name of a kind of frame, such as ``beacon`` or ``QoS data``; its numbers if it has no name."""
    if kind < 0:
        return "not readable"
    return _NAMES.get(kind) or f"type {kind >> 4} subtype {kind & 15}"
