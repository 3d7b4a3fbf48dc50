"""The reasons of errors at a frame, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whimbrel.detections.engine import WANTING

if TYPE_CHECKING:
    from whimbrel.wifi.frames import Frame


def because(error: Exception, frame: Frame | None) -> str:
    """Return the reason of an error at a frame, with its place if it is a mistake of ours."""
    import traceback

    if isinstance(error, WANTING):
        return f"for want of memory or descriptors: {str(error) or type(error).__name__}"
    what = "" if frame is None else f", at a frame of kind {frame.kind:#04x}"
    where = traceback.extract_tb(error.__traceback__)[-1]
    reason = f"{type(error).__name__}: {error} at {where.filename}:{where.lineno}"
    return f"because of a mistake in Whimbrel{what}: {reason}; please report it"
