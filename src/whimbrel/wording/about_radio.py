"""Sentences about the radio."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from whimbrel.text import printable
from whimbrel.wording.phrases import place, why
from whimbrel.wording.quantities import clock, count, span

if TYPE_CHECKING:
    from whimbrel.events import radio, thinning
    from whimbrel.rows import ReceiverRow


ANNOUNCEMENTS_ONLY = (
    "A scan hears beacons only: stations, traffic, handshakes and attacks on connections need a radio in monitor mode"
)
"""What cannot be heard by scanning, for journal, status and panel."""


def receiver_line(receiver: ReceiverRow) -> str:
    """Return what one of several receivers does, and has heard, without its name."""
    parts = [receiver.state if receiver.state != "listening" else receiver.mode or receiver.state]
    if receiver.channel:
        parts[0] += f" on {receiver.channel}"
    elif receiver.visited:
        parts[0] += f", {count(receiver.visited, 'channel')}"
    parts.append(f"{count(receiver.received, 'frame')} in {span(receiver.listened)}")
    if receiver.lost:
        parts.append(f"{receiver.lost} lost in the kernel")
    return f"{', '.join(parts)}; {receiver.description}"


def _frame_batch(body: radio.FrameBatch) -> str:
    return f"{count(len(body.frames), 'frame')} captured"


def _radio_opened(body: radio.RadioOpened) -> str:
    plan = f", {count(len(body.channels), 'channel')} to visit" if body.channels else ""
    told = f"Listening to {printable(body.description)} (driver {printable(body.driver)}{plan})"
    if body.reason:
        told += f", because {printable(body.reason)}"
    if body.announcements_only:
        told += f". {ANNOUNCEMENTS_ONLY}"
    if body.transmits:
        told += ". It sends probe requests (scan.active)"
    return told


def _radio_closed(body: radio.RadioClosed) -> str:
    lost = f", {body.dropped} lost in the kernel" if body.dropped else ""
    return f"Listening has ended: {printable(body.reason)}; {count(body.received, 'frame')} received{lost}"


def _capture_damaged(body: radio.CaptureDamaged) -> str:
    how = f"is damaged after {count(body.frames, 'frame')}" if body.frames else "cannot be read"
    return f"Capture {printable(body.file)} {how}: {printable(body.problem)}"


def _capture_odd(body: radio.CaptureOdd) -> str:
    return f"Capture {printable(body.file)}: {printable(body.remark)}"


def _capture_begun(body: radio.CaptureBegun) -> str:
    return f"Reading the capture {printable(body.file)}"


def _receiver_judged(body: radio.ReceiverJudged) -> str:
    if not body.findings:
        return "The receiver describes its frames correctly again"
    return f"The receiver is faulty: {'; '.join(body.findings)}"


def _radio_report(body: radio.RadioReport) -> str:
    useless = ", ".join(f"{number} {why}" for why, number in body.discarded) or "none"
    lost = f"{body.dropped} dropped; unusable: {useless}"
    counted = f" ({body.counted} only counted, by the kernel)" if body.counted else ""
    return f"{count(body.received, 'frame')} received{counted}, {body.rate:.0f}/s; {lost}"


def _frames_lost(body: radio.FramesLost) -> str:
    return (
        f"{count(body.lost, 'frame')} lost in the kernel, {body.received} received meanwhile: "
        "the board cannot keep up; a capture filter would help"
    )


def _frames_counted(body: thinning.FramesCounted) -> str:
    return f"{count(body.frames, 'frame')} counted by the kernel alone, because they repeat"


def _frames_needed(body: thinning.FramesNeeded) -> str:
    return f"Of frames that repeat, the beacons of {count(len(body.beacons_of), 'access point')} are all needed"


def _thinning_changed(body: thinning.ThinningChanged) -> str:
    if body.on:
        return "The kernel only counts frames that repeat"
    return f"The kernel passes every frame on: {printable(body.reason)}"


def _tuned(body: radio.Tuned) -> str:
    stay = f" for {span(body.dwell)}" if body.dwell else ", locked"
    return f"Tuned to {place(body.channel)}{stay}"


def _tune_failed(body: radio.TuneFailed) -> str:
    gone = "; it was removed from the plan" if body.dropped else ""
    return f"Could not tune to {place(body.channel)}: {printable(body.reason)}{gone}"


def _hopping_changed(body: radio.HoppingChanged) -> str:
    where = f" on {place(body.channel)}" if body.channel else ""
    until = f" until {clock(body.until)}" if body.until else ""
    return f"The radio is {printable(body.mode)}{where}{until}{why(body.reason)}"


def _channels_shared(body: radio.ChannelsShared) -> str:
    if len(body.visited) == len(body.planned):
        return f"This receiver visits all {count(len(body.planned), 'channel')} of its plan"
    return (
        f"This receiver visits {len(body.visited)} of its {count(len(body.planned), 'channel')}, another one the rest"
    )


def _radio_blind(body: radio.RadioBlind) -> str:
    if body.reason:
        return f"The radio is blind, its scans fail: {printable(body.reason)}"
    return f"The radio is blind: no frame for {span(body.silent)}"


def _recovery_step(body: radio.RecoveryStep) -> str:
    return f"Recovering the radio, attempt {body.attempt}, {printable(body.rung)}: {printable(body.outcome)}"


def _radio_recovered(body: radio.RadioRecovered) -> str:
    by = f"after {printable(body.rung)}" if body.rung else "by itself"
    return f"The radio receives again {by}, after {span(body.blind)} without a frame"


def _nothing_heard(body: radio.NothingHeard) -> str:
    return f"{count(body.scans, 'scan')} found no network: none is in reach, or the antenna or the radio is at fault"


def _probing_changed(body: radio.ProbingChanged) -> str:
    if body.transmits:
        return "Scans send probe requests (scan.active)"
    return f"Scans send nothing{why(body.refused)}"


def _clock_stepped(body: radio.ClockStepped) -> str:
    return f"The clock was set by {body.delta:+.1f} s"


def _lock_channel(body: radio.LockChannel) -> str:
    return f"A lock on {place(body.channel)} is requested{why(body.reason)}"


def _pause_listening(body: radio.PauseListening) -> str:
    return f"A pause is requested{why(body.reason)}"


def _resume_listening(body: radio.ResumeListening) -> str:
    return f"The end of the pause is requested{why(body.reason)}"


def _listening_changed(body: radio.ListeningChanged) -> str:
    if body.paused:
        return "Listening is paused: frames are ignored"
    return f"Listening continues; {count(body.skipped, 'frame')} came meanwhile and were ignored"


def _unlock_channel(body: radio.UnlockChannel) -> str:
    return f"Hopping over every channel is requested{why(body.reason)}"


def _camp_on(body: radio.CampOn) -> str:
    return f"A camp on {place(body.channel)} for {span(body.seconds)} is requested{why(body.reason)}"


SENTENCES: dict[str, Callable[[Any], str]] = {
    "frame-batch": _frame_batch,
    "radio-opened": _radio_opened,
    "radio-closed": _radio_closed,
    "capture-begun": _capture_begun,
    "receiver-judged": _receiver_judged,
    "capture-damaged": _capture_damaged,
    "capture-odd": _capture_odd,
    "radio-report": _radio_report,
    "frames-lost": _frames_lost,
    "frames-counted": _frames_counted,
    "frames-needed": _frames_needed,
    "thinning-changed": _thinning_changed,
    "tuned": _tuned,
    "tune-failed": _tune_failed,
    "hopping-changed": _hopping_changed,
    "channels-shared": _channels_shared,
    "radio-blind": _radio_blind,
    "recovery-step": _recovery_step,
    "radio-recovered": _radio_recovered,
    "nothing-heard": _nothing_heard,
    "probing-changed": _probing_changed,
    "clock-stepped": _clock_stepped,
    "lock-channel": _lock_channel,
    "unlock-channel": _unlock_channel,
    "pause-listening": _pause_listening,
    "resume-listening": _resume_listening,
    "listening-changed": _listening_changed,
    "camp-on": _camp_on,
}
