"""Events of the flight recorder, and its commands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from whimbrel.events.base import Body, Level
from whimbrel.wifi.frames import Frame


class RecordingBegun(Body, level=Level.INFO):
    """A recording has begun; with its first frames there is a file."""

    recording: str
    """Its name, without the state in the file's name."""
    why: str
    """Its reason."""
    kept: bool
    """Whether it never makes room for others."""
    answers: int = 0
    """`seq` of its `KeepRecording`; 0 if an alert or the settings requested it."""


class RecordingEnded(Body, level=Level.INFO):
    """A recording is whole."""

    recording: str
    """As in `RecordingBegun`."""
    file: str
    """Path of the file."""
    frames: int
    """In it."""
    octets: int
    """Of it."""


class RecordingKept(Body, level=Level.INFO):
    """A recording is now protected from automatic deletion."""

    recording: str
    """As in `RecordingBegun`."""
    answers: int
    """`seq` of the command."""


class RecordingRepaired(Body, level=Level.NOTICE):
    """A recording was left open by a loss of power or a crash; its whole part was saved as a file."""

    file: str
    """Path of the file."""
    octets: int
    """That are left; 0 if nothing was whole, and there is no file any more."""
    cut: int
    """Octets behind the last whole frame, which are gone."""


class RecordingsDeleted(Body, level=Level.INFO):
    """Recordings made room for newer ones."""

    files: tuple[str, ...]
    """Their names, the oldest first."""


class FramesNotKept(Body, level=Level.WARNING):
    """Frames that should have been recorded are not in any file, since the previous report."""

    lost: int
    """How many."""
    reason: str
    """The reason, and advice."""


class RecordedLate(Body, level=Level.WARNING):
    """Frames were on the card later than promised, since the previous report: a loss of power would have taken more
    than `lose_at_most`."""

    frames: int
    """How many."""
    seconds: float
    """After how many the latest of them was there."""
    promised: float
    """Seconds after which they were to be there."""
    reason: str
    """The reason."""


class FreezeRefused(Body, level=Level.WARNING):
    """The frames before an alert were not recorded."""

    id: str
    """As in the alert."""
    rule: str
    """Name of the detection."""
    an_hour: int
    """Octets that alerts may have recorded in an hour."""
    reason: str = ""
    """The reason; empty if alerts have reached the limit of this hour."""


class RecorderState(Body, level=Level.DEBUG, bulky=True):
    """The state of the recorder; sent after each change, at most once a second, while there is a listener."""

    mode: str
    """The continuous recording: all, interesting or off."""
    recording: tuple[str, ...]
    """Names of the open recordings."""
    octets: int
    """Of their files."""
    frames: int
    """In their files."""
    folder: str
    """Path of the folder."""
    recordings: int
    """Files in it."""
    used: int
    """Octets of all of them."""
    cap: int
    """Octets that they may take."""
    free: int
    """Octets that are free where they are."""
    written: int
    """Octets given to the card since the start."""
    last_hour: int
    """Octets given to the card in the last hour."""
    lost: int
    """Frames since the start that should have been recorded and are in no file."""
    late: int = 0
    """Frames since the start that were on the card later than promised."""
    latest: float = 0.0
    """Seconds after which the latest of them was there."""
    ring_octets: int
    """Of memory that the frames take from which an alert is recorded."""
    ring_seconds: float
    """How far back they go."""
    problem: str
    """The problem of the card, with advice; empty if there is none."""
    home: str = ""
    """The allowed recording in a home zone: nothing, or guarded; empty elsewhere."""


class AlertEvidence(Body, level=Level.DEBUG, bulky=True):
    """The evidence of an alert, when it is raised and while it lasts; sent while there is a listener."""

    id: str
    """As in the alert."""
    rule: str
    """Name of the detection."""
    title: str
    """The title."""
    text: str
    """The evidence in words."""
    frames: Sequence[Frame]
    """The kept frames, the oldest first: the same objects as in a `FrameBatch`."""


class CapturedFrames(Body, level=Level.DEBUG, bulky=True):
    """Frames as blocks of a pcapng file for live viewers; published only if there is a listener."""

    first: int
    """Number of the first frame, counted from the beginning of listening: a gap is a loss."""
    count: int
    """How many frames."""
    octets: bytes
    """Enhanced packet blocks of interface 0, little-endian, in nanoseconds, of link type radiotap."""


class KeepRecording(Body, level=Level.INFO):
    """Command: record the previous frames and continue for a while, or protect an existing recording.

    `RecordingBegun`, `RecordingKept` or `CommandRefused` answers it.
    """

    recording: str = ""
    """The recording to keep; empty to record the recent frames."""
    reason: str = ""
    """Who asks, and why."""


class RecordFrames(Body, level=Level.INFO):
    """Command: change the continuous recording until the module restarts. `RecordingChanged` answers it."""

    mode: str
    """all, interesting or off; the settings' own where it is empty."""
    reason: str = ""
    """Who asks, and why."""


class RecordingChanged(Body, level=Level.NOTICE):
    """The continuous recording has changed."""

    mode: str
    """all, interesting or off."""
    answers: int
    """`seq` of the command."""


class RecordingRow(NamedTuple):
    """One recording in the folder."""

    recording: str
    """Its name, without the state in the file's name."""
    file: str
    """Name of the file."""
    octets: int
    """Of it."""
    kept: bool
    """Whether it never makes room for others."""
    open: bool
    """Whether it is being written."""
