"""Recognition of successful 4-way handshakes (IEEE 802.11-2020, 12.7.6).

A handshake is told of when it is certain that it succeeded: message 4 after another of the four, or messages 2 and 3,
since an access point sends message 3 only after the station's signature in message 2 was right. Their replay counters
must fit: 2 has that of 1, 4 that of 3, and 3 a later one than 2. A message 4 is waited for a little before the
handshake is told without it.
"""

from __future__ import annotations

PATIENCE = 2.0
"""Seconds that the next message is waited for: access points repeat theirs about once a second."""
LIMIT = 64
"""Limit of handshakes followed at a time."""

Whole = tuple[bytes, bytes, tuple[int, ...]]
"""BSSID, station, and which of the four messages were heard."""

_PROVEN = {2, 3}


class _Handshake:
    __slots__ = ("at", "done", "heard", "replay", "replay_3")

    def __init__(self) -> None:
        self.at = 0.0
        self.heard: set[int] = set()
        self.replay = -1  # of messages 1 and 2
        self.replay_3 = -1
        self.done = False

    def restart(self) -> None:
        self.heard.clear()
        self.replay = self.replay_3 = -1
        self.done = False

    def take(self, number: int, replay: int) -> None:
        """Add a matching message; begin a new handshake with it if it cannot belong to the previous ones."""
        if number == 4:
            fits = replay == self.replay_3 if 3 in self.heard else replay > self.replay
            if fits and self.heard:
                self.heard.add(4)
            return
        if number == 3:
            if replay <= self.replay:
                self.restart()
            self.replay_3 = replay
        else:
            if replay != self.replay or self.done:
                self.restart()
            self.replay = replay
        self.heard.add(number)


class Handshakes:
    """The present handshakes, in a bounded number: the oldest is evicted."""

    def __init__(self) -> None:
        self._going: dict[tuple[bytes, bytes], _Handshake] = {}

    def __len__(self) -> int:
        return len(self._going)

    def message(self, bssid: bytes, station: bytes, number: int, replay: int, now: float) -> list[Whole]:
        """Process message `number`, 1 to 4, with its replay counter; return the handshakes that it completes."""
        key = (bssid, station)
        whole: list[Whole] = []
        going = self._going.get(key)
        if going is None:
            if len(self._going) >= LIMIT:
                whole += self._over(next(iter(self._going)))
            going = self._going[key] = _Handshake()
        going.at = now
        going.take(number, replay)
        if 4 in going.heard and not going.done:
            going.done = True
            whole.append((bssid, station, tuple(sorted(going.heard))))
        return whole

    def end(self, before: float) -> list[Whole]:
        """Forget those whose last message was before `before`; return those complete without a message 4."""
        over = [key for key, going in self._going.items() if going.at < before]
        return [whole for key in over for whole in self._over(key)]

    def shift(self, delta: float) -> None:
        """Move every time by `delta` seconds."""
        for going in self._going.values():
            going.at += delta

    def cap(self, now: float) -> None:
        """Bring times that lie after `now` back to it."""
        for going in self._going.values():
            going.at = min(going.at, now)

    def _over(self, key: tuple[bytes, bytes]) -> list[Whole]:
        going = self._going.pop(key)
        if going.done or not going.heard >= _PROVEN:
            return []
        return [(*key, tuple(sorted(going.heard)))]
