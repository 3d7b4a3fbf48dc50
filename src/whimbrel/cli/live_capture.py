"""Frames of a running daemon as a pcapng stream. If its reader is too slow, frames are lost here and counted; the
daemon is never delayed."""

from __future__ import annotations

import os
import select
import threading
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, BinaryIO

from whimbrel.capture import pcapng_blocks
from whimbrel.cli import exits
from whimbrel.client.blocking import BlockingClient
from whimbrel.events.recording import CapturedFrames
from whimbrel.verbs.recording import CaptureOrigin
from whimbrel.wifi import kinds
from whimbrel.wifi.frames import Frame
from whimbrel.wifi.linktypes import RADIOTAP, parser_for
from whimbrel.wifi.payloads import eapol_packets
from whimbrel.wording.quantities import count
from whimbrel.wording.suggestions import no_such

WAITING = 8 << 20
"""Limit of octets waiting for the reader."""
_LOOK = 0.5
"""Seconds between two checks that the reader is still there, while nothing is heard."""
GROUPS = ("management", "control", "data", "eapol")
"""Groups of frames, in addition to the names of their kinds."""


def kind_names() -> dict[str, int]:
    """Return each kind of frame by its name on the command line: ``probe-request``."""
    named = {kinds.name(kind): kind for kind in range(0x40)}
    return {name.lower().replace(" ", "-"): kind for name, kind in named.items() if not name.startswith("type ")}


class FrameChoice:
    """The selected frames, by `names`; all if it is empty. Raises `CommandError` for an unknown name."""

    def __init__(self, names: Sequence[str]) -> None:
        known = kind_names()
        for name in names:
            if name not in known and name not in GROUPS:
                raise exits.CommandError(exits.USAGE, no_such("kind of frame", name, [*GROUPS, *known]))
        self.all = not names
        self._kinds = {known[name] for name in names if name in known}
        if "management" in names:
            self._kinds.update(range(0x10))
        if "control" in names:
            self._kinds.update(kinds.CONTROL_FRAMES)
        if "data" in names:
            self._kinds.update(kinds.DATA_FRAMES)
        self._eapol = "eapol" in names

    def __contains__(self, frame: Frame) -> bool:
        """Return whether the frame is selected."""
        return frame.kind in self._kinds or (self._eapol and bool(eapol_packets(frame)))


class Waiting:
    """A queue of at most `most` octets between two threads."""

    def __init__(self, most: int = WAITING) -> None:
        self.lost = 0
        """Total of frames lost because the queue was full."""
        self._most = most
        self._parts: deque[bytes] = deque()
        self._octets = 0
        self._missing = 0  # frames lost since the last accepted one
        self._ended: BaseException | None = None
        self._changed = threading.Condition()

    def head(self, octets: bytes) -> None:
        """Put the beginning of the stream."""
        self._put(octets)

    def frames(self, records: Iterable[tuple[float, bytes, int]], missing: int = 0) -> None:
        """Put frames, before which `missing` frames were lost; those that do not fit are lost too."""
        self._lose(missing)
        for time, octets, length in records:
            with self._changed:
                full = self._octets + len(octets) > self._most
            if full:
                self._lose(1)
                continue
            told = [f"{count(self._missing, 'frame')} before this one were lost: too slow"] if self._missing else []
            self._put(pcapng_blocks.packet(time, octets, length, told, self._missing))
            self._missing = 0

    def end(self, error: BaseException | None = None) -> None:
        """Note the end of the stream; `take` raises `error`."""
        with self._changed:
            self._ended = error or EOFError()
            self._changed.notify()

    def take(self, patience: float) -> bytes:
        """Return the waiting octets; none after `patience` seconds. Raises EOFError at the end, or that of `end`."""
        with self._changed:
            if not self._parts and self._ended is None:
                self._changed.wait(patience)
            if not self._parts and self._ended is not None:
                raise self._ended
            parts, self._parts, self._octets = self._parts, deque(), 0
        return b"".join(parts)

    def _lose(self, frames: int) -> None:
        self._missing += frames
        self.lost += frames

    def _put(self, octets: bytes) -> None:
        with self._changed:
            self._parts.append(octets)
            self._octets += len(octets)
            self._changed.notify()


class LiveCapture:
    """Reads the stream of a daemon in a thread, and passes it to `waiting`."""

    def __init__(self, client: BlockingClient, choice: FrameChoice, waiting: Waiting, most: int = 0) -> None:
        """`most`: limit of frames; 0: none."""
        self.received = self.delivered = 0
        """Frames received, and frames selected."""
        self.first = self.last = 0.0
        """Times of the first and the last selected frame."""
        self.dropped = 0
        """Frames lost before this program, which was too slow for the daemon."""
        self._client = client
        self._choice = choice
        self._most = most
        self._waiting = waiting
        self._next: int | None = None

    def run(self) -> None:
        """Read until the daemon ends or an error, which `waiting.take` then raises."""
        try:
            for line in self._client.follow(kinds=[CapturedFrames.kind]):
                self.take(line)
                if self._most and self.delivered >= self._most:
                    break
        except BaseException as error:  # noqa: BLE001  # it is raised where the stream is written
            self._waiting.end(error)
        else:
            self._waiting.end()

    def take(self, line: Mapping[str, Any]) -> None:
        """Process a line of the daemon's stream. Raises ValueError if it is of another version."""
        body = line.get("body")
        if not isinstance(body, dict):
            return  # it counts missing lines; the numbers of the frames are more exact
        first, frames, octets = body["first"], body["count"], bytes.fromhex(body["octets"])
        missing = 0 if self._next is None else max(first - self._next, 0)
        self._next = first + frames
        self.received += frames
        self.dropped += missing
        self._waiting.frames(self._chosen(octets), missing)

    @property
    def lost(self) -> int:
        """Frames missing in the stream."""
        return self._waiting.lost

    def statistics(self) -> bytes:
        """Return the last block of the stream."""
        lost = self._waiting.lost - self.dropped
        return pcapng_blocks.statistics(
            time=self.last, begun=self.first, ended=self.last, received=self.received + self.dropped,
            dropped=self._waiting.lost, delivered=self.delivered - lost,
        )  # fmt: skip

    def _chosen(self, octets: bytes) -> Iterator[tuple[float, bytes, int]]:
        parse = parser_for(RADIOTAP)
        for record in pcapng_blocks.packets(octets):
            if self._most and self.delivered >= self._most:
                return
            if self._choice.all or parse(record) in self._choice:
                self.delivered += 1
                self.first = self.first or record[0]
                self.last = record[0]
                yield record


def stream(
    client: BlockingClient, origin: CaptureOrigin, choice: FrameChoice, output: BinaryIO, most: int = 0
) -> LiveCapture:
    """Write frames to `output` until the daemon ends, or `most` frames are written (0: no limit).

    Raises the client's errors, BrokenPipeError if the reader has gone, and KeyboardInterrupt; the stream ends with its
    statistics unless the reader has gone.
    """
    waiting = Waiting()
    waiting.head(_head(origin))
    capture = LiveCapture(client, choice, waiting, most)
    threading.Thread(target=capture.run, name="capture", daemon=True).start()
    try:
        while True:
            octets = waiting.take(_LOOK)
            if not octets:
                _check_reader(output)
                continue
            output.write(octets)
            output.flush()
    except (EOFError, KeyboardInterrupt) as end:
        output.write(capture.statistics())
        output.flush()
        if isinstance(end, KeyboardInterrupt):
            raise
    return capture


def _head(origin: CaptureOrigin) -> bytes:
    return pcapng_blocks.section(application=origin.application, comments=origin.comments) + pcapng_blocks.interface(
        snap_length=origin.snap_length, name=origin.interface, description=origin.description, chosen=origin.filter
    )


def _check_reader(output: BinaryIO) -> None:
    """Raise BrokenPipeError if the reader has gone, which no write would notice while nothing is heard."""
    poll = select.poll()
    poll.register(output.fileno(), 0)
    if any(event & (select.POLLERR | select.POLLHUP) for _, event in poll.poll(0)):
        raise BrokenPipeError(os.strerror(32))
