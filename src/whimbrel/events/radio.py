"""Events of the radio: frames, channels, blindness, losses; and the commands that a module may give it."""

from __future__ import annotations

from collections.abc import Sequence

from whimbrel.events.base import Body, Level
from whimbrel.wifi.capture_record import CaptureRecord
from whimbrel.wifi.channels import Channel
from whimbrel.wifi.frames import Frame

OF_A_FRAME = 848
"""Octets of memory that a frame and its capture record take beside those that were captured."""
WAITING = 4 << 20
"""Octets of memory of the frames that may wait for one listener of the bus."""


class FrameBatch(Body, level=Level.DEBUG, bulky=True):
    """Frames from the radio, at most 64. Never shown: their findings are separate events."""

    frames: Sequence[Frame]
    """In the order of their capture."""
    freq: int = 0
    """MHz of the radio's channel, for frames without a frequency; 0 if unknown."""
    receiver: int = 0
    """The number of the receiver that heard them (`RadioOpened.receiver`)."""
    records: Sequence[CaptureRecord] = ()
    """The capture records of the frames, one by one, with the same octets; empty if there are none."""

    def memory(self) -> int:
        """Return the octets of the frames, and those of the objects around them."""
        return sum([len(frame.raw) for frame in self.frames]) + OF_A_FRAME * len(self.frames)


class RadioOpened(Body, level=Level.NOTICE):
    """Capturing has begun."""

    driver: str
    """Name of the source driver: linux, scan, pcap or sim."""
    description: str
    """The driver's own words for where the frames come from."""
    receiver: int = 0
    """The number of the receiver: 0 is the first, of the module sniffer, 1 the second, of sniffer2."""
    channels: tuple[int, ...] = ()
    """Centre frequencies in MHz of its plan; empty if the source cannot be tuned. Of two receivers, each visits its
    share of them (`ChannelsShared`)."""
    filter: str = ""
    """Expression that frames must pass (pcap-filter(7)); empty for none."""
    live: bool = True
    """Whether frames arrive when they are in the air; False for a capture file."""
    announcements_only: bool = False
    """Whether it brings beacons and probe responses alone, as a scan does: no stations, no traffic."""
    transmits: bool = False
    """Whether it sends probe requests, as active scans do; later changes are told by `ProbingChanged`."""
    reason: str = ""
    """Why this driver was chosen, if the settings leave the choice to the daemon."""


class RadioClosed(Body, level=Level.NOTICE):
    """Capturing has ended."""

    reason: str
    """Why: the end of the file, a stop, the interface gone."""
    received: int
    """Frames received since it was opened."""
    dropped: int
    """Frames lost in the kernel since it was opened."""


class CaptureBegun(Body, level=Level.DEBUG):
    """The next capture file begins: the following frames are from another receiver."""

    file: str
    """Path of the file."""


class CaptureDamaged(Body, level=Level.WARNING):
    """A capture file is cut short or broken; every whole frame before that was read."""

    file: str
    """Path of the file."""
    problem: str
    """The problem, and its place in the file."""
    frames: int
    """Whole frames read from it."""


class CaptureOdd(Body, level=Level.NOTICE):
    """A capture file was read to its end, with a remark for the user."""

    file: str
    """Path of the file."""
    remark: str
    """The remark: frames that were left out, or a wrong link type."""


class RadioReport(Body, level=Level.DEBUG):
    """Totals of the receiving side since it was opened, sent now and then."""

    received: int
    """Frames received."""
    dropped: int
    """Frames that the kernel had no room for."""
    malformed: int
    """Frames that could not be parsed to the end of their header."""
    bad_fcs: int
    """Frames that the receiver marked as damaged and that have a wrong check sequence."""
    types: tuple[tuple[str, int], ...] = ()
    """Frames by type: management, control, data, extension (of 60 GHz and sub-1 GHz radios), unreadable."""
    discarded: tuple[tuple[str, int], ...]
    """Frames that nothing is learned from: why, and how many, the most first."""
    receiver: tuple[str, ...]
    """`ReceiverJudged.findings` at present."""
    rate: float
    """Frames a second since the previous report."""
    listened: float = 0.0
    """Seconds of listening of this receiver since it was opened, without pauses."""
    channels: tuple[tuple[int, float], ...] = ()
    """Seconds of listening on each channel, by its frequency in MHz, since it was opened; empty if it cannot be
    tuned."""
    counted: int = 0
    """Those of the received frames that the kernel only counted, because they repeat (`linux.thin`)."""


class ReceiverJudged(Body, level=Level.WARNING):
    """The properties of the receiver by its frames, if its driver or capture headers contradict them."""

    findings: tuple[str, ...]
    """Its problem, and the resulting way to read its frames; empty if there is no problem (any more)."""
    useless: bool
    """Whether none of its frames can be used."""


class FramesLost(Body, level=Level.WARNING):
    """The kernel dropped frames since the previous report: the board cannot keep up, or a filter would help."""

    lost: int
    """Frames dropped since the previous report."""
    received: int
    """Frames received since the previous report."""


class Tuned(Body, level=Level.DEBUG):
    """The radio was tuned to a channel, and did not refuse."""

    channel: Channel
    """Where it listens now."""
    dwell: float
    """Seconds that it means to stay; 0 if it is locked."""


class TuneFailed(Body, level=Level.WARNING):
    """A channel could not be set, or frames show that the radio is on another one."""

    channel: Channel
    """The channel that was wanted."""
    reason: str
    """The message of the kernel, or of radiotap."""
    dropped: bool = False
    """Whether the channel was taken out of the plan."""


class HoppingChanged(Body, level=Level.NOTICE):
    """How the radio visits channels has changed."""

    mode: str
    """hopping, locked or camping."""
    channel: Channel | None = None
    """The channel it stays on, unless it is hopping."""
    until: float | None = None
    """Seconds since the epoch at which camping ends."""
    reason: str = ""
    """The origin of the request, and its reason."""


class ChannelsShared(Body, level=Level.INFO):
    """The share of a receiver in the channels has changed: another one came, went, became blind, or was locked."""

    planned: tuple[int, ...]
    """Frequencies in MHz of its plan, without forbidden ones."""
    visited: tuple[int, ...]
    """Those that it visits; the other receivers visit the rest."""


class RadioBlind(Body, level=Level.ALERT):
    """The radio has delivered nothing for longer than silence explains."""

    silent: float
    """Seconds since the last frame."""
    reason: str = ""
    """Why, of a radio that scans: how its scans failed; empty if they succeed, and find nothing any more."""


class RecoveryStep(Body, level=Level.WARNING):
    """One rung of the ladder that is climbed to make a blind radio see again."""

    rung: str
    """retune, cycle, recreate or command."""
    attempt: int
    """Which attempt this is since the radio went blind, from 1."""
    outcome: str
    """The result: done, or the reason for the failure."""


class RadioRecovered(Body, level=Level.NOTICE):
    """A blind radio delivers frames again."""

    blind: float
    """Seconds without a frame."""
    rung: str
    """The rung after which it came back; empty if it came back by itself."""


class NothingHeard(Body, level=Level.NOTICE):
    """The first scans have succeeded, and found no network: none is there, or the radio is deaf."""

    scans: int
    """How many."""


class ProbingChanged(Body, level=Level.NOTICE):
    """Scans have begun to send probe requests (`scan.active`), or will send none."""

    transmits: bool
    """Whether they do."""
    refused: str = ""
    """Why the kernel or the sandbox does not let them; scans are passive then."""


class ClockStepped(Body, level=Level.NOTICE):
    """The clock of the frames was set, as on a board without a battery when the network time arrives."""

    delta: float
    """Seconds by which it jumped; times before are shifted by this."""


class LockChannel(Body, level=Level.NOTICE):
    """Command: stay on one channel until unlocked."""

    channel: Channel
    """Where to stay."""
    reason: str = ""
    """Who asks, and why."""


class UnlockChannel(Body, level=Level.NOTICE):
    """Command: visit the channels of the plan again."""

    reason: str = ""
    """Who asks, and why."""


class CampOn(Body, level=Level.INFO):
    """Command: stay on one channel for a while, to hear a handshake or an attack to its end. A lock is stronger."""

    channel: Channel
    """Where to stay."""
    seconds: float
    """How long."""
    reason: str = ""
    """Who asks, and why."""


class PauseListening(Body, level=Level.NOTICE):
    """Command: process no frames until a command to resume. The radio stays as it is.

    `ListeningChanged` or `CommandRefused` answers it.
    """

    reason: str = ""
    """Who asks, and why."""


class ResumeListening(Body, level=Level.NOTICE):
    """Command: take frames in again.

    `ListeningChanged` or `CommandRefused` answers it.
    """

    reason: str = ""
    """Who asks, and why."""


class ListeningChanged(Body, level=Level.NOTICE):
    """The processing of frames was paused or resumed."""

    paused: bool
    """Whether they are not."""
    skipped: int = 0
    """The number of unprocessed frames during the pause that has just ended."""
    answers: int = 0
    """The `seq` of the answered command; 0 for none."""
