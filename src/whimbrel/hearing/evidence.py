"""Evidence about the octets after each frame, collected by transmitter, and the verdict on them.

A stranger controls the content of its frames, and may even let a body end in a CRC; it does not control how the
receiver treats the frames of others. So every transmitter has one vote, however much it sends, and there is no verdict
if a consistent transmitter contradicts it: then each frame is judged by itself.
"""

from __future__ import annotations

import enum
from collections import Counter

from whimbrel.hearing.tails import LONGEST
from whimbrel.wifi.reading import FCS, Tail

ENOUGH = 12
"""Conclusive frames needed for a verdict."""
_FEW = 3
"""Frames of one transmitter that rule out chance."""
_TRANSMITTERS = 64
"""Limit of transmitters that are distinguished; beyond it, one of the largest group of equals is forgotten."""
_MOST = 0.8
"""Share of a transmitter's frames, and of the transmitters, that has to agree: some frames are damaged, some end in
unusual elements."""
_FEW_VOTES = 0.2
"""Share of the transmitters that need fitting CRCs before these count."""
_AGAINST = 0.05
"""Share of frames that end elsewhere by chance if octets are cut off all of them."""
_MEMORY = 32
"""Frames of a transmitter that count; older ones fade, because a receiver may change."""


class Doubt(enum.Enum):
    """The reason why there is no verdict."""

    THIN = "too few conclusive frames"
    MIXED = "frames differ"


class _Voter:
    """The evidence in the frames of one transmitter."""

    __slots__ = ("ends", "fits", "frames", "kinds", "telling")

    def __init__(self) -> None:
        self.frames = 0
        self.telling = 0
        self.fits: Counter[int] = Counter()  # octets after a check sequence that fits
        self.ends: Counter[int] = Counter()  # octets after the body that its structure allows
        self.kinds: set[int] = set()

    def fade(self) -> None:
        """Let older frames count half."""
        self.frames //= 2
        self.telling //= 2
        for counts in (self.fits, self.ends):
            for key in counts:
                counts[key] //= 2

    def vote(self) -> Tail | None:
        """Return this transmitter's vote; None if its frames are inconclusive."""
        if self.fits:
            extra, count = self.fits.most_common(1)[0]
            if count * 4 >= self.frames and count:
                return Tail(FCS, extra)
        if not self.telling:
            return None
        agreed = [tail for tail, count in self.ends.items() if count and count >= _MOST * self.telling]
        return Tail(0, min(agreed)) if agreed else None


class ReceiverEvidence:
    """Evidence from the frames of one receiver whose capture headers make the same claim."""

    def __init__(self) -> None:
        self.frames = 0
        self._voters: dict[bytes | None, _Voter] = {}
        self._endings: set[bytes] = set()  # last four octets, two different ones at most

    def add(self, transmitter: bytes | None, kind: int, behind: int | None, tails: int, ending: bytes) -> None:
        """Add a frame: the octets after a check sequence that fits, the bits of the possible tails, the last octets."""
        self.frames += 1
        voter = self._voters.get(transmitter)
        if voter is None:
            if len(self._voters) >= _TRANSMITTERS:
                self._make_room()
            voter = self._voters[transmitter] = _Voter()
        if voter.frames >= _MEMORY:
            voter.fade()
        voter.frames += 1
        voter.kinds.add(kind)
        if behind is not None:
            voter.fits[behind] += 1
        elif tails:
            voter.telling += 1
            voter.ends.update([tail for tail in range(LONGEST + 1) if tails >> tail & 1])
        if len(self._endings) < 2:
            self._endings.add(ending)

    def _make_room(self) -> None:
        """Forget the transmitter with the fewest frames among those with the most common vote, so that a flood of
        addresses with one vote displaces no other vote."""
        votes = {address: voter.vote() for address, voter in self._voters.items()}
        usual = Counter(votes.values()).most_common(1)[0][0]
        del self._voters[min((a for a, vote in votes.items() if vote == usual), key=lambda a: self._voters[a].frames)]

    def verdict(self, *, final: bool = False) -> Tail | Doubt:
        """Return the octets after each of these frames; `final` if there may be no more of them.

        Addresses that were heard once may be forged; they count only at the end, and only if there are no others.
        """
        voters = [voter for voter in self._voters.values() if voter.frames > 1]
        if final and not voters:
            voters = list(self._voters.values())
        votes = [(vote, voter) for voter in voters if (vote := voter.vote()) is not None]
        if not votes or (not final and sum(voter.frames for _, voter in votes) < ENOUGH):
            return Doubt.THIN
        found, supporters = Counter(vote for vote, _ in votes).most_common(1)[0]
        checked = Counter(vote for vote, _ in votes if vote.fcs)
        if checked.total() >= _FEW_VOTES * len(votes):
            # Fitting CRCs are no chance; the frames of other transmitters may all be damaged.
            found = checked.most_common(1)[0][0]
        elif supporters < _MOST * len(votes):
            return Doubt.MIXED
        if not sum(found):
            return found
        if self._contradicted(found, votes):
            return Doubt.MIXED
        # The frames of one kind from one transmitter may themselves be unusual.
        kinds = sum(len(voter.kinds) for vote, voter in votes if vote == found)
        if not found.fcs and ((kinds < 2 and len(self._endings) > 1) or (final and self.frames < _FEW)):
            return Doubt.THIN
        return found

    def _contradicted(self, found: Tail, votes: list[tuple[Tail, _Voter]]) -> bool:
        """Return whether the frames of one transmitter consistently end elsewhere, or those of many now and then."""
        against = [voter.frames for vote, voter in votes if sum(vote) != sum(found)]
        return max(against, default=0) >= _FEW or sum(against) > _AGAINST * sum(voter.frames for _, voter in votes)
