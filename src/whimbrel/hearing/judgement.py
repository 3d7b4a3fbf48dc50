"""What a receiver's frames say about the receiver: how they are to be read, what is wrong, whether any is of use."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from whimbrel.hearing.evidence import Doubt, Evidence
from whimbrel.hearing.tails import octets_behind_fcs, possible_tails
from whimbrel.wifi.fcs import ends_with_fcs, fits, holds
from whimbrel.wifi.frames import Frame, Malformed
from whimbrel.wifi.linktypes import marks
from whimbrel.wifi.reading import AS_TOLD, FCS, Reading, Tail

if TYPE_CHECKING:
    from whimbrel.wifi.capture_record import CaptureRecord

Claim = bool | None
"""What a capture header says of an FCS at the frame's end: that there is one, that there is none, nothing."""

_FIELDS: dict[Claim, str] = {True: "flagged", False: "unflagged", None: "untold"}

_UNREADABLE = 16
"""Frames in a row whose capture header is broken, after which a receiver is of no use."""
_USELESS = 256
"""Frames in a row that are damaged, or do not begin as frames do, after which it is of no use."""
_MEMORY = 256
"""Frames of which it is known how many are marked; older ones fade."""
_RARE = 0.05
"""Share of frames without the mark "damaged" up to which the mark says nothing."""

_WAIT, _LONGEST_WAIT = 32, 4096
"""Frames that are looked at between the first two changes of a judgement, and between any two at most."""

_HEADER = "the capture header of every frame is broken, or of a type that is not known"
_DAMAGED = "every frame is damaged"
_NO_FRAME = "no frame begins as frames of 802.11 do"
_WRONG: dict[Malformed | None, str] = {
    Malformed.LINK_HEADER: _HEADER,
    Malformed.LINK_TYPE: _HEADER,
    Malformed.VERSION: _NO_FRAME,
    Malformed.RESERVED: _NO_FRAME,
    Malformed.TOO_SHORT: _NO_FRAME,
}


class Seen(NamedTuple):
    """What a look at one record shows."""

    claim: Claim
    damaged: bool
    """Whether the header marks the frame as damaged."""
    behind: int | None
    """Octets behind a check sequence that fits; None where none does."""
    tails: int
    """Bits of the tails that the frame's shape allows; 0 where it does not tell."""

    def contradicts(self, reading: Reading) -> bool:
        """Tell whether the frame would better be read otherwise than `reading` has it."""
        tail = tail_of(reading, self.claim)
        if tail is None:
            return bool(self.behind) or (self.behind is None and self.tails != 0 and not self.tails & 1)
        if self.behind is not None:
            return tail != Tail(FCS, self.behind)
        if self.damaged:
            return False
        return tail.fcs > 0 or (self.tails != 0 and not self.tails >> tail.extra & 1)


def look(link_type: int, record: CaptureRecord, frame: Frame) -> Seen | None:
    """Look at a record and the frame that was read from it; None for one that tells nothing."""
    if frame.cut or frame.start >= len(record[1]):
        return None
    try:
        claim, damaged = marks(link_type, record[1])
    except ValueError:
        return None
    return Seen(claim, damaged, octets_behind_fcs(record[1], frame.start), possible_tails(record[1], frame.start))


def ends_there(record: CaptureRecord, frame: Frame) -> bool:
    """Tell whether nothing speaks against the end that a frame was read with; cheaper than a whole `look`."""
    if frame.cut or frame.bad_fcs or frame.start >= frame.end or fits(frame):
        return True
    raw = record[1]
    tails = possible_tails(raw, frame.start)
    return bool(tails >> len(raw) - frame.end & 1) if tails else not ends_with_fcs(raw, frame.start, len(raw))


def tail_of(reading: Reading, claim: Claim) -> Tail | None:
    """Return how `reading` reads frames whose header claims this."""
    tail: Tail | None = getattr(reading, _FIELDS[claim])
    return tail


def with_tail(reading: Reading, claim: Claim, tail: Tail) -> Reading:
    """Return `reading` with another tail for frames whose header claims this."""
    if claim is None:
        return reading._replace(untold=tail)
    return reading._replace(flagged=tail) if claim else reading._replace(unflagged=tail)


class Judgement:
    """Formed of the frames that `add` is given."""

    def __init__(self) -> None:
        self.reading = AS_TOLD
        self.mixed: frozenset[Claim] = frozenset()
        """The claims that are right about some frames and wrong about others."""
        self.unsure: frozenset[Claim] = frozenset()
        """The claims whose frames are to be tried one by one: these, and those that too few frames tell of."""
        self.useless = ""
        """Why no frame is of use; empty where some are."""
        self._sound_marked = False
        self._in_a_row: Counter[str] = Counter()  # useless frames since the last one of use, by what is wrong
        self._any = False  # whether one ever was of use
        # At which frame a claim was judged, and after how many more it may be judged otherwise.
        self._changes: dict[Claim, tuple[int, int]] = {}
        self._plain: dict[Claim, Evidence] = {}
        self._marked: dict[Claim, Evidence] = {}
        self._looked = 0  # frames so far
        self._frames = self._unmarked = self._sound = 0  # of late; that are not marked as damaged; that are, and fit

    def use(self, frame: Frame) -> int:
        """Take in whether a frame is of use; return how many in a row were of none."""
        wrong = _WRONG.get(frame.malformed)
        if wrong is None and (frame.bad_fcs or holds(frame) is False):
            wrong = _DAMAGED
        if wrong is not None:
            self._in_a_row[wrong] += 1
            return self._in_a_row.total()
        self._any = True
        self._in_a_row.clear()
        return 0

    def add(self, seen: Seen, record: CaptureRecord, frame: Frame) -> None:
        """Take in what was seen of a record."""
        self._looked += 1
        if self._frames >= _MEMORY:
            self._frames, self._unmarked, self._sound = self._frames // 2, self._unmarked // 2, self._sound // 2
        self._frames += 1
        if seen.damaged:
            self._sound += seen.behind is not None
        else:
            self._unmarked += 1
        evidence = (self._marked if seen.damaged else self._plain).setdefault(seen.claim, Evidence())
        raw, start = record[1], frame.start
        evidence.add(_transmitter(raw, start), raw[start], seen.behind, seen.tails, raw[-FCS:])

    def decided(self, claim: Claim, *, damaged: bool) -> bool:
        """Tell whether enough was seen of the frames that claim this."""
        if damaged and self._unmarked:
            return True
        evidence = (self._marked if damaged else self._plain).get(claim)
        return evidence is not None and evidence.verdict() is not Doubt.THIN

    def conclude(self, *, final: bool = False, soon: bool = False) -> None:
        """Draw the conclusion from what was taken in: `final` where it has to do, `soon` where frames cannot wait."""
        self.useless = self._uselessness(final=final)
        reading, mixed, thin = self.reading, set(self.mixed), set(self.unsure - self.mixed)
        believed = self._unmarked > _RARE * self._frames
        sources = [self._plain] if believed else [self._plain, self._marked]
        for evidences in sources:
            for claim, evidence in evidences.items():
                verdict = evidence.verdict(final=final)
                if verdict is Doubt.THIN and soon:
                    thin.add(claim)
                if verdict is Doubt.THIN or not self._may_change(claim, verdict):
                    continue
                mixed.discard(claim)
                thin.discard(claim)
                if isinstance(verdict, Tail):
                    reading = with_tail(reading, claim, verdict)
                else:
                    mixed.add(claim)
        if believed:
            reading = reading._replace(damage=True)
        elif any(isinstance(evidence.verdict(final=final), Tail) for evidence in self._marked.values()):
            reading = reading._replace(damage=False)
        self._sound_marked = self._sound * 2 > self._frames - self._unmarked
        self.reading, self.mixed, self.unsure = reading, frozenset(mixed), frozenset(mixed | thin)

    def _may_change(self, claim: Claim, verdict: Tail | Doubt) -> bool:
        """Tell whether a claim may be judged so; each change has to wait twice as long as the one before."""
        before = Doubt.MIXED if claim in self.mixed else tail_of(self.reading, claim)
        if verdict == before:
            return True
        at, wait = self._changes.get(claim, (0, 0))
        if self._looked - at < wait:
            return False
        self._changes[claim] = self._looked, min(max(wait * 2, _WAIT), _LONGEST_WAIT)
        return True

    @property
    def findings(self) -> tuple[str, ...]:
        """What is wrong with the receiver, each a sentence without its full stop."""
        if self.useless:
            return (f"none of its frames can be used: {self.useless}",)
        found = [_of_claim(claim, tail_of(self.reading, claim)) for claim in _FIELDS if claim not in self.mixed]
        if self.mixed:
            found.append("it is right about the check sequence of some frames and wrong about others: each is tried")
        if not self.reading.damage or self._sound_marked:
            found.append("it marks sound frames as damaged: the mark is not believed")
        return tuple(dict.fromkeys(filter(None, found)))

    def _uselessness(self, *, final: bool) -> str:
        """Return why no frame is of use; what ends after a few broken headers was of none either."""
        if not self._in_a_row:
            return ""
        wrong, count = self._in_a_row.most_common(1)[0]
        enough = _UNREADABLE if wrong is _HEADER else _USELESS
        if count >= enough or (final and wrong is _HEADER and not self._any):
            return wrong
        return self.useless


def _transmitter(raw: bytes, start: int) -> bytes | None:
    """Return address 2; None for control frames, which have none or are nobody's in particular."""
    return None if raw[start] & 0x0C == 0x04 else raw[start + 10 : start + 16]


def _of_claim(claim: Claim, tail: Tail | None) -> str:
    """Say what is wrong with a claim, where the tail is another than it has it."""
    if tail is None:
        return ""
    behind = f"{tail.extra} octets behind each frame are no part of it: they are left out" if tail.extra else ""
    if claim is True and not tail.fcs:
        return behind or "it claims check sequences that are not there: frames are read without"
    if claim is False and tail.fcs:
        unsaid = "its frames end in a check sequence that it does not tell of: that is taken off and tried"
        return f"{unsaid}; {behind}" if behind else unsaid
    return behind
