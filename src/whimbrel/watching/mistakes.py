"""The reasons of errors at a frame, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whimbrel.detections.engine import WANTING

if TYPE_CHECKING:
    from types import TracebackType

    from whimbrel.wifi.frames import Frame


def because(error: Exception, frame: Frame | None) -> str:
    """Return the reason of an error at a frame, with its place if it is a mistake of ours."""
    if isinstance(error, WANTING):
        return f"for want of memory or descriptors: {str(error) or type(error).__name__}"
    what = "" if frame is None else f", at a frame of kind {frame.kind:#04x}"
    reason = f"{type(error).__name__}: {error}{_place(error.__traceback__)}"
    return f"because of a mistake in Whimbrel{what}: {reason}; please report it"


def _place(trace: TracebackType | None) -> str:
    """Return where an error was raised. `traceback` would read the file, which may be what fails."""
    if trace is None:
        return ""
    while trace.tb_next is not None:
        trace = trace.tb_next
    return f" at {trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}"
