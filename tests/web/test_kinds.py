"""Which events leave the daemon."""

from __future__ import annotations

from whimbrel.events.base import KINDS
from whimbrel.web.kinds import leaves


def test_no_frame_and_nothing_between_modules_leaves() -> None:
    kept = {name for name, kind in KINDS.items() if not leaves(kind)}
    assert {"frame-batch", "captured-frames", "alert-evidence", "past-known"} <= kept
    assert not kept & {"alert", "air-report", "air-snapshot", "recorder-state", "modules-state", "message-sent"}
