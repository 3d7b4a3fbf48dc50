"""One captured frame before parsing: the output of every frame source and the input of every parser."""

from __future__ import annotations

CaptureRecord = tuple[float, bytes, int]
"""One captured frame: seconds since the epoch, the bytes with their link-layer header (radiotap, Prism…), and the
length of the frame before the capture cut it (``len(bytes)`` if it was not cut)."""
