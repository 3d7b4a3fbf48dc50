from __future__ import annotations

from pathlib import Path

from tests.recording.frames import numbered

from whimbrel.recording.ring import FrameRing
from whimbrel.recording.selection import Mode
from whimbrel.recording.standing import Standing


def test_the_state_is_that_of_the_thread_and_of_the_ring() -> None:
    ring = FrameRing(1 << 20, 60.0)
    ring.add(numbered(0, 3))
    standing = Standing(
        Mode.ALL, ("one",), octets=1, frames=2, recordings=3, used=4, free=5, written=6, last_hour=7, lost=8, late=9,
        latest=1.5, problem="the card is full",
    )  # fmt: skip
    state = standing.state(Path("/recordings"), 99, ring, "nothing")
    assert (state.mode, state.recording, state.folder, state.cap, state.home) == (
        "all", ("one",), "/recordings", 99, "nothing",
    )  # fmt: skip
    assert (state.octets, state.frames, state.recordings, state.used, state.free) == (1, 2, 3, 4, 5)
    assert (state.written, state.last_hour, state.lost, state.late, state.latest) == (6, 7, 8, 9, 1.5)
    assert (state.ring_octets, state.ring_seconds, state.problem) == (ring.octets, 0.0, "the card is full")
