"""The traffic of each channel: frames, octets, airtime, retries.

A frame costs two looks into dictionaries: frames that are alike in frequency, length, rate, PHY and retry bit are
counted together, and what they amount to is worked out when someone asks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from whimbrel.rows import ChannelRow
from whimbrel.wifi.airtime import airtime
from whimbrel.wifi.channels import band_of, channel_number
from whimbrel.wifi.kinds import RETRY

if TYPE_CHECKING:
    from collections.abc import Iterable

    from whimbrel.events.thinning import CountedWay
    from whimbrel.wifi.frames import Frame, PhyMode

Tally = dict[tuple[int, int, float, str, int], int]
"""How many frames there were of each (MHz, octets on the air, Mbit/s, PHY, retry bit of the flags)."""

_KINDS = 1024
"""Limit of different tallies that wait for evaluation: a busy channel has a few hundred in ten seconds."""
_SHORT = 40
"""Octets of the longest frames that are never sent again: control frames other than those for several stations."""
_CHANNELS = 128
"""More than all bands have, 20 MHz apart. A capture may claim any frequency; what does not fit counts as 0, not
told."""


class ChannelUse:
    """The traffic on one frequency since the start."""

    __slots__ = ("airtime", "frames", "freq", "long", "long_retries", "octets", "reported", "retries")

    def __init__(self, freq: int) -> None:
        self.freq = freq
        """MHz; 0 for frames without a frequency."""
        self.frames = 0
        self.octets = 0
        """On the air, FCS included."""
        self.airtime = 0.0
        """Microseconds; frames without a rate do not count."""
        self.retries = 0
        """Frames marked as sent again."""
        self.long = self.long_retries = 0
        """Frames longer than any acknowledgement or request to send, and how many of them were sent again."""
        self.reported = 0.0
        """`airtime` at the last `ChannelTable.busiest`."""

    def row(self) -> ChannelRow:
        """Return everything that is known."""
        return ChannelRow(
            channel=channel_number(self.freq),
            freq=self.freq,
            band=band_of(self.freq),
            frames=self.frames,
            octets=self.octets,
            airtime_us=round(self.airtime),
            retries=self.retries,
        )


class ChannelTable:
    """Every channel that was heard, by its frequency."""

    __slots__ = ("_airtimes", "_channels", "_frames", "_kinds", "_tally", "pending")

    def __init__(self) -> None:
        self.pending: dict[PhyMode, dict[int, list[int]]] = {}
        """Pending counts by mode and length: frames that were sent first, and again. To count a frame, add to an
        existing one, or call `count`. Those evaluated stay, with 0, for the next frames of the kind."""
        self._airtimes: dict[PhyMode, dict[int, float]] = {}  # of a frame of each of these kinds
        self._tally: Tally = {}  # of frames without a mode
        self._kinds = 0  # of pending counts
        self._channels: dict[int, ChannelUse] = {}
        self._frames = 0

    def count(self, frame: Frame, tuned_freq: int) -> None:
        """Count a frame without a mode, or the first one of its mode and length."""
        mode, retry = frame.mode, frame.flags & RETRY
        if mode is None:
            key = (frame.freq or tuned_freq, frame.length, frame.rate, frame.phy, retry)
            try:
                self._tally[key] += 1
            except KeyError:
                self._make_room()
                self._tally[key] = 1
                self._kinds += 1
            return
        self._make_room()
        counts = self.pending.setdefault(mode, {})
        if frame.length not in counts:
            self._kinds += 1
        counts.setdefault(frame.length, [0, 0])[retry != 0] += 1

    def add(self, ways: Iterable[CountedWay]) -> None:
        """Count frames that the kernel has not passed on."""
        tally = self._tally
        for freq, length, rate, phy, _, retry, frames in ways:
            key = (freq, length, rate, phy, retry)
            if key not in tally:
                self._make_room()
                self._kinds += 1
            tally[key] = tally.get(key, 0) + frames

    @property
    def frames(self) -> int:
        """Frames on all channels."""
        pending = sum(sum(map(sum, counts.values())) for counts in self.pending.values())
        return self._frames + pending + sum(self._tally.values())

    def all(self) -> list[ChannelUse]:
        """Return the channels by frequency."""
        self._work_out()
        return [self._channels[freq] for freq in sorted(self._channels)]

    def busiest(self) -> int:
        """Return the MHz of the channel with the most airtime since the last call; 0 if there was none."""
        most, busiest = 0.0, 0
        for channel in self.all():
            spent = channel.airtime - channel.reported
            channel.reported = channel.airtime
            if spent > most:
                most, busiest = spent, channel.freq
        return busiest

    def _make_room(self) -> None:
        """Forget the kinds of frames if there are too many of them."""
        if self._kinds >= _KINDS:
            self._work_out()
            self.pending.clear()
            self._airtimes.clear()
            self._kinds = 0

    def _work_out(self) -> None:
        tally = self._tally
        for (freq, length, rate, phy, retry), count in tally.items():
            spent = airtime(length, rate, phy, erp=2400 < freq < 2500)
            self._add(freq, length, spent, count, count if retry else 0)
        self._kinds -= len(tally)
        tally.clear()
        for mode, counts in self.pending.items():
            airtimes = self._airtimes.setdefault(mode, {})
            for length, counted in counts.items():
                first, again = counted
                if not (first or again):
                    continue
                if length not in airtimes:
                    airtimes[length] = airtime(length, mode.rate, mode.phy, erp=2400 < mode.freq < 2500)
                self._add(mode.freq, length, airtimes[length], first + again, again)
                counted[:] = 0, 0

    def _add(self, freq: int, length: int, spent: float, frames: int, retries: int) -> None:
        """Add frames of one kind, each of which took so many microseconds."""
        channel = self._channels.get(freq) or self._open(freq)
        channel.frames += frames
        channel.octets += frames * length
        channel.airtime += frames * spent
        channel.retries += retries
        if length > _SHORT:
            channel.long += frames
            channel.long_retries += retries
        self._frames += frames

    def _open(self, freq: int) -> ChannelUse:
        if len(self._channels) >= _CHANNELS:
            freq = 0
        return self._channels.setdefault(freq, ChannelUse(freq))
