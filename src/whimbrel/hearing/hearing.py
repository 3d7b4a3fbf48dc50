"""Interprets the output of one source: records in; frames, clock steps and judgements out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from whimbrel.events.radio import ClockStepped, ReceiverJudged
from whimbrel.hearing.receiver import Receiver
from whimbrel.hearing.stamps import AHEAD, LONGEST, Stamps, Stretch

if TYPE_CHECKING:
    from whimbrel.wifi.capture_record import CaptureRecord
    from whimbrel.wifi.frames import Frame

    Heard = Sequence[Frame] | ClockStepped | ReceiverJudged

_BATCH = 64


class Hearing:
    """Interpreter of one source. `live`: the source reports when the clock was set, so any gap is true silence."""

    def __init__(self, *, live: bool) -> None:
        self._stamps = Stamps(LONGEST if live else AHEAD)
        self._receivers: dict[int, Receiver] = {}
        self.records: Sequence[CaptureRecord] = ()
        """Those of the frames that `take` returned, one by one, if each frame has the very octets and time of its
        record; else none."""
        self._link_type = -1
        self._receiver: Receiver
        self._judged = ReceiverJudged(findings=(), useless=False)

    @property
    def waits(self) -> bool:
        """Whether frames are held back for later ones; if none come soon, call `release`."""
        return bool(self._stamps.held) or any(receiver.held for receiver in self._receivers.values())

    def take(self, link_type: int, records: Sequence[CaptureRecord]) -> Iterable[Heard]:
        """Return the frames of `records`, 64 at most each, and the judgements and clock steps that precede them."""
        self.records = ()
        if link_type != self._link_type or not self._stamps.go_on(records):
            return self._carefully(link_type, records)
        # The fast path: nothing but frames.
        receiver = self._receiver
        before = receiver.findings
        frames = receiver.read(records)
        if receiver.findings is before and len(frames) <= _BATCH:
            if receiver.alike:
                self.records = records
            return (frames,) if frames else ()
        return self._after(frames, judged=receiver.findings is not before)

    def release(self) -> Iterator[Heard]:
        """Yield the frames held back, judged by the evidence so far."""
        if self._stamps.held:
            yield from self._understand(self._stamps.release())
        yield from self._released()

    def clock_set(self, step: float) -> None:
        """Note that the clock of the time stamps was set, by so many seconds; call `release` before."""
        self._stamps.told(step)

    def begin(self) -> Iterator[Heard]:
        """Yield the frames held back: the following ones come from another receiver, which gets a new judgement."""
        yield from self.release()
        self._receivers.clear()
        self._link_type = -1
        yield from self._news()

    def _carefully(self, link_type: int, records: Sequence[CaptureRecord]) -> Iterator[Heard]:
        if link_type != self._link_type:
            yield from self.release()
            self._link_type = self._stamps.link_type = link_type
            self._receiver = self._receivers.setdefault(link_type, Receiver(link_type))
        yield from self._understand(self._stamps.take(records, wait=True))

    def _understand(self, stretches: list[Stretch]) -> Iterator[Heard]:
        receiver = self._receiver
        for step, records in stretches:
            if step:
                yield from self._released()
                yield ClockStepped(delta=step)
            before = receiver.findings
            frames = receiver.read(records)
            yield from self._after(frames, judged=receiver.findings is not before)

    def _after(self, frames: Sequence[Frame], *, judged: bool) -> Iterator[Heard]:
        """Yield the judgement, if it changed, and the frames."""
        if judged:
            yield from self._news()
        for first in range(0, len(frames), _BATCH):
            yield frames[first : first + _BATCH]

    def _released(self) -> Iterator[Heard]:
        for receiver in self._receivers.values():
            frames = receiver.release()
            yield from self._news()
            if frames:
                yield frames

    def _news(self) -> Iterator[Heard]:
        """Yield the judgement, if it differs from the last one yielded."""
        receivers = self._receivers.values()
        findings = tuple(dict.fromkeys(finding for receiver in receivers for finding in receiver.findings))
        useless = bool(receivers) and all(receiver.useless for receiver in receivers)
        judged = ReceiverJudged(findings=findings, useless=useless)
        if judged != self._judged:
            self._judged = judged
            yield judged
