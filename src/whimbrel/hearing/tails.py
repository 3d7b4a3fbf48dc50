"""Find the end of a frame in its record from the frame itself: by its CRC, or by the structure of its body."""

from __future__ import annotations

from binascii import crc32

from whimbrel.wifi.header import FIXED
from whimbrel.wifi.reading import FCS

LONGEST = 20
"""Limit of octets after a frame: an FCS, and the octets that some drivers add."""

_MASK = (1 << LONGEST + 1) - 1

# Control frames of one length (IEEE 802.11-2020, 9.3.1), by their first octet: octets without the FCS.
_CONTROL = {0xC4: 10, 0xD4: 10, 0xB4: 16, 0xA4: 16, 0xE4: 16, 0xF4: 16}
# Management frames whose body ends in elements (9.3.3), by their first octet: whether there must be at least one.
_ELEMENTS = {
    0x00: True,
    0x10: True,
    0x20: True,
    0x30: True,
    0x40: True,
    0x50: True,
    0x80: True,
    0xA0: False,
    0xC0: False,
}
_SSID = 0
_NULL_FUNCTION, _QOS = 0x40, 0x80
_PROTECTED, _ORDER, _FRAGMENT = 0x40, 0x80, 0x04
_LLC_EAPOL = bytes.fromhex("aaaa03000000888e")


def octets_behind_fcs(raw: bytes, start: int) -> int | None:
    """Return the number of octets after the check sequence of the frame at ``raw[start:]``, 0 to 16; None if no
    position fits one."""
    end = len(raw)
    shortest = max(end - (LONGEST - FCS) - FCS, start + 10)
    if shortest + FCS > end:
        return None
    view = memoryview(raw)
    value = crc32(view[start:shortest])
    for at in range(shortest, end - FCS + 1):
        if value == int.from_bytes(raw[at : at + FCS], "little"):
            return end - FCS - at
        value = crc32(view[at : at + 1], value)
    return None


def possible_tails(raw: bytes, start: int) -> int:
    """Return the possible numbers of octets after the body of the frame at ``raw[start:]``: bit n is set if n may be.

    0 for an inconclusive frame: encrypted, or without a fixed structure.
    """
    size = len(raw) - start
    if size < 10:
        return 0
    control, flags = raw[start], raw[start + 1]
    length = _CONTROL.get(control)
    if length is not None:
        return 1 << size - length if 0 <= size - length <= LONGEST else 0
    if flags & (_PROTECTED | _FRAGMENT) or size < 24:
        return 0
    if control & 0x0F == 0x08:
        return _tail_of_data(raw, start, control, flags)
    must = _ELEMENTS.get(control)
    if must is None:
        return 0
    return _ends_of_elements(raw, start + (28 if flags & _ORDER else 24) + FIXED[control >> 4], must=must)


def _tail_of_data(raw: bytes, start: int, control: int, flags: int) -> int:
    """Handle data frames: those without a payload, and EAPOL, which has a length field (IEEE 802.1X-2020, 11.3.4)."""
    body = start + (30 if flags & 3 == 3 else 24)
    if control & _QOS:
        body += 6 if flags & _ORDER else 2
    if control & _NULL_FUNCTION:
        end = body
    elif raw.startswith(_LLC_EAPOL, body) and body + 12 <= len(raw):
        end = body + 12 + int.from_bytes(raw[body + 10 : body + 12], "big")
    else:
        return 0
    tail = len(raw) - end
    return 1 << tail if 0 <= tail <= LONGEST else 0


def _ends_of_elements(raw: bytes, at: int, *, must: bool) -> int:
    """Return the possible ends of the elements from `at` on. Zeros after them are no SSID, which is always first."""
    end = len(raw)
    if at > end:
        return 0
    first = at
    found = 0 if must else 1 << end - at if end - at <= LONGEST else 0
    while at + 2 <= end and (raw[at] != _SSID or (must and at == first)):
        at += 2 + raw[at + 1]
        if at > end:
            break
        if end - at <= LONGEST:
            found |= 1 << end - at
    return found & _MASK
