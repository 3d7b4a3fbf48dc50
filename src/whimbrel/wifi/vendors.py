"""The vendor of a device by its address, from a table in a memory-mapped file.

``tools/make_vendors.py`` makes the file; ``vendors.md`` beside it describes it. A mapped file needs no parsing at the
start, and only the pages touched by a search become resident.
"""

from __future__ import annotations

import mmap
import struct
from functools import lru_cache, partial
from pathlib import Path

FILE = Path(__file__).with_name("vendors.bin")
MAGIC = b"whimbrel vendors 1\n\0"
HEADER = struct.Struct("<20sIIII")
"""Magic, then the number of 24-bit, 28-bit and 36-bit prefixes and of names. After it, without gaps: the three lists of
prefixes in ascending order (3, 4 and 5 octets, unused low bits zero); the name of each (an index, ``<H``) in the same
order; the start of each name and the end of the last (``<I``, relative to the first name); the names, UTF-8."""
REFINED = 0x8000
"""Flag in the name index of a 24-bit prefix that was assigned in 28-bit or 36-bit blocks, which are searched first."""


class VendorTable:
    """A mapped file of prefixes. Raises OSError if it cannot be mapped, ValueError if it has another format."""

    __slots__ = ("_data", "_lists", "_names", "_offsets", "_prefixes")

    def __init__(self, path: Path = FILE) -> None:
        with path.open("rb") as file:
            self._data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        if len(self._data) < HEADER.size:
            raise ValueError(f"{path} is no table of vendors")
        magic, *counts, names = HEADER.unpack_from(self._data)
        if magic != MAGIC:
            raise ValueError(f"{path} is no table of vendors")
        at = HEADER.size
        starts = []
        for width, count in zip((3, 4, 5), counts, strict=True):
            starts.append(at)
            at += width * count
        self._lists = []
        for width, count, start in zip((3, 4, 5), counts, starts, strict=True):
            self._lists.append((width, count, start, at))
            at += 2 * count
        self._offsets = at
        self._names = at + 4 * (names + 1)
        self._prefixes = lru_cache(maxsize=128)(partial(self._index, 0))

    def find(self, address: bytes) -> str:
        """Return the vendor of the longest prefix of a 6-octet `address`; empty if there is none."""
        index = self._prefixes(address[:3])
        if index is None:
            return ""
        if index & REFINED:
            longer = self._index(2, address[:4] + bytes((address[4] & 0xF0,)))
            if longer is None:
                longer = self._index(1, address[:3] + bytes((address[3] & 0xF0,)))
            index = index & ~REFINED if longer is None else longer
        begin, end = struct.unpack_from("<II", self._data, self._offsets + 4 * index)
        return self._data[self._names + begin : self._names + end].decode()

    def _index(self, which: int, prefix: bytes) -> int | None:
        width, count, keys, values = self._lists[which]
        data = self._data
        low, high = 0, count
        while low < high:
            middle = (low + high) // 2
            at = keys + width * middle
            if data[at : at + width] < prefix:
                low = middle + 1
            else:
                high = middle
        at = keys + width * low
        if low == count or data[at : at + width] != prefix:
            return None
        index: int = struct.unpack_from("<H", data, values + 2 * low)[0]
        return index


_table: VendorTable | None = None


@lru_cache(maxsize=128)
def vendor(address: bytes) -> str:
    """Return the short name of the vendor of a 6-octet address; empty if unknown.

    Group addresses and locally administered ones (IEEE 802-2014, 8.2) have no vendor.
    """
    if len(address) != 6 or address[0] & 3:
        return ""
    global _table  # noqa: PLW0603  # mapped once, by the first who asks
    if _table is None:
        _table = VendorTable()
    return _table.find(address)
