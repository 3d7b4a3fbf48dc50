"""Judgement of a receiver by its frames: the way to read them, its faults, and whether any frame is usable."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from whimbrel.hearing.evidence import Doubt, ReceiverEvidence
from whimbrel.hearing.tails import octets_behind_fcs, possible_tails
from whimbrel.wifi.fcs import ends_with_fcs, fits, holds
from whimbrel.wifi.frames import Frame, Malformed
from whimbrel.wifi.linktypes import marks
from whimbrel.wifi.reading import AS_TOLD, FCS, Reading, Tail

if TYPE_CHECKING:
    from whimbrel.wifi.capture_record import CaptureRecord

Claim = bool | None
"""The claim of a capture header about an FCS at the end of the frame: present, absent, or unknown."""

_FIELDS: dict[Claim, str] = {True: "flagged", False: "unflagged", None: "untold"}

_UNREADABLE = 16
"""Consecutive frames with a broken capture header after which a receiver counts as unusable."""
_USELESS = 256
"""Consecutive frames that are damaged, or do not begin like frames, after which a receiver counts as unusable."""
_MEMORY = 256
"""Frames over which the share of marked ones is measured; older ones fade."""
_RARE = 0.05
"""Share of frames without the mark "damaged" up to which the mark is meaningless."""

_WAIT, _LONGEST_WAIT = 32, 4096
"""Frames examined between the first two changes of a judgement, and the limit between any two."""

_HEADER = "the capture header of every frame is broken or of an unknown type"
_DAMAGED = "every frame is damaged"
_NO_FRAME = "no frame begins like an 802.11 frame"
_WRONG: dict[Malformed | None, str] = {
    Malformed.LINK_HEADER: _HEADER,
    Malformed.LINK_TYPE: _HEADER,
    Malformed.VERSION: _NO_FRAME,
    Malformed.RESERVED: _NO_FRAME,
    Malformed.TOO_SHORT: _NO_FRAME,
}


class SeenRecord(NamedTuple):
    """The evidence in one record."""

    claim: Claim
    damaged: bool
    """Whether the header marks the frame as damaged."""
    behind: int | None
    """Octets after a check sequence that fits; None if none does."""
    tails: int
    """Bits of the tails that the frame's structure allows; 0 if it is inconclusive."""

    def contradicts(self, reading: Reading) -> bool:
        """Return whether the frame fits another tail better than that of `reading`."""
        tail = tail_of(reading, self.claim)
        if tail is None:
            return bool(self.behind) or (self.behind is None and self.tails != 0 and not self.tails & 1)
        if self.behind is not None:
            return tail != Tail(FCS, self.behind)
        if self.damaged:
            return False
        return tail.fcs > 0 or (self.tails != 0 and not self.tails >> tail.extra & 1)


def look(link_type: int, record: CaptureRecord, frame: Frame) -> SeenRecord | None:
    """Return the evidence in a record and the frame that was read from it; None if it is inconclusive."""
    if frame.cut or frame.start >= len(record[1]):
        return None
    try:
        claim, damaged = marks(link_type, record[1])
    except ValueError:
        return None
    return SeenRecord(claim, damaged, octets_behind_fcs(record[1], frame.start), possible_tails(record[1], frame.start))


def ends_there(record: CaptureRecord, frame: Frame) -> bool:
    """Return whether nothing contradicts the end at which a frame was read; cheaper than a whole `look`."""
    if frame.cut or frame.bad_fcs or frame.start >= frame.end or fits(frame):
        return True
    raw = record[1]
    tails = possible_tails(raw, frame.start)
    return bool(tails >> len(raw) - frame.end & 1) if tails else not ends_with_fcs(raw, frame.start, len(raw))


def tail_of(reading: Reading, claim: Claim) -> Tail | None:
    """Return the tail that `reading` uses for frames with this claim."""
    tail: Tail | None = getattr(reading, _FIELDS[claim])
    return tail


def with_tail(reading: Reading, claim: Claim, tail: Tail) -> Reading:
    """Return `reading` with another tail for frames with this claim."""
    if claim is None:
        return reading._replace(untold=tail)
    return reading._replace(flagged=tail) if claim else reading._replace(unflagged=tail)


class Judgement:
    """The judgement of a receiver, formed from the frames passed to `add`."""

    def __init__(self) -> None:
        self.reading = AS_TOLD
        self.mixed: frozenset[Claim] = frozenset()
        """The claims that are true for some frames and wrong for others."""
        self.unsure: frozenset[Claim] = frozenset()
        """The claims whose frames must be tried one by one: the mixed ones, and those with too little evidence."""
        self.useless = ""
        """The reason why no frame is usable; empty if some are."""
        self._sound_marked = False
        self._in_a_row: Counter[str] = Counter()  # unusable frames since the last usable one, by fault
        self._any = False  # whether any frame was usable
        # The frame at which a claim was judged, and the number of frames until its judgement may change.
        self._changes: dict[Claim, tuple[int, int]] = {}
        self._plain: dict[Claim, ReceiverEvidence] = {}
        self._marked: dict[Claim, ReceiverEvidence] = {}
        self._looked = 0  # frames so far
        self._frames = self._unmarked = self._sound = 0  # recent frames; those not marked as damaged; marked but sound

    def use(self, frame: Frame) -> int:
        """Note whether a frame is usable; return the number of consecutive unusable ones."""
        wrong = _WRONG.get(frame.malformed)
        if wrong is None and (frame.bad_fcs or holds(frame) is False):
            wrong = _DAMAGED
        if wrong is not None:
            self._in_a_row[wrong] += 1
            return self._in_a_row.total()
        self._any = True
        self._in_a_row.clear()
        return 0

    def add(self, seen: SeenRecord, record: CaptureRecord, frame: Frame) -> None:
        """Add the evidence of a record."""
        self._looked += 1
        if self._frames >= _MEMORY:
            self._frames, self._unmarked, self._sound = self._frames // 2, self._unmarked // 2, self._sound // 2
        self._frames += 1
        if seen.damaged:
            self._sound += seen.behind is not None
        else:
            self._unmarked += 1
        evidence = (self._marked if seen.damaged else self._plain).setdefault(seen.claim, ReceiverEvidence())
        raw, start = record[1], frame.start
        evidence.add(_transmitter(raw, start), raw[start], seen.behind, seen.tails, raw[-FCS:])

    def decided(self, claim: Claim, *, damaged: bool) -> bool:
        """Return whether there is enough evidence about the frames with this claim."""
        if damaged and self._unmarked:
            return True
        evidence = (self._marked if damaged else self._plain).get(claim)
        return evidence is not None and evidence.verdict() is not Doubt.THIN

    def conclude(self, *, final: bool = False, soon: bool = False) -> None:
        """Conclude from the evidence: `final` if no more will come, `soon` if frames cannot wait."""
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
        """Return whether the verdict on a claim may change to this; each change has to wait twice as long."""
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
        """The faults of the receiver, each a sentence without its full stop."""
        if self.useless:
            return (f"none of its frames is usable: {self.useless}",)
        found = [_of_claim(claim, tail_of(self.reading, claim)) for claim in _FIELDS if claim not in self.mixed]
        if self.mixed:
            found.append("its mark for a check sequence is right for some frames and wrong for others: each is tried")
        if not self.reading.damage or self._sound_marked:
            found.append("it marks sound frames as damaged: the mark is ignored")
        return tuple(dict.fromkeys(filter(None, found)))

    def _uselessness(self, *, final: bool) -> str:
        """Return why no frame is usable; a source that ends after a few broken headers is unusable too."""
        if not self._in_a_row:
            return ""
        wrong, count = self._in_a_row.most_common(1)[0]
        enough = _UNREADABLE if wrong is _HEADER else _USELESS
        if count >= enough or (final and wrong is _HEADER and not self._any):
            return wrong
        return self.useless


def _transmitter(raw: bytes, start: int) -> bytes | None:
    """Return address 2; None for control frames, which have none or identify no station."""
    return None if raw[start] & 0x0C == 0x04 else raw[start + 10 : start + 16]


def _of_claim(claim: Claim, tail: Tail | None) -> str:
    """Return the fault of a claim with another true tail."""
    if tail is None:
        return ""
    behind = f"{tail.extra} octets after each frame do not belong to it: they are left out" if tail.extra else ""
    if claim is True and not tail.fcs:
        return behind or "it claims check sequences that are not there: frames are read without"
    if claim is False and tail.fcs:
        unsaid = "its frames end in an unannounced check sequence: it is removed and checked"
        return f"{unsaid}; {behind}" if behind else unsaid
    return behind
