"""Thinning in the kernel: what the detections need of frames that repeat, and the counts of those that were not passed
on."""

from __future__ import annotations

from typing import NamedTuple

from whimbrel.events.base import Body, Level


class CountedWay(NamedTuple):
    """Frames that were alike in how they were sent."""

    freq: int
    """MHz."""
    length: int
    """Octets on the air, FCS included."""
    rate: float
    """Mbit/s."""
    phy: str
    """As in `whimbrel.wifi.frames.Frame`."""
    type: int
    """0: management, 1: control."""
    retry: int
    """`whimbrel.wifi.kinds.RETRY` where they were sent again, else 0."""
    frames: int


class CountedBeacons(NamedTuple):
    """Beacons of one access point, each of which said what the one before it said."""

    bssid: bytes
    last: float
    """When the last one was heard, seconds since the epoch."""
    freq: int
    """MHz."""
    seq: int
    """Sequence number of the last one."""
    stamp: int
    """Us: its timestamp."""
    frames: int
    levelled: int
    """Those with a level; the following ones are of these, in dBm, and 0 if there are none."""
    total: int
    low: int
    high: int
    level: int
    """That of the last one."""


class FramesCounted(Body, level=Level.DEBUG, bulky=True):
    """Frames that the kernel has counted and not passed on, about once a second. Never shown: the survey takes them
    in."""

    ways: tuple[CountedWay, ...]
    """Every frame is in one of these."""
    beacons: tuple[CountedBeacons, ...]
    """The beacons among them by access point."""

    @property
    def frames(self) -> int:
        """The number of frames."""
        return sum(way.frames for way in self.ways)


class FramesNeeded(Body, level=Level.DEBUG, bulky=True):
    """What the survey and the detections that are on need of frames that repeat; the others may be counted only."""

    everything: str
    """Why every frame is needed; empty if that is not so."""
    acknowledgements: bool
    """Whether one needs every acknowledgement."""
    clearances: bool
    """Whether one needs every clear to send."""
    longest: int
    """Us: frames with a longer duration are needed."""
    drift: int
    """Us by which the clock of an access point strays before its beacons are needed."""
    step: int
    """The most sequence numbers between two beacons that are not needed."""
    gap: int
    """The difference in dB between two beacons from which on they are needed."""
    beacons_of: tuple[bytes, ...]
    """Access points of which every beacon is needed, in order."""


class ThinningChanged(Body, level=Level.INFO):
    """Thinning in the kernel has begun or ended."""

    on: bool
    """Whether frames that repeat are only counted from now on."""
    reason: str
    """Why it is off; empty while it is on."""
