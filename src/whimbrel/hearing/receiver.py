"""Reads the frames of one receiver as they really are, whatever its driver claims: records in, frames out.

Some drivers claim a check sequence that they have cut off, leave one that they do not announce, mark sound frames as
damaged, add octets of their own after each frame, or write unreadable headers. The first frames are examined one by
one, later ones now and then; a frame that contradicts the judgement causes a new one. Frames whose reading depends on
the first judgement are held back until it is formed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from whimbrel.hearing.judgement import Judgement, SeenRecord, ends_there, look, tail_of, with_tail
from whimbrel.wifi.frames import Frame
from whimbrel.wifi.linktypes import parser_for
from whimbrel.wifi.reading import AS_TOLD, FCS, Reading, Tail

if TYPE_CHECKING:
    from whimbrel.wifi.capture_record import CaptureRecord

CLOSE = 64
"""Frames that are examined one by one for a judgement; at most as many are held back for it."""
EVERY = 64
"""Once there is a judgement, one of so many frames is examined."""
_SUSPICIOUS = 4
"""Consecutive unusable frames that cause a new judgement."""


class Receiver:
    """The frames of one receiver with one link type."""

    def __init__(self, link_type: int) -> None:
        self.held: list[CaptureRecord] = []
        """Records that wait for the first judgement; less than `CLOSE`."""
        self.findings: tuple[str, ...] = ()
        """The faults of the receiver, each a sentence without its full stop; a new tuple when they change."""
        self.useless = False
        """Whether none of its frames is usable."""
        self.alike = False
        """Whether the frames of the last `read` are those of its records, one by one, with their very octets."""
        self._link_type = link_type
        self._judgement = Judgement()
        self._reading = AS_TOLD
        self._parse: Callable[[CaptureRecord], Frame] = parser_for(link_type)
        self._plain = True  # whether the parser leaves the octets as they are
        self._unseen = 0  # records until the next examination
        self._close = CLOSE  # records still to be examined one by one
        self._first = True  # whether the first judgement is still to be formed

    def read(self, records: Sequence[CaptureRecord]) -> list[Frame]:
        """Return the frames held back and those of `records`; fewer, or none, while frames are held back."""
        self._unseen -= len(records)
        if self._unseen > 0:
            parse = self._parse
            return [parse(record) for record in records]
        return self._look_at(records)

    def release(self) -> list[Frame]:
        """Judge by the evidence so far, and return the frames held back."""
        self._judgement.conclude(final=self._first)
        return self._released()

    def _released(self) -> list[Frame]:
        self._first = False
        self._adopt()
        held, self.held = self.held, []
        return [self._parse(record) for record in held]

    def _look_at(self, records: Sequence[CaptureRecord]) -> list[Frame]:
        alike = self._plain and not self.held
        frames = self._examine(records)
        self.alike = alike and self._plain and not self.held
        return frames

    def _examine(self, records: Sequence[CaptureRecord]) -> list[Frame]:
        """Examine each of `records`, or only the last one once there is a judgement."""
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
        """Return the frames held back if no doubts about them are left, or if there are too many."""
        if len(self.held) < CLOSE:
            for record in self.held:
                if self._doubts(look(self._link_type, record, self._parse(record))):
                    return []
        self._judgement.conclude(soon=True)
        return self._released()

    def _note(self, record: CaptureRecord, frame: Frame) -> bool:
        """Add a frame to the judgement; return whether the judgement may change the reading of the frame."""
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

    def _doubts(self, seen: SeenRecord | None) -> bool:
        """Return whether more frames may change the reading of this one."""
        if seen is None or not (seen.contradicts(AS_TOLD) or (seen.damaged and seen.behind is None)):
            return False
        return not self._judgement.decided(seen.claim, damaged=seen.damaged)

    def _adopt(self) -> None:
        """Use the reading of the judgement from now on."""
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
        self._plain = self._parse is parse

    def _parse_each(self, record: CaptureRecord) -> Frame:
        """Read a record in the way that fits it best, if the receiver's claims are right for some frames only."""
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
    """A parser that drops the extra octets after each frame, so that the octets after `Frame.end` are its FCS."""

    def __init__(self, parse: Callable[[CaptureRecord], Frame], reading: Reading) -> None:
        self._parse = parse
        # The number of FCS octets by the number of octets after the body, which differs for each claim.
        self._fcs = {sum(tail): tail.fcs for tail in reversed(reading[:3]) if tail is not None and tail.extra}

    def __call__(self, record: CaptureRecord) -> Frame:
        frame = self._parse(record)
        if not frame.cut:
            fcs = self._fcs.get(len(frame.raw) - frame.end)
            if fcs is not None:
                frame.raw = frame.raw[: frame.end + fcs]
        return frame
