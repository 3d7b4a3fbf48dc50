"""``python -m tools.soak``: hours of simulated air, hopping, as fast as possible: which alerts it raises, at what cost.

In the benign scenes (home, cafe, day, campus) more than one alert a day above weakness and notice is a failure, and
ends with status 1; what a scene with incidents raises is only shown. Notices are counted.
"""

from __future__ import annotations

import argparse
import itertools
import random
import struct
import sys
import time
from collections import Counter
from typing import Any

from tools.ears import EARS, three_radios

from whimbrel.detections.base import Detection
from whimbrel.detections.engine import Detections
from whimbrel.detections.guarded import Guard
from whimbrel.detections.learning import access_points_of, network_of
from whimbrel.detections.registry import all_detections
from whimbrel.drivers.nl80211.scanning import ScannedBss
from whimbrel.drivers.scan.frames import News, records
from whimbrel.drivers.sim import library, world
from whimbrel.drivers.sim.scene import Scene
from whimbrel.events.alerts import Alert, AlertUpdated, Severity
from whimbrel.survey.survey import Survey
from whimbrel.wifi.capture_record import CaptureRecord
from whimbrel.wifi.channels import frequency
from whimbrel.wifi.elements import parse_elements
from whimbrel.wifi.frames import Frame
from whimbrel.wifi.kinds import BEACON
from whimbrel.wifi.linktypes import parser_for

START = 1_700_000_000.0
DWELL = 0.25
"""Seconds on a channel, the daemon's default."""
LEARNED = 300.0
"""Seconds after which the network of the scene's first access point is guarded."""
DAY = 86400.0
_SCANNED, _EXPIRY = 0.11, 30.0
"""Seconds that the kernel listens on each channel in a passive scan, and that it keeps what it has heard."""


class Soak:
    """One scene for a while.

    `guarded`: the networks of the scene's first radio are learned, as by ``whimbrel learn``. `volume` scales the amount
    of data: most of the traffic, but of the least interest for detections.
    """

    def __init__(
        self,
        scene: str | Scene,
        seed: int,
        *,
        hop: bool = True,
        guarded: bool = False,
        ear: str = "plain",
        volume: float = 0.3,
    ) -> None:
        self.scene = library.load(scene) if isinstance(scene, str) else scene
        self.world = world.build(self.scene, seed, start=START, volume=volume)
        self.air = self.world.air
        self.alerts: list[Alert | AlertUpdated] = []
        """Alerts as they were raised, and again where they became more severe."""
        self._told: dict[str, int] = {}
        self.failures: list[str] = []
        self.frames = 0
        self.detections = Detections(Survey(), Guard(), all_detections(), None, self._failed)
        self.step = 0.0
        """Seconds by which the system clock was set."""
        self.learn_at = LEARNED
        self._seed = seed
        bands = {radio.name: radio.band for radio in self.scene.radios}
        moves = {frequency(bands[h.radio], h.channel) for h in self.scene.happenings if h.radio and h.channel}
        self.freqs = sorted({bss.freq for bss in self.world.networks} | moves)
        self._hops = itertools.cycle(self.freqs) if hop else itertools.repeat(0)
        self._own = [bytes(network.ssid) for network in self.scene.radios[0].networks] if guarded else []
        self._ear = EARS[ear]
        self._parse = parser_for(self._ear.linktype)
        self._rng = random.Random(seed)

    def run(self, seconds: float) -> None:
        """Listen to the next `seconds` of the air."""
        at = self.air.now / 1e6
        end = at + seconds
        while at < end:
            freq = next(self._hops)
            self.air.tune(freq or None)
            at = min(at + (DWELL if freq else 1.0), end)
            for record in self.air.until(at):
                self.hear(record, freq)
            if self._own and at >= self.learn_at:
                self._learn()

    def skip(self, seconds: float) -> None:
        """Let `seconds` of the air pass unheard."""
        for _ in self.air.until(self.air.now / 1e6 + seconds):
            pass

    def set_clock(self, delta: float) -> None:
        """Set the system clock, as a network time service does once it is reached."""
        self.step += delta
        self.detections.shift(delta)

    def hear_three(self, seconds: float) -> None:
        """Listen with three radios at once."""
        for record in three_radios(self.scene, self._seed, START, self.freqs, seconds):
            self.hear(record, 0)

    def scan(self, seconds: float, *, pause: float = 3.0, timeless: bool = False) -> None:
        """Listen by passive scans, `pause` seconds apart; `timeless`: by a driver that tells no timestamps."""
        news = News(0.0)
        table: dict[tuple[bytes, int, bytes], ScannedBss] = {}
        at = self.air.now / 1e6
        end = at + seconds
        while at < end:
            for freq in self.freqs:
                self.air.tune(freq)
                at += _SCANNED
                for record in self.air.until(at):
                    bss = _entry(self._parse(record), timeless=timeless)
                    if bss is None:
                        continue
                    key = bss.bssid, bss.freq, _name(bss)
                    if freq != bss.freq and key in table:  # the level on a channel beside its own is none
                        bss = bss._replace(signal=table[key].signal)
                    table[key] = bss
            for record in records(news.take(table.values()), 0.0):
                self.hear(record, 0)
            table = {key: bss for key, bss in table.items() if bss.seen > START + at - _EXPIRY}
            self.skip(pause)
            at = self.air.now / 1e6
            if self._own and at >= self.learn_at:
                self._learn()

    def hear(self, record: CaptureRecord, freq: int) -> None:
        """Take one record in; `freq` is the channel that the radio is on, where that is known."""
        change = self._ear.change
        changed = record if change is None else change(record, self._rng)
        if changed is None:
            return
        if self.step:
            changed = (changed[0] + self.step, *changed[1:])
        self.frames += 1
        for body in self.detections.observe(self._parse(changed), freq):
            if isinstance(body, Alert | AlertUpdated) and body.severity.rank > self._told.get(body.id, -1):
                self._told[body.id] = body.severity.rank
                self.alerts.append(body)

    def above_notice(self) -> list[Alert | AlertUpdated]:
        """Return the alerts that would be false in benign air."""
        return [alert for alert in self.alerts if alert.severity.rank > Severity.NOTICE.rank]

    def notices(self) -> list[Alert | AlertUpdated]:
        """Return the notices."""
        return [alert for alert in self.alerts if alert.severity is Severity.NOTICE]

    def _learn(self) -> None:
        survey = self.detections.survey
        networks = [network_of(name, heard) for name in self._own if (heard := access_points_of(survey, name))]
        self.detections.guard_with(Guard(networks))
        self._own = []

    def _failed(self, detection: Detection[Any], error: Exception, frame: Frame | None) -> None:
        self.failures.append(f"{detection.rule}: {error!r}")


def _name(bss: ScannedBss) -> bytes:
    """Return the SSID, which real beacons begin with: the kernel keeps networks of one address apart by it."""
    elements = bss.beacon or b"\0\0"
    return elements[2 : 2 + elements[1]] if elements[0] == 0 else b""


def _entry(frame: Frame, *, timeless: bool) -> ScannedBss | None:
    """Return what the kernel's table has of a beacon; None for other frames, and damaged ones."""
    if frame.kind != BEACON or frame.malformed is not None or frame.bad_fcs or frame.bssid is None or not frame.freq:
        return None
    tsf, interval, capability = struct.unpack_from("<QHH", frame.raw, frame.body)
    elements = frame.raw[frame.body + 12 : frame.end]
    # The kernel goes by the channel that the beacon announces.
    freq = parse_elements(frame.raw, frame.body + 12, frame.end).operation.freq or frame.freq
    return ScannedBss(
        frame.bssid, freq, interval, capability, frame.rssi, frame.time, elements, 0 if timeless else tsf, None, 0
    )


def main() -> int:
    """Soak, and show the results."""
    parser = argparse.ArgumentParser(prog="python -m tools.soak", description=__doc__)
    parser.add_argument(
        "scenes", nargs="*", default=["home", "cafe", "day", "campus"], help="scenes of the simulated air, or files"
    )
    parser.add_argument("--hours", type=float, default=24.0, help="simulated time of each (default: 24)")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--one-ear", action="store_true", help="hear every channel at once, instead of hopping")
    parser.add_argument("--guarded", action="store_true", help="guard the networks of the scene's first access point")
    parser.add_argument("--ear", choices=[name for name in EARS if name != "three"], default="plain")
    parser.add_argument("--volume", type=float, default=0.3, help="how much data is sent, as a factor")
    args = parser.parse_args()
    return max([_soak(scene, args) for scene in args.scenes])


def _soak(scene: str, args: argparse.Namespace) -> int:
    soak = Soak(scene, args.seed, hop=not args.one_ear, guarded=args.guarded, ear=args.ear, volume=args.volume)
    began = time.process_time()
    told, parts = 0, max(1, round(args.hours))
    for part in range(parts):
        soak.run(args.hours * 3600 / parts)
        print(f"{scene}: part {part + 1} of {parts}, {soak.frames} frames", file=sys.stderr)
        for alert in itertools.islice(soak.alerts, told, None):
            if alert.severity is not Severity.WEAKNESS:
                print(f"  {alert.first - START:9.0f} s {alert.severity} {alert.rule}: {alert.text}", flush=True)
        told = len(soak.alerts)
    spent = time.process_time() - began
    print(f"{scene}: {args.hours:g} h, seed {args.seed}, {soak.frames} frames, {spent:.0f} s of CPU")
    counts = Counter((alert.severity, alert.rule) for alert in soak.alerts)
    for (severity, rule), count in sorted(counts.items(), key=lambda item: (-item[0][0].rank, item[0][1])):
        print(f"  {severity:9} {rule:22} {count}")
    for failure in soak.failures:
        print(f"  SWITCHED OFF {failure}")
    allowed = max(1.0, args.hours * 3600 / DAY)
    return int(bool(soak.failures) or (not soak.scene.incidents and len(soak.above_notice()) > allowed))


if __name__ == "__main__":
    sys.exit(main())
