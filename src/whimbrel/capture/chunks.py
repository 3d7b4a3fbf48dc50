"""Read a stream in pieces of bounded size, and unpack it if it is gzipped; the errors of capture files."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from typing import BinaryIO, Protocol, cast

from whimbrel.errors import WhimbrelError

CHUNK = 128 * 1024
"""Octets per read: about a hundred frames, and little of a Pi Zero's memory."""
MAX_RECORD = 256 * 1024
"""Limit of one frame in octets, link-layer header included, as in libpcap and Wireshark. A longer frame is damage."""

_GZIP_MAGIC = b"\x1f\x8b"


class CaptureError(WhimbrelError, ValueError):
    """Something is wrong with a capture file; the message is one line for a person."""


class NotACapture(CaptureError):
    """The stream does not begin like a capture file."""


class UnknownLinkType(CaptureError):
    """The file holds no Wi-Fi frame, or its frames have a header that Whimbrel cannot read."""


class Damaged(CaptureError):
    """The file is cut short or broken; all whole frames before the damage were read."""


class Readable(Protocol):
    """The part of a binary stream's interface that is used here."""

    def read(self, size: int, /) -> bytes:
        """Return 1 to `size` octets, or none at the end of the stream."""


class Chunks:
    """A window on the octets of a stream; it begins at `offset` of the (unpacked) stream.

    `data` is the window; `more` moves it on.
    """

    def __init__(self, stream: Readable) -> None:
        self.offset = 0
        self.data = b""
        self._read: Callable[[int], bytes] = stream.read
        self.data = self._pull()
        if len(self.data) == 1:  # the first read of a pipe may return a single octet
            self.data += self._pull()
        if self.data[:2] == _GZIP_MAGIC:
            import gzip

            unpacked = gzip.GzipFile(
                fileobj=cast("BinaryIO", _Pushback(self.data, stream.read))
            )  # read() is all it uses
            # Unlike read, read1 returns the octets that were unpacked before the damage.
            self._read = unpacked.read1
            self.data = self._pull()

    def more(self, used: int) -> bytes:
        """Drop the first `used` octets of the window, add the next piece at its end, and return the window.

        A window that did not grow marks the end of the stream. Raises `Damaged` if the rest cannot be read.
        """
        rest = self.data[used:]
        self.offset += used
        self.data = rest
        piece = self._pull()
        self.data = rest + piece if rest else piece
        return self.data

    def skip(self, used: int, count: int) -> bytes:
        """Drop `used` octets of the window and the `count` after them, however many; return the window.

        Raises `Damaged` if the stream ends before that.
        """
        used += count
        while used > len(self.data):
            used -= len(self.data)
            if not self.more(len(self.data)):
                raise Damaged(f"cut short at octet {self.offset}: {used} octets of a block are missing")
        return self.more(used)

    def _pull(self) -> bytes:
        try:
            return self._read(CHUNK)
        except (OSError, EOFError, zlib.error) as error:  # OSError is also gzip's BadGzipFile
            raise Damaged(f"cannot be read after octet {self.offset + len(self.data)}: {error}") from error


class _Pushback:
    """A stream that returns octets already read before the rest."""

    def __init__(self, head: bytes, read: Callable[[int], bytes]) -> None:
        self._head = head
        self._rest = read

    def read(self, size: int) -> bytes:
        head, self._head = self._head[:size], self._head[size:]
        return head or self._rest(size)
