"""What is recorded: the recorder's state, its files, and the stream of frames."""

from __future__ import annotations

from whimbrel.events.recording import RecorderState, RecordingRow
from whimbrel.record import Record
from whimbrel.verbs.declare import Verb


class Recordings(Record):
    """The recorder and its files."""

    state: RecorderState
    """How it is."""
    recordings: tuple[RecordingRow, ...]
    """The newest first."""


class Recorded(Record):
    """What a command came to."""

    recording: str
    """The recording that it is about; empty for none."""
    mode: str
    """What is recorded all the time from now on: all, interesting or off."""


class CaptureOrigin(Record):
    """What a capture file says of the frames that are streamed, which begin now: ``tail`` with captured-frames."""

    application: str
    """What writes them."""
    comments: tuple[str, ...]
    """Of the section."""
    interface: str
    """Its name."""
    description: str
    """Of the interface."""
    filter: str
    """Expression that the frames have passed; empty for none."""
    snap_length: int
    """Octets that they are cut to; 0 for none."""


RECORDINGS = Verb("recordings", Recordings, "how the recorder is, and its files")
RECORD = Verb(
    "record",
    Recorded,
    "have something recorded",
    what="keep (what was heard before, or a recording by its name, for good), or all, interesting, off (all the time)",
    recording="the name of the one to keep; what was heard just now without?",
)
CAPTURE = Verb("capture", CaptureOrigin, "what a capture file says of the frames that are streamed")
VERBS: tuple[Verb[object], ...] = (RECORDINGS, RECORD, CAPTURE)
