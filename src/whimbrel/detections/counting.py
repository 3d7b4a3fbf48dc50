"""Thinning in the kernel, seen from the detections: what they need of frames that repeat, and what the counts of the
others mean for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whimbrel.detections.base import LONG_RESERVATION, Detection
from whimbrel.detections.impersonation.pairs import BeaconPairs
from whimbrel.events.thinning import FramesNeeded
from whimbrel.survey.counted import count_beacons, next_sample
from whimbrel.wifi.kinds import ACK, CTS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from whimbrel.detections.engine import Detections
    from whimbrel.events.base import Body
    from whimbrel.events.thinning import FramesCounted

_ANY_DURATION = 0xFFFF
_MOST = 1 << 30


def needed(engine: Detections, everything: str = "") -> FramesNeeded:
    """Return what the detections that are on, and the survey, need of frames that repeat; `everything` is the reason
    why that is every frame.

    Of the kinds of frames that a detection declares (`Detection.kinds`), beacons are only those that differ from the
    last one; so are the pairs of beacons that `BeaconPairs` lets pass. The survey needs the beacons of an access point
    that is heard elsewhere than on its own channel: whether their level counts depends on their times.
    """
    kinds = {kind for detection in engine.detections for kind in detection.kinds}
    wanted = {address for detection in engine.detections for address in detection.beacons_of()}
    air = engine.air
    for pairs in {detection.pairs for detection in engine.detections if detection.pairs is not None}:
        wanted.update(air.shared(pairs).beacons_of())
    wanted.update(ap.address for ap in air.access_points.values() if ap.heard_on)
    usual = air.shared(BeaconPairs).usual
    long = any(type(each).reserved is not Detection.reserved for each in engine.detections)
    return FramesNeeded(
        everything=everything,
        acknowledgements=ACK in kinds,
        clearances=CTS in kinds,
        longest=LONG_RESERVATION if long else _ANY_DURATION,
        drift=int(usual.drift) if usual.clocks is not None else _MOST,
        step=min(usual.step, 4095),
        gap=min(usual.gap, 255),
        beacons_of=tuple(sorted(wanted)),
    )


def count(engine: Detections, counted: FramesCounted) -> Sequence[Body]:
    """Take in frames that the kernel has counted; return the findings.

    Beacons are sampled as often as if all had come: each sample is the last one that came, which says the same.
    """
    survey = engine.survey
    survey.channels.add(counted.ways)
    raised: list[Body] = []
    for beacons in counted.beacons:
        ap = engine.air.access_points.get(beacons.bssid)
        if ap is None:
            continue  # forgotten, or made up
        count_beacons(ap, beacons)
        left = beacons.frames
        while (left := next_sample(ap, left)) >= 0:
            engine.sample_again(ap, raised)
    return raised
