"""A stream of octets in pieces of a bounded size, unpacked where it is gzipped; what can be wrong with a capture."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable
from typing import BinaryIO, Protocol, cast

from whimbrel.errors import WhimbrelError

CHUNK = 128 * 1024
"""Octets asked for at once: some hundred frames, and little beside the memory of a Zero."""
MAX_RECORD = 256 * 1024
"""Octets of one frame, link-layer header included: the limit of libpcap and Wireshark too. A longer one is damage."""

_GZIP_MAGIC = b"\x1f\x8b"


class CaptureError(WhimbrelError, ValueError):
    """Something is wrong with a capture file; the message is one line for a person."""


class NotACapture(CaptureError):
    """It does not begin as a capture file does."""


class UnknownLinkType(CaptureError):
    """None of its frames is a Wi-Fi frame, or they have a header in front that is not understood."""


class Damaged(CaptureError):
    """It is cut short or broken; all whole frames before that were read."""


class Readable(Protocol):
    """A binary stream, as far as it is needed here."""

    def read(self, size: int, /) -> bytes:
        """Return 1 to `size` octets, none at the end."""


class Chunks:
    """The octets of a stream, read through a window that begins at `offset` of the (unpacked) stream.

    `data` is the window; whoever reads takes it over with `more`.
    """

    def __init__(self, stream: Readable) -> None:
        self.offset = 0
        self.data = b""
        self._read: Callable[[int], bytes] = stream.read
        self.data = self._pull()
        if len(self.data) == 1:  # a pipe may begin with so little
            self.data += self._pull()
        if self.data[:2] == _GZIP_MAGIC:
            unpacked = gzip.GzipFile(
                fileobj=cast("BinaryIO", _Pushback(self.data, stream.read))
            )  # read() is all it uses
            # read1, unlike read, hands out what was unpacked before it meets damage.
            self._read = unpacked.read1
            self.data = self._pull()

    def more(self, used: int) -> bytes:
        """Drop the first `used` octets of the window, add the next piece at its end, and return the window.

        A window that did not grow is the end of the stream. Raises `Damaged` where the stream cannot be read on.
        """
        rest = self.data[used:]
        self.offset += used
        self.data = rest
        piece = self._pull()
        self.data = rest + piece if rest else piece
        return self.data

    def skip(self, used: int, count: int) -> bytes:
        """Drop `used` octets of the window and the `count` after them, however many; return the window.

        Raises `Damaged` where the stream ends before.
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
            raise Damaged(f"cannot be read behind octet {self.offset + len(self.data)}: {error}") from error


class _Pushback:
    """A stream whose first octets were read already."""

    def __init__(self, head: bytes, read: Callable[[int], bytes]) -> None:
        self._head = head
        self._rest = read

    def read(self, size: int) -> bytes:
        head, self._head = self._head[:size], self._head[size:]
        return head or self._rest(size)
