"""The blocks of a pcapng file as octets (draft-ietf-opsawg-pcapng): section, interface, packet, statistics.

Numbers are little-endian, times in nanoseconds, which a float of seconds comes back from unchanged. Texts may be any:
control characters but the line break are replaced, and they are cut at what an option can hold.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from whimbrel.wifi.linktypes import RADIOTAP

if TYPE_CHECKING:
    from whimbrel.wifi.capture_record import CaptureRecord

SECTION, INTERFACE, STATISTICS, PACKET = 0x0A0D0D0A, 1, 5, 6
"""Types of blocks; a packet's is the enhanced one."""
ORDER = 0x1A2B3C4D
"""The beginning of a section, in its own order of octets."""
_UNKNOWN_LENGTH = 0xFFFF_FFFF_FFFF_FFFF
_END, _COMMENT = 0, 1
_APPLICATION = 4
_NAME, _DESCRIPTION, _RESOLUTION, _FILTER = 2, 3, 9, 11
_LOST_BEFORE = 4
_BEGUN, _ENDED, _RECEIVED, _DROPPED, _DELIVERED = 2, 3, 4, 5, 8
_CUSTOM = 2989
"""A custom option that may be copied into other files."""
_KISMET, _GPS = 55922, 0x47
"""Kismet's enterprise number (IANA), and the beginning of its positions."""
_LONGITUDE, _LATITUDE, _ALTITUDE = 0x02, 0x04, 0x08
_HIGHEST = 180_000
_FILTER_TEXT = b"\0"
"""The beginning of a filter's value if it is a text (libpcap's)."""
NANOSECONDS = 9
_LONGEST_OPTION = 0xFFFF
"""Octets of an option's value; its length is written in 16 bits."""
_COUNT = struct.Struct("<Q").pack
_PACKET_HEAD = struct.Struct("<IIIIIII").pack
_PACKET_FIELDS = struct.Struct("<IIIIIII").unpack_from
_HEAD, _LEAST_PACKET = 28, 32
"""Octets of a packet before the frame, and of one without a frame."""
_LENGTH = struct.Struct("<I").pack

Option = tuple[int, bytes]


def section(*, application: str, comments: Iterable[str] = ()) -> bytes:
    """Return the block that a section begins with."""
    options = [(_COMMENT, _text(comment)) for comment in comments]
    options.append((_APPLICATION, _text(application)))
    return _block(SECTION, struct.pack("<IHHQ", ORDER, 1, 0, _UNKNOWN_LENGTH), options)


def interface(
    *, link_type: int = RADIOTAP, snap_length: int = 0, name: str = "", description: str = "", chosen: str = ""
) -> bytes:
    """Return the block of an interface; `snap_length`: octets that a frame was cut to, 0 for none; `chosen`: the
    filter expression that its frames have passed."""
    options = [*_named(_NAME, name), *_named(_DESCRIPTION, description)]
    options.append((_RESOLUTION, bytes((NANOSECONDS,))))
    if chosen:
        options.append((_FILTER, _FILTER_TEXT + _text(chosen, _LONGEST_OPTION - 1)))
    return _block(INTERFACE, struct.pack("<HHI", link_type, 0, snap_length), options)


def packet(
    time: float, octets: bytes, length: int = 0, comments: Iterable[str] = (), lost: int = 0, place: bytes = b""
) -> bytes:
    """Return the block of a frame with its capture header, of interface 0.

    `time` in seconds since the epoch; `length` octets that it had at first; `lost` frames before it are missing;
    `place` as of `position`. Raises ValueError for a time before the epoch.
    """
    high, low = _stamp(time)
    captured = len(octets)
    options = b""
    if comments or lost or place:
        known = [(_COMMENT, _text(comment)) for comment in comments]
        known += [(_LOST_BEFORE, _COUNT(lost))] if lost else []
        options = _options(known + ([(_CUSTOM, place)] if place else []))
    size = _LEAST_PACKET + captured + (-captured % 4) + len(options)
    head = _PACKET_HEAD(PACKET, size, 0, high, low, captured, max(length, captured))
    return b"".join((head, octets, bytes(-captured % 4), options, _LENGTH(size)))


def position(latitude: float, longitude: float, altitude: float | None = None) -> bytes:
    """Return the position of a frame in Kismet's format (kismetwireless.net, "PCAP-NG GPS"): a custom option's value.

    Degrees (WGS 84) and metres. Raises ValueError for an impossible position.
    """
    if not (abs(latitude) <= 90 and abs(longitude) <= 180):
        raise ValueError(f"expected degrees on the earth, found {latitude}, {longitude}")
    present = _LONGITUDE | _LATITUDE
    fields = [round((longitude + 180) * 1e7), round((latitude + 180) * 1e7)]
    if altitude is not None and abs(altitude) < _HIGHEST:
        present |= _ALTITUDE
        fields.append(round((altitude + _HIGHEST) * 1e4))
    values = struct.pack(f"<{len(fields)}I", *fields)
    return struct.pack("<IBBHI", _KISMET, _GPS, 1, len(values), present) + values


def packets(octets: bytes) -> Iterator[CaptureRecord]:
    """Yield the frames of blocks as `packet` makes them. Raises ValueError for anything else."""
    at = 0
    while at < len(octets):
        if len(octets) - at < _LEAST_PACKET:
            raise ValueError(f"expected a packet at octet {at}, found {len(octets) - at} octets")
        kind, size, number, high, low, captured, length = _PACKET_FIELDS(octets, at)
        if kind != PACKET or number or captured + _LEAST_PACKET > size or at + size > len(octets):
            raise ValueError(f"expected a packet at octet {at}, found a block of type {kind} with {size} octets")
        time = (high << 32 | low) / 10**NANOSECONDS
        yield time, octets[at + _HEAD : at + _HEAD + captured], length
        at += size


def statistics(*, time: float, begun: float, ended: float, received: int, dropped: int, delivered: int) -> bytes:
    """Return the block with the numbers of frames received by interface 0, dropped by the kernel, and delivered.

    `time`, and the first and the last frame's, in seconds since the epoch. Raises ValueError for one before it.
    """
    options = [(code, struct.pack("<II", *_stamp(at))) for code, at in ((_BEGUN, begun), (_ENDED, ended))]
    counts = ((_RECEIVED, received), (_DROPPED, dropped), (_DELIVERED, delivered))
    options += [(code, _COUNT(number)) for code, number in counts]
    return _block(STATISTICS, struct.pack("<III", 0, *_stamp(time)), options)


def _stamp(time: float) -> tuple[int, int]:
    """Return the upper and the lower half of a time."""
    if time < 0:
        raise ValueError(f"expected a time since the epoch, found {time}")
    whole = int(time)
    ticks = whole * 10**NANOSECONDS + round((time - whole) * 10**NANOSECONDS)
    return ticks >> 32 & 0xFFFF_FFFF, ticks & 0xFFFF_FFFF


def _named(code: int, value: str) -> list[Option]:
    return [(code, _text(value))] if value else []


def _block(kind: int, body: bytes, options: Iterable[Option]) -> bytes:
    written = _options(options)
    length = 12 + len(body) + len(written)
    return b"".join((struct.pack("<II", kind, length), body, written, _LENGTH(length)))


def _options(options: Iterable[Option]) -> bytes:
    written = b"".join(struct.pack("<HH", code, len(value)) + value + bytes(-len(value) % 4) for code, value in options)
    return written + struct.pack("<HH", _END, 0) if written else b""


def _text(value: str, room: int = _LONGEST_OPTION) -> bytes:
    """Return UTF-8 without controls, at most as much as fits, not cut within a character."""
    harmless = "".join(char if char.isprintable() or char == "\n" else "\N{REPLACEMENT CHARACTER}" for char in value)
    octets = harmless.encode("utf-8", "replace")
    return octets if len(octets) <= room else octets[:room].decode("utf-8", "ignore").encode()
