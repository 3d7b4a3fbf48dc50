"""Sentences about the flight recorder, and the comments in its recordings."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from whimbrel.text import printable
from whimbrel.wording.phrases import why
from whimbrel.wording.quantities import count, octets, span

if TYPE_CHECKING:
    from whimbrel.events import recording


def evidence_comments(alert: str, title: str, text: str, frames: int) -> Iterator[str]:
    """Yield the comment of each frame of evidence of an alert; the first one has the text of the alert."""
    for number in range(1, frames + 1):
        note = f"Evidence of alert {alert} ({title}), frame {number} of {frames}"
        yield f"{note}: {text}" if number == 1 else note


def _begun(body: recording.RecordingBegun) -> str:
    kept = ", for good" if body.kept else ""
    return f"Recording {printable(body.recording)} has begun{kept}{why(body.why)}"


def _ended(body: recording.RecordingEnded) -> str:
    return f"Recorded {count(body.frames, 'frame')}, {octets(body.octets)}: {printable(body.file)}"


def _kept(body: recording.RecordingKept) -> str:
    return f"Recording {printable(body.recording)} is kept for good"


def _repaired(body: recording.RecordingRepaired) -> str:
    if not body.octets:
        return f"A recording had been cut short, and nothing of it is left: {printable(body.file)}"
    lost = f" without the last {octets(body.cut)}" if body.cut else ""
    return f"A recording had been cut short and is whole again{lost}: {printable(body.file)}"


def _deleted(body: recording.RecordingsDeleted) -> str:
    names = printable(", ".join(body.files))
    return f"{count(len(body.files), 'recording')} made room for newer ones: {names}"


def _not_kept(body: recording.FramesNotKept) -> str:
    return f"{count(body.lost, 'frame')} could not be recorded{why(body.reason)}"


def _late(body: recording.RecordedLate) -> str:
    return (
        f"{count(body.frames, 'frame')} reached the card late, up to {body.seconds:.1f} s after they were heard "
        f"instead of {body.promised:g} s{why(body.reason)}"
    )


def _refused(body: recording.FreezeRefused) -> str:
    reason = printable(body.reason) or f"alerts have had their {octets(body.an_hour)} of this hour"
    return f"Alert {printable(body.id)} ({printable(body.rule)}) was not recorded: {reason}"


def _state(body: recording.RecorderState) -> str:
    going = printable(", ".join(body.recording)) or "nothing"
    return (
        f"Recording {going}; {count(body.recordings, 'recording')} of {octets(body.used)}, {octets(body.free)} free; "
        f"{span(body.ring_seconds)} in memory"
    )


def _evidence(body: recording.AlertEvidence) -> str:
    return f"Alert {printable(body.id)} ({printable(body.rule)}) rests on {count(len(body.frames), 'frame')}"


def _captured(body: recording.CapturedFrames) -> str:
    return f"{count(body.count, 'frame')} from number {body.first} on, {octets(len(body.octets))}"


def _keep(body: recording.KeepRecording) -> str:
    what = f"recording {printable(body.recording)}" if body.recording else "the recent frames"
    return f"Keeping {what} is requested{why(body.reason)}"


def _record(body: recording.RecordFrames) -> str:
    return (
        f"Continuous recording of {printable(body.mode) or 'the mode of the settings'} is requested{why(body.reason)}"
    )


def _changed(body: recording.RecordingChanged) -> str:
    return f"Recorded continuously from now on: {'nothing' if body.mode == 'off' else printable(body.mode)}"


SENTENCES: dict[str, Callable[[Any], str]] = {
    "recording-begun": _begun,
    "recording-ended": _ended,
    "recording-kept": _kept,
    "recording-repaired": _repaired,
    "recordings-deleted": _deleted,
    "frames-not-kept": _not_kept,
    "recorded-late": _late,
    "freeze-refused": _refused,
    "recorder-state": _state,
    "alert-evidence": _evidence,
    "captured-frames": _captured,
    "keep-recording": _keep,
    "record-frames": _record,
    "recording-changed": _changed,
}
