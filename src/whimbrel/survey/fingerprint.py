"""The fingerprint of an implementation: its elements, part by part, without parts that change from frame to frame.

Each part is hashed by itself, so that a difference can be named: *which* part changed tells a firmware update from an
imitator. What is left out: the FCS, timestamps, names, channels, traffic (TIM, BSS load), announcements that come and
go, and the state that the operation elements carry.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from functools import lru_cache
from hashlib import blake2b

from whimbrel.wifi.elements import EXTENSION, MULTI_LINK
from whimbrel.wifi.multi_link import RECONFIGURATION

Span = tuple[int, int, int]
"""One element, as `whimbrel.wifi.elements.Elements.spans` has it: number, where in the bytes its payload begins and
ends."""
Fingerprint = tuple[tuple[str, str], ...]
"""(name of the part, hash of its content as 16 hexadecimal digits), in a fixed order; a part that is not there is left
out."""

VENDOR = 221
MICROSOFT_WPA = b"\x00\x50\xf2\x01"
MICROSOFT_WPS = b"\x00\x50\xf2\x04"

# WPA, and RSNE, RSNE 2 and RSNXE Override (Wi-Fi Alliance, WPA3 specification 3.4).
_SECURITY = frozenset({MICROSOFT_WPA, *(b"\x50\x6f\x9a" + bytes((kind,)) for kind in (0x29, 0x2A, 0x2B))})

# Capability Information (IEEE 802.11-2020, 9.4.1.4) without short preamble and short slot time, which follow the
# stations around.
_CAPABILITIES = 0xFFFF & ~(1 << 5 | 1 << 10)

# Come and go with traffic, radar and other stations (9.4.2, by element id): TIM, challenge text, power constraint, TPC
# report, channel switch, quiet, ERP, extended channel switch, QoS traffic capability, BSS load, secondary channel
# offset, overlapping BSS, wide-bandwidth switch and its wrapper, reduced neighbour report.
_PASSING = frozenset({5, 11, 16, 32, 35, 37, 40, 42, 46, 60, 62, 72, 74, 193, 194, 195, 196, 201})

# The same by extended id: colour change, quiet time, maximum channel switch time.
_EXTENSION_PASSING = frozenset({42, 43, 52})

_PARTS = {
    1: "rates",
    50: "rates",
    45: "ht",
    191: "vht",
    127: "extended capabilities",
    48: "security",
    68: "security",
    244: "security",
    54: "mobility",
    70: "radio measurement",
    107: "interworking",
    111: "roaming",
    EXTENSION + 35: "he",
    EXTENSION + 59: "he 6 GHz",
    EXTENSION + 108: "eht",
}
_ORDER = (
    "capabilities", "rates", "ht", "vht", "he", "he 6 GHz", "eht", "extended capabilities", "security", "mobility",
    "radio measurement", "interworking", "roaming", "wps", "vendors", "order",
)  # fmt: skip

_NUMBER, _HEAD = struct.Struct("<H"), struct.Struct("<HH")

# Attributes of WPS (Wi-Fi Simple Configuration 2.0.8, section 12) that change while somebody pushes the button.
_WPS_PASSING = frozenset({0x1012, 0x1041, 0x1053, 0x1057})


def of_access_point(raw: bytes, capabilities: int, spans: Sequence[Span]) -> Fingerprint:
    """Return the fingerprint of a beacon or a probe response with this Capability Information and these elements of
    `raw`."""
    parts = _collect(raw, spans)
    parts["capabilities"] = (capabilities & _CAPABILITIES).to_bytes(2, "little")
    return tuple([(name, _hash(parts[name])) for name in _ORDER if name in parts])


def of_station(raw: bytes, spans: Sequence[Span]) -> str:
    """Return one hash, as 16 hexadecimal digits, of what a probe request with these elements of `raw` says of the
    device."""
    parts = _collect(raw, spans)
    return _hash(b"".join(name.encode() + b"\0" + parts[name] for name in _ORDER if name in parts))


def _collect(raw: bytes, spans: Sequence[Span]) -> dict[str, bytes]:
    """Return the content of each part, with the ids before the contents so that nothing can move between elements
    unseen."""
    parts: dict[str, bytes] = {}
    order: list[bytes] = []
    vendors: list[bytes] = []
    for number, start, end in spans:
        if number in _PASSING or (number == MULTI_LINK and raw[start] & 7 == RECONFIGURATION):
            continue
        content = raw[start:end]
        part = _PARTS.get(number)
        order.append(_NUMBER.pack(number))
        if number == VENDOR:
            kind = content[:4]
            order.append(kind)
            if kind == MICROSOFT_WPS:
                part, content = "wps", _lasting_wps(content[4:])
            elif kind in _SECURITY:
                part = "security"
            else:
                vendors.append(kind.ljust(4, b"\0"))
        if part is not None:
            content = _HEAD.pack(number, len(content)) + content
            parts[part] = parts[part] + content if part in parts else content
    parts["order"] = b"".join(order)
    if vendors:
        parts["vendors"] = b"".join(vendors)
    return parts


def _lasting_wps(attributes: bytes) -> bytes:
    """Leave out the attributes that change during push button setup."""
    lasting = bytearray()
    at = 0
    while at + 4 <= len(attributes):
        kind = int.from_bytes(attributes[at : at + 2], "big")
        end = at + 4 + int.from_bytes(attributes[at + 2 : at + 4], "big")
        if kind not in _WPS_PASSING:
            lasting += attributes[at:end]
        at = end
    return bytes(lasting)


@lru_cache(maxsize=256)
def _hash(content: bytes) -> str:
    return blake2b(content, digest_size=8).hexdigest()
