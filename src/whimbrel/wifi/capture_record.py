"""One captured frame before it is read: what every source of frames delivers, and every parser takes."""

from __future__ import annotations

CaptureRecord = tuple[float, bytes, int]
"""One captured frame: seconds since the epoch, the bytes with their link-layer header (radiotap, Prism…), and the
length that the frame had before the capture cut it (equal to ``len(bytes)`` where it did not)."""
