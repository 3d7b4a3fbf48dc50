"""A recording in progress: frames wait, are packed, and are written to the card together. Used by one thread."""

from __future__ import annotations

import contextlib
import os
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from whimbrel.capture import pcapng_blocks
from whimbrel.recording.counts import Counts
from whimbrel.recording.packing import octets_of, packed, time_of
from whimbrel.recording.ring import OVERHEAD, RECORD_OVERHEAD
from whimbrel.recording.selection import Payload

if TYPE_CHECKING:
    from whimbrel.recording.folder import Folder
    from whimbrel.recording.naming import Name
    from whimbrel.recording.packing import Heard
    from whimbrel.recording.track import TimedPositions
    from whimbrel.wifi.frames import Frame

    WaitingFrame = tuple[float, Heard, int]
    """The monotonic time of its coming, itself, and how many frames are missing before it. No class: there are many."""

_WRITE = 1 << 16
"""Octets of one write, and of the packing between two chances for other threads."""
_NONE = Counts()
_PARTS = 16
"""Limit of remembered files that were given up."""


class Heading(NamedTuple):
    """The origin in the file."""

    application: str
    comments: tuple[str, ...] = ()
    name: str = ""
    """Of the interface."""
    description: str = ""
    chosen: str = ""
    """Filter expression that the frames have passed."""


class Form(NamedTuple):
    """How frames are written."""

    payload: Payload = Payload.CUT
    snap_length: int = 0


class Recording:
    """A file, and the frames that wait for it.

    It is made by the first `flush` that has frames. Where that raises OSError, the file is closed behind its last whole
    block; the next one begins another file.
    """

    def __init__(
        self,
        folder: Folder,
        stem: str,
        form: Form,
        track: TimedPositions,
        *,
        kept: bool = False,
        why: str = "",
        counts: Counts = _NONE,
    ) -> None:
        """`counts`: the totals of the radio when its first frame was heard."""
        self.stem = stem
        self.why = why
        self.kept = kept
        self.name: Name | None = None
        """Of the file, once there is one."""
        self.octets = 0
        """Of the file."""
        self.frames = 0
        """In the file."""
        self.begun = 0.0
        """Monotonic seconds at which the file was made."""
        self.written = 0
        """Octets that were given to the card, of all its files."""
        self.ended: Counts | None = None
        """The totals of the radio at its end; None while it goes on."""
        self.reached: Counter[float] = Counter()
        """The numbers of frames that have reached the card since this was last emptied, by the times of hearing."""
        self._folder = folder
        self._form = form
        self._track = track
        self._descriptor = -1
        self._waiting: deque[WaitingFrame] = deque()
        self._waiting_octets = 0
        self._comments: dict[int, list[str]] = {}  # by the identity of the octets of a frame that waits
        self._safe = 0  # octets of the file that are on the card
        self._written = 0  # frames that are in the file, and perhaps not on the card
        self._named = False  # whether the file's name is on the card
        self._whole = False  # whether its statistics are in it, so that nothing may follow
        self._missing = 0  # frames that are missing behind the last one that waits
        self._gone = 0  # frames that are missing before the last one on the card, of all its files
        self._first = self._last = 0.0  # times of the frames in the file
        self._counts = counts
        self._parts: deque[str] = deque(maxlen=_PARTS)  # stems of files that were given up

    @property
    def title(self) -> str:
        """Its name: that of the file, once there is one."""
        return self.name.stem if self.name is not None else self.stem

    @property
    def waiting_since(self) -> float | None:
        """The monotonic time of hearing of the oldest frame that is not on the card yet; any thread may read it."""
        try:
            return self._waiting[0][0]
        except IndexError:
            return None

    @property
    def waiting_octets(self) -> int:
        """Octets of memory that the frames take which wait."""
        return self._waiting_octets

    def is_called(self, stem: str) -> bool:
        """Return whether that is its name, or that of a file which it gave up."""
        return stem == self.title or stem in self._parts

    def take(self, frames: Iterable[Heard], now: float) -> None:
        """Queue frames for the next flush, heard at `now`, a monotonic time."""
        lost, self._missing = self._missing, 0
        for frame in frames:
            self._waiting.append((now, frame, lost))
            self._waiting_octets += _size(frame)
            lost = 0
        self._missing += lost

    def lose(self, frames: int) -> None:
        """Note that frames are missing before the next ones."""
        self._missing += frames

    def end(self, counts: Counts) -> None:
        """Note that no more frames come, and the totals of the radio."""
        self.ended = counts

    def note(self, frames: Sequence[Frame], comments: Sequence[str]) -> None:
        """Add comments to those of `frames` that still wait."""
        waiting = {id(octets_of(frame)) for _, frame, _ in self._waiting}
        for frame, comment in zip(frames, comments, strict=True):
            if id(frame.raw) in waiting:
                known = self._comments.setdefault(id(frame.raw), [])
                if comment not in known:
                    known.append(comment)

    def shed(self, most: int) -> int:
        """Drop the oldest waiting frames until the rest takes at most so many octets; return the number of dropped
        ones."""
        shed = missing = 0
        while self._waiting_octets > most:
            missing += self._drop()[2] + 1
            shed += 1
        if self._waiting:
            since, first, lost = self._waiting[0]
            self._waiting[0] = since, first, lost + missing
        else:
            self._missing += missing
        return shed

    def write(self, heading: Heading, counts: Counts, now: float, most: int = 0) -> None:
        """Write all waiting frames to the file, and its statistics if it has `most` octets then (0: without limit).

        They are on the card after `settle`, which is to follow, also after an OSError that this raises.
        """
        if not self._waiting:
            return
        if self._descriptor >= 0 and self.name is not None and not self._folder.holds(self.name, self._descriptor):
            os.close(self._descriptor)
            self._descriptor = -1
        head = b"" if self._descriptor >= 0 else self._create(heading, now)
        for octets, frames in self._packed():
            self._put(head + octets)
            head = b""
            self._written += frames
        if most and self.octets >= most:
            self._put_statistics(counts, self.frames + self._written, time_of(self._waiting[-1][1]))

    def settle(self) -> None:
        """Sync to the card what `write` has written. Raises OSError; then it counts as not written."""
        frames, self._written = self._written, 0
        if not frames:
            return
        try:
            self._sync()
        except OSError:
            # The kernel treats data that it failed to write as written: only another file is certain to contain it.
            with contextlib.suppress(OSError):
                os.ftruncate(self._descriptor, self._safe)
            self.octets = self._safe
            raise
        self._safe = self.octets
        self.frames += frames
        for _ in range(frames):
            since, written, lost = self._drop()
            self.reached[since] += 1
            self._gone += lost
            self._last = max(time_of(written), 0.0)

    def finish(self, counts: Counts) -> None:
        """Close the file with its statistics, if there is one. Raises OSError; it is closed all the same."""
        if self._descriptor < 0:
            return
        name, descriptor = self.name, self._descriptor
        assert name is not None
        try:
            if not self._whole:
                self._put_statistics(counts, self.frames, self._last)
                self._sync()
        finally:
            self._descriptor = -1
            os.close(descriptor)
        # Not synced: without it the next start finds a file that was left open, and is whole.
        closed = name._replace(open=False)
        self._folder.rename(name, closed, sync=False)
        self.name = closed

    def keep(self) -> None:
        """Protect it from automatic deletion, with the files that it gave up. Raises OSError."""
        if self.name is not None and not self.name.kept:
            kept = self.name._replace(kept=True)
            self._folder.rename(self.name, kept)
            self.name = kept
        for part in self._parts:
            self._folder.keep(part)
        self.kept = True

    def give_up(self) -> None:
        """Leave the file as it is after an error: its blocks are whole, and the next start closes it. One without a
        frame on the card goes, so that a card which refuses for long is not filled with them."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            with contextlib.suppress(OSError):
                os.close(descriptor)
            if self.name is not None and not self._safe:
                self._folder.discard(self.name)
            elif self.name is not None:
                self._parts.append(self.name.stem)
        self.name = None

    def _create(self, heading: Heading, now: float) -> bytes:
        """Make the file; return the blocks that it is to begin with."""
        head = pcapng_blocks.section(
            application=heading.application, comments=[*heading.comments, *([self.why] if self.why else [])]
        ) + pcapng_blocks.interface(
            snap_length=self._form.snap_length,
            name=heading.name,
            description=heading.description,
            chosen=heading.chosen,
        )
        self._descriptor, self.name = self._folder.create(self.stem, kept=self.kept)
        self.octets = self.frames = self._safe = 0
        self._named = self._whole = False
        self.begun = now
        self._first = max(time_of(self._waiting[0][1]), 0.0)
        return head

    def _packed(self) -> Iterator[tuple[bytes, int]]:
        """Yield the waiting frames as blocks for one write each, with the number of frames."""
        blocks: list[bytes] = []
        size = 0
        for _, frame, lost in self._waiting:
            comments = self._comments.get(id(octets_of(frame)), ()) if self._comments else ()
            block = packed(frame, *self._form, comments, lost, self._track.at(time_of(frame)))
            blocks.append(block)
            size += len(block)
            if size >= _WRITE:
                yield b"".join(blocks), len(blocks)
                blocks, size = [], 0
        if blocks:
            yield b"".join(blocks), len(blocks)

    def _put_statistics(self, counts: Counts, frames: int, last: float) -> None:
        """End the file, which has so many frames, the last of them heard at `last`.

        Files that were given up have no statistics: the totals are of them too.
        """
        last = max(last, 0.0)
        lost = self._gone + sum(lost for _, _, lost in self._waiting) + self._missing
        radio = (self.ended or counts).since(self._counts)
        block = pcapng_blocks.statistics(
            time=last, begun=self._first, ended=last, received=max(radio.received, frames + lost),
            dropped=radio.dropped + lost, delivered=frames,
        )  # fmt: skip
        self._put(block)
        self._whole = True

    def _put(self, octets: bytes) -> None:
        """Append to the file; an incomplete write is undone. Raises OSError."""
        view = memoryview(octets)
        try:
            while view:
                view = view[os.write(self._descriptor, view) :]
        except OSError:
            with contextlib.suppress(OSError):
                os.ftruncate(self._descriptor, self.octets)
            raise
        self.octets += len(octets)
        self.written += len(octets)

    def _sync(self) -> None:
        os.fdatasync(self._descriptor)
        if not self._named:  # after the file, whose sync has brought it along on most file systems
            self._folder.sync()
            self._named = True

    def _drop(self) -> WaitingFrame:
        waiting = self._waiting.popleft()
        self._waiting_octets -= _size(waiting[1])
        if self._comments:
            self._comments.pop(id(octets_of(waiting[1])), None)
        return waiting


def _size(heard: Heard) -> int:
    """Return the memory of a frame or record in octets."""
    return len(octets_of(heard)) + (RECORD_OVERHEAD if isinstance(heard, tuple) else OVERHEAD)
