"""How strongly each of several receivers hears a transmitter, and whose level counts.

Two receivers have different antennas and places, so their levels of one transmitter cannot be compared. The level of
a transmitter is therefore that of one of them: the one that hears it on its own channel. Made only where there are
several receivers.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

from whimbrel.rows import ReceiverLevelRow
from whimbrel.survey.signal_strength import SignalStrength

if TYPE_CHECKING:
    from whimbrel.wifi.frames import Frame

_LIMIT = 2048
"""Limit of transmitters; the one longest unheard is forgotten."""
_RECEIVERS = 4
"""Limit of receivers of one transmitter."""
_HOLD = 10.0
"""Seconds of silence at the receiver whose level counts, after which another one takes its place."""
_NEVER = float("-inf")


class _Heard:
    """One transmitter at one receiver."""

    __slots__ = ("at", "frames", "signal")

    def __init__(self) -> None:
        self.signal = SignalStrength()
        self.at = _NEVER
        self.frames = 0


class _Transmitter:
    __slots__ = ("at_home", "by", "main")

    def __init__(self, main: int) -> None:
        self.main = main
        """The receiver whose level counts."""
        self.at_home = _NEVER
        """When that one heard it last on its own channel."""
        self.by: dict[int, _Heard] = {}


class ReceiverLevels:
    """The levels of one survey, by transmitter address and number of the receiver."""

    __slots__ = ("_transmitters",)

    def __init__(self) -> None:
        self._transmitters: OrderedDict[bytes, _Transmitter] = OrderedDict()

    def note(self, frame: Frame, receiver: int, *, at_home: bool) -> bool:
        """Note the level of a frame; return whether that is the level of its transmitter, and not that of another
        receiver. `at_home`: it was heard on the channel that its transmitter is known to be on."""
        address, now, rssi = frame.ta, frame.time, frame.rssi
        if address is None or rssi is None:
            return True
        known = self._transmitters.get(address)
        if known is None:
            if len(self._transmitters) >= _LIMIT:
                self._transmitters.popitem(last=False)
            known = self._transmitters[address] = _Transmitter(receiver)
        else:
            self._transmitters.move_to_end(address)
        heard = known.by.get(receiver)
        if heard is None:
            if len(known.by) >= _RECEIVERS:
                return False
            heard = known.by[receiver] = _Heard()
        heard.signal.add(rssi)
        heard.frames += 1
        heard.at = now
        if receiver != known.main:
            main = known.by.get(known.main)
            silent = now - (known.at_home if at_home else _NEVER if main is None else main.at) > _HOLD
            if not silent:
                return False
            known.main, known.at_home = receiver, _NEVER
        if at_home:
            known.at_home = now
        return True

    def heard_elsewhere(self, address: bytes | None, receiver: int, now: float) -> bool:
        """Return whether another receiver than this has heard a transmitter within the last seconds."""
        known = self._transmitters.get(address or b"")
        return known is not None and any(
            abs(now - heard.at) <= _HOLD for number, heard in known.by.items() if number != receiver
        )

    def rows(self, address: bytes) -> tuple[ReceiverLevelRow, ...]:
        """Return the levels of a transmitter by receiver; none if it has sent nothing with a level."""
        known = self._transmitters.get(address)
        if known is None:
            return ()
        return tuple(
            ReceiverLevelRow(receiver=number, rssi=heard.signal.row(), last=heard.at, frames=heard.frames)
            for number, heard in sorted(known.by.items())
        )

    def shift(self, delta: float) -> None:
        """Move every time by `delta` seconds: the system clock was set."""
        for known in self._transmitters.values():
            known.at_home += delta
            for heard in known.by.values():
                heard.at += delta
