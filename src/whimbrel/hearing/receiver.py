"""One receiver, judged by its frames: records in, frames out, read as they are and not as the driver says.

Drivers claim a check sequence that they have cut off, leave one that they do not tell of, mark sound frames as damaged,
put octets of their own behind each frame, and write headers that nobody can read. The first frames are looked at one by
one, later ones now and then; one that contradicts the judgement has it formed anew. Frames that the first judgement may
read differently are held back until there is one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from whimbrel.hearing.judgement import Judgement, Seen, ends_there, look, tail_of, with_tail
from whimbrel.wifi.frames import Frame
from whimbrel.wifi.linktypes import parser_for
from whimbrel.wifi.reading import AS_TOLD, FCS, Reading, Tail

if TYPE_CHECKING:
    from whimbrel.wifi.capture_record import CaptureRecord

CLOSE = 64
"""Frames that are looked at one by one for a judgement; as many are held back for it at most."""
EVERY = 64
"""Of how many frames one is looked at, once there is a judgement."""
_SUSPICIOUS = 4
"""Useless frames in a row that have the judgement formed anew."""


class Receiver:
    """The frames of one receiver that have one link type."""

    def __init__(self, link_type: int) -> None:
        self.held: list[CaptureRecord] = []
        """Records that wait for the first judgement; less than `CLOSE`."""
        self.findings: tuple[str, ...] = ()
        """What is wrong with the receiver, each a sentence without its full stop; another tuple when it changes."""
        self.useless = False
        """Whether none of its frames can be used."""
        self._link_type = link_type
        self._judgement = Judgement()
        self._reading = AS_TOLD
        self._parse: Callable[[CaptureRecord], Frame] = parser_for(link_type)
        self._unseen = 0  # records to come before the next look
        self._close = CLOSE  # records to be looked at one by one
        self._first = True  # whether the first judgement is not formed yet

    def read(self, records: Sequence[CaptureRecord]) -> list[Frame]:
        """Return the frames of `records`, behind those that were held back; fewer, or none, while some are."""
        self._unseen -= len(records)
        if self._unseen > 0:
            parse = self._parse
            return [parse(record) for record in records]
        return self._look_at(records)

    def release(self) -> list[Frame]:
        """Judge by what there is, and return the frames that were held back."""
        self._judgement.conclude(final=self._first)
        return self._released()

    def _released(self) -> list[Frame]:
        self._first = False
        self._adopt()
        held, self.held = self.held, []
        return [self._parse(record) for record in held]

    def _look_at(self, records: Sequence[CaptureRecord]) -> list[Frame]:
        """Look at each of `records`; where there is a judgement, at the last one."""
        if not self._close and not self.held:
            parse = self._parse
            frames = [parse(record) for record in records]
            self._note(records[-1], frames[-1])
            self._unseen = 0 if self._close else EVERY
            return frames
        frames = []
        for record in records:
            frame = self._parse(record)
            doubtful = self._note(record, frame)
            if self.held or (doubtful and self._first):
                self.held.append(record)
                if not doubtful or len(self.held) >= CLOSE:
                    frames += self._settled()
            else:
                frames.append(self._parse(record) if doubtful else frame)
        self._unseen = 0 if self._close or self.held else EVERY
        return frames

    def _settled(self) -> list[Frame]:
        """Return what is held back where the doubts about all of it are gone, or it is too much."""
        if len(self.held) < CLOSE:
            for record in self.held:
                if self._doubts(look(self._link_type, record, self._parse(record))):
                    return []
        self._judgement.conclude(soon=True)
        return self._released()

    def _note(self, record: CaptureRecord, frame: Frame) -> bool:
        """Take a frame into the judgement; tell whether that may come to read it differently."""
        judgement = self._judgement
        in_a_row = judgement.use(frame)
        if self._close:
            self._close -= 1
        elif in_a_row >= _SUSPICIOUS or judgement.unsure or not ends_there(record, frame):
            self._close = CLOSE
        elif not self.useless:
            return False
        seen = look(self._link_type, record, frame)
        if seen is not None:
            judgement.add(seen, record, frame)
        judgement.conclude()
        self._adopt()
        return self._doubts(seen)

    def _doubts(self, seen: Seen | None) -> bool:
        """Tell whether more frames may come to read this one differently than its header has it."""
        if seen is None or not (seen.contradicts(AS_TOLD) or (seen.damaged and seen.behind is None)):
            return False
        return not self._judgement.decided(seen.claim, damaged=seen.damaged)

    def _adopt(self) -> None:
        """Read as the judgement has it from now on."""
        judgement = self._judgement
        if (findings := judgement.findings) != self.findings:
            self.findings = findings
        self.useless = bool(judgement.useless)
        self._reading = judgement.reading
        parse = parser_for(self._link_type, self._reading)
        if judgement.unsure:
            self._parse = self._parse_each
        elif any(tail is not None and tail.extra for tail in self._reading[:3]):
            self._parse = _Trimming(parse, self._reading)
        else:
            self._parse = parse

    def _parse_each(self, record: CaptureRecord) -> Frame:
        """Read a record as it fits best, where the receiver is right about some."""
        frame = parser_for(self._link_type, self._reading)(record)
        seen = look(self._link_type, record, frame)
        if seen is None or seen.claim not in self._judgement.unsure:
            return frame
        if seen.behind is not None:
            tail = Tail(FCS, seen.behind)
        elif seen.tails & 1:
            tail = Tail()
        else:
            tail = tail_of(AS_TOLD, seen.claim) or Tail()
        reading = with_tail(self._reading, seen.claim, tail)
        return _Trimming(parser_for(self._link_type, reading), reading)(record)


class _Trimming:
    """A parser that leaves out what stands behind each frame, so that what is behind `Frame.end` is its FCS."""

    def __init__(self, parse: Callable[[CaptureRecord], Frame], reading: Reading) -> None:
        self._parse = parse
        # By the octets behind the body, which each claim has its own number of, how many of them are the FCS.
        self._fcs = {sum(tail): tail.fcs for tail in reversed(reading[:3]) if tail is not None and tail.extra}

    def __call__(self, record: CaptureRecord) -> Frame:
        frame = self._parse(record)
        if not frame.cut:
            fcs = self._fcs.get(len(frame.raw) - frame.end)
            if fcs is not None:
                frame.raw = frame.raw[: frame.end + fcs]
        return frame
