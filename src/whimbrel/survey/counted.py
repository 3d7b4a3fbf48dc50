"""Takes in the counts of frames that the kernel has not passed on (`whimbrel.events.thinning.FramesCounted`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from whimbrel.events.thinning import CountedBeacons
    from whimbrel.survey.access_point import AccessPoint


def count_beacons(ap: AccessPoint, counted: CountedBeacons) -> None:
    """Add level and time of counted beacons; their number is added by `next_sample`."""
    ap.counted = counted
    later = counted.last > ap.last
    if later:
        ap.last = counted.last
    # Of one that is heard elsewhere than on its own channel, no beacon is only counted for long.
    if counted.levelled and ap.counts_levels_on(counted.freq):
        ap.signal.add_counted(counted, later=later)
        ap.signal.keep(counted.level, counted.last)


def next_sample(ap: AccessPoint, left: int) -> int:
    """Count of `left` beacons those up to the next one that would have been sampled; return how many are left then, -1
    if none would have been: then all are counted."""
    ahead = max(1, ap.measure_at - ap.beacons)
    if ahead > left:
        ap.beacons += left
        return -1
    ap.beacons += ahead
    ap.plan_measuring()
    return left - ahead
