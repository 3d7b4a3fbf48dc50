"""Write the pcapng format (draft-ietf-opsawg-pcapng): one section, one interface, frames with comments."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from typing import Protocol

from whimbrel.wifi.linktypes import RADIOTAP

_SECTION, _INTERFACE, _ENHANCED_PACKET = 0x0A0D0D0A, 1, 6
_ORDER = 0x1A2B3C4D
_UNKNOWN_LENGTH = 0xFFFF_FFFF_FFFF_FFFF
_END, _COMMENT = 0, 1
_APPLICATION = 4
_NAME, _RESOLUTION = 2, 9
_NANOSECONDS = 9
_LONGEST_OPTION = 0xFFFF
"""Octets of an option's value; its length is written in 16 bits."""

Option = tuple[int, bytes]


class Writable(Protocol):
    """A stream that bytes can be written to."""

    def write(self, data: bytes, /) -> object:
        """Write all of `data`."""
        ...


class PcapngWriter:
    """Writes a section with one interface, whose frames all have one link type. The header is written at once.

    Numbers are little-endian. Times are in nanoseconds, fine enough to keep a float of seconds exactly. Comments may be
    any text; control characters other than line breaks are replaced, and a comment is cut to the size of an option.
    Errors of `stream` are passed on.
    """

    def __init__(
        self,
        stream: Writable,
        *,
        application: str,
        link_type: int = RADIOTAP,
        snap_length: int = 0,
        comments: Iterable[str] = (),
        interface: str = "",
    ) -> None:
        """`snap_length`: octets that frames were cut to, 0 for no limit; `interface`: the name of the interface."""
        self._stream = stream
        body = struct.pack("<IHHQ", _ORDER, 1, 0, _UNKNOWN_LENGTH)
        options: list[Option] = [(_COMMENT, _text(comment)) for comment in comments]
        options.append((_APPLICATION, _text(application)))
        self._block(_SECTION, body, options)
        options = [(_NAME, _text(interface))] if interface else []
        options.append((_RESOLUTION, bytes((_NANOSECONDS,))))
        self._block(_INTERFACE, struct.pack("<HHI", link_type, 0, snap_length), options)

    def write(self, time: float, octets: bytes, length: int = 0, comments: Iterable[str] = ()) -> None:
        """Write a frame with its capture header; `time` in seconds since the epoch, `length` its original octets.

        Raises ValueError for a time before the epoch.
        """
        if time < 0:
            raise ValueError(f"expected a time since the epoch, found {time}")
        whole = int(time)
        ticks = whole * 10**_NANOSECONDS + round((time - whole) * 10**_NANOSECONDS)
        head = struct.pack("<IIIII", 0, ticks >> 32, ticks & 0xFFFF_FFFF, len(octets), max(length, len(octets)))
        self._block(_ENHANCED_PACKET, head + _padded(octets), [(_COMMENT, _text(comment)) for comment in comments])

    def _block(self, kind: int, body: bytes, options: Iterable[Option]) -> None:
        written = b"".join(struct.pack("<HH", code, len(value)) + _padded(value) for code, value in options)
        if written:
            written += struct.pack("<HH", _END, 0)
        length = 12 + len(body) + len(written)
        self._stream.write(struct.pack("<II", kind, length) + body + written + struct.pack("<I", length))


def _padded(value: bytes) -> bytes:
    return value + bytes(-len(value) % 4)


def _text(value: str) -> bytes:
    """Return the text as UTF-8 without control characters, cut between characters to the size of an option."""
    harmless = "".join(char if char.isprintable() or char == "\n" else "\N{REPLACEMENT CHARACTER}" for char in value)
    octets = harmless.encode("utf-8", "replace")
    return octets if len(octets) <= _LONGEST_OPTION else octets[:_LONGEST_OPTION].decode("utf-8", "ignore").encode()
