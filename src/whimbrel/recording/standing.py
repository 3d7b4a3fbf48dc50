"""The state of the thread that writes recordings, and of the recorder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from whimbrel.events.recording import RecorderState

if TYPE_CHECKING:
    from whimbrel.recording.ring import FrameRing
    from whimbrel.recording.selection import Mode


class Standing(NamedTuple):
    """The state of the thread at its last iteration."""

    mode: Mode
    recording: tuple[str, ...] = ()
    octets: int = 0
    frames: int = 0
    recordings: int = 0
    used: int = 0
    free: int = 0
    written: int = 0
    last_hour: int = 0
    lost: int = 0
    late: int = 0
    latest: float = 0.0
    problem: str = ""

    def state(self, folder: Path, cap: int, ring: FrameRing, home: str) -> RecorderState:
        """Return the state of the recorder; `cap`: octets that recordings may take, `home` as there."""
        return RecorderState(
            mode=self.mode.value,
            recording=self.recording,
            octets=self.octets,
            frames=self.frames,
            folder=str(folder),
            recordings=self.recordings,
            used=self.used,
            cap=cap,
            free=self.free,
            written=self.written,
            last_hour=self.last_hour,
            lost=self.lost,
            late=self.late,
            latest=self.latest,
            ring_octets=ring.octets,
            ring_seconds=ring.seconds,
            problem=self.problem,
            home=home,
        )
