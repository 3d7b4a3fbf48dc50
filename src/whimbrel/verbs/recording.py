"""Verbs of the recorder: its state, its files, and the stream of frames."""

from __future__ import annotations

from whimbrel.events.recording import RecorderState, RecordingRow
from whimbrel.record import Record
from whimbrel.verbs.declare import Query, Verb


class Recordings(Record):
    """The recorder and its files."""

    state: RecorderState
    """How it is."""
    recordings: tuple[RecordingRow, ...]
    """The newest first."""


class RecordingResult(Record):
    """The result of a command."""

    recording: str
    """The name of the recording; empty for none."""
    mode: str
    """The mode of continuous recording from now on: all, interesting or off."""
    problem: str = ""
    """Why frames of it wait in memory after an attempt to write them; empty if they are on the card."""


class RecordingPiece(Record):
    """Some octets of a recording."""

    recording: str
    """Its name."""
    offset: int
    """Where they stand in it."""
    octets: int
    """The size of the recording now; one that is being written grows."""
    data: str
    """The octets, as base64; empty at the end."""


class CaptureOrigin(Record):
    """The header facts for a capture file of the stream that begins now: ``tail`` with captured-frames."""

    application: str
    """The program that writes them."""
    comments: tuple[str, ...]
    """Of the section."""
    interface: str
    """Its name."""
    description: str
    """Of the interface."""
    filter: str
    """Filter expression that the frames have passed; empty for none."""
    snap_length: int
    """Octets to which frames are cut; 0 for no limit."""


RECORDINGS = Query("recordings", Recordings, "the recorder's state and files")
RECORDING_PIECE = Query(
    "recording-piece",
    RecordingPiece,
    "some octets of a recording",
    recording="its name",
    offset="how many octets to leave out; default: 0?",
)
RECORD = Verb(
    "record",
    RecordingResult,
    "have something recorded",
    what="keep (the recent frames, or a recording by its name, for good), or all, interesting, off (continuously)",
    recording="the name of the recording to keep; default: the recent frames?",
)
CAPTURE = Query("capture", CaptureOrigin, "the header facts for a capture file of the stream of frames")
VERBS: tuple[Verb[object], ...] = (RECORDINGS, RECORDING_PIECE, RECORD, CAPTURE)
