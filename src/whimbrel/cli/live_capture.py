"""Frames of a running daemon as a pcapng stream. What its reader is too slow for is lost here, counted and told; the
daemon is never held up."""

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
from whimbrel.verbs.recording import CAPTURE
from whimbrel.wifi import kinds
from whimbrel.wifi.frames import Frame
from whimbrel.wifi.linktypes import RADIOTAP, parser_for
from whimbrel.wifi.payloads import eapol_packets
from whimbrel.wording.quantities import count
from whimbrel.wording.suggestions import no_such

WAITING = 8 << 20
"""Octets that may wait for the reader."""
_LOOK = 0.5
"""Seconds between two looks whether the reader is still there, while nothing is heard."""
GROUPS = ("management", "control", "data", "eapol")
"""What frames may be chosen by, beside the names of their kinds."""


def kind_names() -> dict[str, int]:
    """Return each kind of frame by its name on the command line: ``probe-request``."""
    named = {kinds.name(kind): kind for kind in range(0x40)}
    return {name.lower().replace(" ", "-"): kind for name, kind in named.items() if not name.startswith("type ")}


class Choice:
    """Which frames a person wants, by `names`; all without any. Raises `CommandError` for a name that is none."""

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
        """Tell whether the frame is wanted."""
        return frame.kind in self._kinds or (self._eapol and bool(eapol_packets(frame)))


class Waiting:
    """Octets that wait for a reader, at most `most` of them; one thread puts, another takes."""

    def __init__(self, most: int = WAITING) -> None:
        self.lost = 0
        """Frames that there was no room for, in all."""
        self._most = most
        self._parts: deque[bytes] = deque()
        self._octets = 0
        self._missing = 0  # frames lost since the last that was taken in
        self._ended: BaseException | None = None
        self._changed = threading.Condition()

    def head(self, octets: bytes) -> None:
        """Put what the stream begins with."""
        self._put(octets)

    def frames(self, records: Iterable[tuple[float, bytes, int]], missing: int = 0) -> None:
        """Put frames of which `missing` were lost before; those that there is no room for are lost too."""
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
        """Say that nothing more comes; `error` is raised by whoever takes."""
        with self._changed:
            self._ended = error or EOFError()
            self._changed.notify()

    def take(self, patience: float) -> bytes:
        """Return what waits; nothing after `patience` seconds. Raises EOFError at the end, or the error of `end`."""
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
    """Reads what a daemon streams, in a thread, and hands it to `waiting`."""

    def __init__(self, client: BlockingClient, choice: Choice, waiting: Waiting, most: int = 0) -> None:
        """`most`: frames after which it ends; 0: never."""
        self.received = self.delivered = 0
        """Frames that came, and that were chosen."""
        self.first = self.last = 0.0
        """Times of the first and the last frame that was chosen."""
        self.dropped = 0
        """Frames that did not come: this program was too slow for the daemon."""
        self._client = client
        self._choice = choice
        self._most = most
        self._waiting = waiting
        self._next: int | None = None

    def run(self) -> None:
        """Read until the daemon ends, or an error, which whoever takes from `waiting` is given."""
        try:
            self._begin()
            for line in self._client.follow(kinds=[CapturedFrames.kind]):
                self.take(line)
                if self._most and self.delivered >= self._most:
                    break
        except BaseException as error:  # noqa: BLE001  # it is raised where the stream is written
            self._waiting.end(error)
        else:
            self._waiting.end()

    def take(self, line: Mapping[str, Any]) -> None:
        """Take a line of the daemon's stream. Raises ValueError for one that is of another version."""
        body = line.get("body")
        if not isinstance(body, dict):
            return  # how many lines are missing; the numbers of the frames tell more
        first, frames, octets = body["first"], body["count"], bytes.fromhex(body["octets"])
        missing = 0 if self._next is None else max(first - self._next, 0)
        self._next = first + frames
        self.received += frames
        self.dropped += missing
        self._waiting.frames(self._chosen(octets), missing)

    @property
    def lost(self) -> int:
        """Frames that are missing in the stream."""
        return self._waiting.lost

    def statistics(self) -> bytes:
        """Return the block that a stream ends with."""
        lost = self._waiting.lost - self.dropped
        return pcapng_blocks.statistics(
            time=self.last, begun=self.first, ended=self.last, received=self.received + self.dropped,
            dropped=self._waiting.lost, delivered=self.delivered - lost,
        )  # fmt: skip

    def _begin(self) -> None:
        origin = self._client.ask(CAPTURE)
        section = pcapng_blocks.section(application=origin.application, comments=origin.comments)
        interface = pcapng_blocks.interface(
            snap_length=origin.snap_length, name=origin.interface, description=origin.description, chosen=origin.filter
        )
        self._waiting.head(section + interface)

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


def stream(client: BlockingClient, choice: Choice, output: BinaryIO, most: int = 0) -> LiveCapture:
    """Write frames to `output` until the daemon ends, or `most` frames are written (0: no bound).

    Raises what the client raises, BrokenPipeError where the reader has gone, and KeyboardInterrupt; the stream ends
    with its statistics wherever somebody still reads.
    """
    waiting = Waiting()
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


def _check_reader(output: BinaryIO) -> None:
    """Raise BrokenPipeError where nobody reads any more: while nothing is heard, no write would tell."""
    poll = select.poll()
    poll.register(output.fileno(), 0)
    if any(event & (select.POLLERR | select.POLLHUP) for _, event in poll.poll(0)):
        raise BrokenPipeError(os.strerror(32))
