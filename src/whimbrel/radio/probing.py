"""What the module says of scans that transmit."""

from __future__ import annotations

from typing import Any

from whimbrel.events.radio import ProbingChanged
from whimbrel.module import Context

TRANSMITS = "transmits"
"""The warning of a source that sends probe requests, or is refused to."""


def warn_of_probing(ctx: Context[Any], changed: ProbingChanged) -> None:
    """Warn as long as scans transmit, or should and may not."""
    if changed.transmits:
        ctx.warn(TRANSMITS, "scans send probe requests: scan.active is on")
    elif changed.refused:
        ctx.warn(TRANSMITS, f"active scans refused, all are passive: see docs/hardware.md ({changed.refused})")
    else:
        ctx.clear(TRANSMITS)
