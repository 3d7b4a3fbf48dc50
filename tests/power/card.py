"""A card with a cache of its own that a power cut takes: a disk for QEMU over NBD (the protocol of nbd's doc/proto.md).

What is written is kept in memory until the guest flushes it; a cut keeps or loses each sector of the rest by chance, in
no order, as a card does that has not said yet that it has them.
"""

from __future__ import annotations

import contextlib
import random
import socket
import struct
import threading
import time
from pathlib import Path
from typing import Self

SECTOR = 4096
_OPTION = 0x49484156454F5054  # "IHAVEOPT"
_REPLY = 0x3E889045565A9
_ABORT, _GO = 2, 7
_ACK, _INFO, _UNSUPPORTED = 1, 3, 0x80000001
_REQUEST, _ANSWER = 0x25609513, 0x67446698
_READ, _WRITE, _DISCONNECT, _FLUSH = range(4)
_FUA = 1
_FLAGS = 1 | 4 | 8  # has flags; takes flushes, and writes that are flushed at once
_EINVAL = 22


class VolatileCard:
    """The file `image` behind a cache. A context manager that serves one reader on the socket `path`."""

    def __init__(self, image: Path, path: Path, flush_takes: float = 0.0) -> None:
        """`flush_takes`: seconds until what is flushed is there, in which a cut may take it still."""
        self.path = path
        self._flush_takes = flush_takes
        self._image = image
        self._size = image.stat().st_size
        self._cache: dict[int, bytes] = {}  # sectors that are written and not flushed
        self._lock = threading.Lock()
        self._ends: list[socket.socket] = []  # that listens, and that to the reader
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> Self:
        """Begin to listen."""
        listener = socket.socket(socket.AF_UNIX)
        self._ends.append(listener)
        listener.bind(str(self.path))
        listener.listen(1)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Take the power away, if nobody did."""
        self.cut(random.Random(0))

    def cut(self, chance: random.Random) -> tuple[int, int]:
        """Take the power away: return how many sectors of the cache the card has kept by chance, and lost."""
        with self._lock:
            cache, self._cache = self._cache, {}
            self._size = 0  # nothing is taken any more
            kept = {number: octets for number, octets in cache.items() if chance.random() < 0.5}
            self._put(kept)
        for end in self._ends:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        if self._thread.is_alive():
            self._thread.join()
        for end in self._ends:
            end.close()
        self.path.unlink(missing_ok=True)
        return len(kept), len(cache) - len(kept)

    def read(self, at: int, size: int) -> bytes:
        """Return what is in the card, cache included."""
        with self._lock, self._image.open("rb") as file:
            first, last = at // SECTOR, -(-(at + size) // SECTOR)
            file.seek(first * SECTOR)
            octets = bytearray(file.read((last - first) * SECTOR))
            for number in range(first, last):
                if number in self._cache:
                    octets[(number - first) * SECTOR : (number - first + 1) * SECTOR] = self._cache[number]
        return bytes(octets[at - first * SECTOR :][:size])

    def write(self, at: int, octets: bytes) -> None:
        """Take octets into the cache."""
        first, last = at // SECTOR, -(-(at + len(octets)) // SECTOR)
        whole = bytearray(self.read(first * SECTOR, (last - first) * SECTOR))
        whole[at - first * SECTOR : at - first * SECTOR + len(octets)] = octets
        with self._lock:
            if self._size:
                for number in range(first, last):
                    offset = (number - first) * SECTOR
                    self._cache[number] = bytes(whole[offset : offset + SECTOR])

    def flush(self) -> None:
        """Have everything for good."""
        time.sleep(self._flush_takes)
        with self._lock:
            self._put(self._cache)
            self._cache.clear()

    def _put(self, sectors: dict[int, bytes]) -> None:
        with self._image.open("r+b") as file:
            for number, octets in sectors.items():
                file.seek(number * SECTOR)
                file.write(octets)

    def _serve(self) -> None:
        with contextlib.suppress(OSError, EOFError):
            stream, _ = self._ends[0].accept()
            self._ends.append(stream)
            with stream.makefile("rb") as asked:
                self._negotiate(_Asked(asked))
                self._answer(_Asked(asked))

    def _negotiate(self, asked: _Asked) -> None:
        self._send(b"NBDMAGICIHAVEOPT" + struct.pack(">H", 1 | 2))
        asked.take(">I")
        while True:
            _, option, length = asked.take(">QII")
            asked.octets(length)
            if option == _GO:
                self._reply(option, _INFO, struct.pack(">HQH", 0, self._size, _FLAGS))
                self._reply(option, _ACK)
                return
            self._reply(option, _ACK if option == _ABORT else _UNSUPPORTED)
            if option == _ABORT:
                raise EOFError

    def _answer(self, asked: _Asked) -> None:
        while True:
            _, flags, kind, cookie, at, length = asked.take(">IHHQQI")
            error, octets = 0, b""
            if kind == _READ:
                octets = self.read(at, length)
            elif kind == _WRITE:
                self.write(at, asked.octets(length))
            elif kind == _DISCONNECT:
                return
            elif kind != _FLUSH:
                error = _EINVAL
            if kind == _FLUSH or flags & _FUA:
                self.flush()
            self._send(struct.pack(">IIQ", _ANSWER, error, cookie) + octets)

    def _reply(self, option: int, kind: int, octets: bytes = b"") -> None:
        self._send(struct.pack(">QIII", _REPLY, option, kind, len(octets)) + octets)

    def _send(self, octets: bytes) -> None:
        self._ends[1].sendall(octets)


class _Asked:
    """What comes over the socket."""

    def __init__(self, stream: object) -> None:
        self._stream = stream

    def octets(self, size: int) -> bytes:
        """Return so many octets. Raises EOFError."""
        octets: bytes = self._stream.read(size)  # type: ignore[attr-defined]
        if len(octets) < size:
            raise EOFError
        return octets

    def take(self, form: str) -> tuple[int, ...]:
        """Return the numbers of a structure. Raises EOFError."""
        return struct.unpack(form, self.octets(struct.calcsize(form)))
