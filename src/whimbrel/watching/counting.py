"""The watcher's part in thinning: it takes in what the kernel has counted, and says what is needed of the rest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from whimbrel.detections.counting import count, needed
from whimbrel.module import Context

if TYPE_CHECKING:
    from whimbrel.detections.engine import Detections
    from whimbrel.detections.several import SeveralReceivers
    from whimbrel.events.base import Body
    from whimbrel.events.thinning import FramesCounted, FramesNeeded


class Counting:
    """Answers each `FramesCounted` with a `FramesNeeded`, where that has changed."""

    def __init__(self, ctx: Context[Any], detections: Detections, receivers: SeveralReceivers) -> None:
        self._ctx = ctx
        self._receivers = receivers
        self._detections = detections
        self._needed: FramesNeeded | None = None

    def take(self, counted: FramesCounted) -> Sequence[Body]:
        """Take counts in; return the findings."""
        found = count(self._detections, counted)
        # What two receivers have both heard is found by comparing the frames.
        several = "several receivers listen" if self._receivers.several else ""
        need = needed(self._detections, several)
        if need != self._needed:
            self._needed = need
            self._ctx.publish(need)
        return found
