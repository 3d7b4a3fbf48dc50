"""``python -m tools.soak``: hours of simulated air, hopping, as fast as possible: which alerts it raises, at what cost.

In the benign scenes (home, cafe) more than one alert a day above weakness and notice is a failure, and ends with status
1; what a scene with incidents raises is only shown.
"""

from __future__ import annotations

import argparse
import itertools
import sys
import time
from collections import Counter
from typing import Any

from whimbrel.detections.base import Detection
from whimbrel.detections.engine import Detections
from whimbrel.detections.guarded import Guard
from whimbrel.detections.registry import all_detections
from whimbrel.drivers.sim import library, world
from whimbrel.events.alerts import Alert, Severity
from whimbrel.survey.survey import Survey
from whimbrel.wifi.frames import Frame
from whimbrel.wifi.linktypes import RADIOTAP, parser_for

START = 1_700_000_000.0
DWELL = 0.25
"""Seconds on a channel, as the daemon stays by itself."""
DAY = 86400.0


class Soak:
    """One scene for a while."""

    def __init__(self, scene: str, seed: int, *, hop: bool = True) -> None:
        made = library.load(scene)
        self.air = world.build(made, seed, start=START).air
        self.alerts: list[Alert] = []
        self.failures: list[str] = []
        self.frames = 0
        self.detections = Detections(Survey(), Guard(), all_detections(), None, self._failed)
        self._freqs = sorted({bss.layout.freq for bss in world.build(made, seed).networks}) if hop else []

    def run(self, seconds: float) -> None:
        """Listen to the next `seconds` of the air."""
        parse = parser_for(RADIOTAP)
        observe = self.detections.observe
        at = self.air.now / 1e6
        end = at + seconds
        hops = itertools.cycle(self._freqs or [0])
        while at < end:
            freq = next(hops)
            self.air.tune(freq or None)
            at = min(at + (DWELL if freq else 1.0), end)
            for record in self.air.until(at):
                self.frames += 1
                for body in observe(parse(record), freq):
                    if isinstance(body, Alert):
                        self.alerts.append(body)

    def above_notice(self) -> list[Alert]:
        """Return the alerts that would be false in benign air."""
        return [alert for alert in self.alerts if alert.severity.rank > Severity.NOTICE.rank]

    def _failed(self, detection: Detection[Any], error: Exception, frame: Frame | None) -> None:
        self.failures.append(f"{detection.rule}: {error!r}")


def main() -> int:
    """Soak, and show what came of it."""
    parser = argparse.ArgumentParser(prog="python -m tools.soak", description=__doc__)
    parser.add_argument("scenes", nargs="*", default=["home", "cafe"], help="scenes of the simulated air, or files")
    parser.add_argument("--hours", type=float, default=24.0, help="simulated time of each (default: 24)")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--one-ear", action="store_true", help="hear every channel at once, instead of hopping")
    args = parser.parse_args()
    failed = False
    for scene in args.scenes:
        soak = Soak(scene, args.seed, hop=not args.one_ear)
        began = time.process_time()
        for hour in range(round(args.hours) or 1):
            soak.run(args.hours * 3600 / (round(args.hours) or 1))
            print(f"{scene}: hour {hour + 1}, {soak.frames} frames", file=sys.stderr)
        spent = time.process_time() - began
        print(f"{scene}: {args.hours:g} h, {soak.frames} frames, {spent:.0f} s of CPU")
        counts = Counter((alert.severity, alert.rule) for alert in soak.alerts)
        for (severity, rule), count in sorted(counts.items(), key=lambda item: (-item[0][0].rank, item[0][1])):
            print(f"  {severity:9} {rule:22} {count}")
        for alert in soak.above_notice():
            print(f"  {alert.first - START:9.0f} s {alert.severity} {alert.rule}: {alert.text}")
        for failure in soak.failures:
            print(f"  SWITCHED OFF {failure}")
        benign = not library.load(scene).incidents
        allowed = max(1.0, args.hours * 3600 / DAY)
        failed |= bool(soak.failures) or (benign and len(soak.above_notice()) > allowed)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
