"""The files of the page: read once at the start, compressed, each known by a tag of its content."""

from __future__ import annotations

import gzip
import hashlib
from importlib.resources import files
from typing import NamedTuple

INDEX = "index.html"
_TYPES = {
    "html": "text/html; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "svg": "image/svg+xml",
    "png": "image/png",
    "ico": "image/x-icon",
    "json": "application/json",
    "txt": "text/plain; charset=utf-8",
    "webmanifest": "application/manifest+json",
    "woff2": "font/woff2",
}
_COMPRESSED = frozenset({"png", "ico", "woff2"})
"""Endings of files that are compressed in themselves."""


class Asset(NamedTuple):
    """One file."""

    type: str
    """Its media type."""
    tag: str
    """A strong tag of its content, in quotes."""
    content: bytes
    """Compressed by gzip if `compressed`."""
    compressed: bool

    def plain(self) -> bytes:
        """Return the content as it is, for clients that know no gzip."""
        return gzip.decompress(self.content) if self.compressed else self.content


def load() -> dict[str, Asset]:
    """Return the files by name; a file of another kind than the page uses is left out."""
    found = {}
    for entry in files("whimbrel.web").joinpath("static").iterdir():
        ending = entry.name.rpartition(".")[2]
        if ending in _TYPES and entry.is_file():
            found[entry.name] = _asset(entry.read_bytes(), ending)
    return found


def _asset(content: bytes, ending: str) -> Asset:
    tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    if ending in _COMPRESSED:
        return Asset(_TYPES[ending], tag, content, compressed=False)
    return Asset(_TYPES[ending], tag, gzip.compress(content, 9, mtime=0), compressed=True)
