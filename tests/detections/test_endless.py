"""What never ends and never repeats: tables stay bounded, a frame's price stays, an attack in it is still seen."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator

import pytest
from tests.detections.hearing import Hearing
from tests.survey.air import AP, beacon, frame, probe

from whimbrel.detections.guarded import GuardedNetwork
from whimbrel.detections.registry import all_detections
from whimbrel.events.alerts import REMEMBERED
from whimbrel.settings import Mac, Ssid
from whimbrel.survey.survey import SurveyLimits
from whimbrel.wifi.frames import Frame
from whimbrel.wifi.kinds import DEAUTH

GUARDED = (GuardedNetwork(Ssid(b"harbour"), (Mac(AP),)),)
REASON = b"\7\0"
LIMITS = SurveyLimits()

pytestmark = pytest.mark.slow


def random_address(rng: random.Random) -> bytes:
    return bytes((rng.randrange(0, 256, 4), *rng.randbytes(5)))


def disconnections(number: int, rate: float = 500.0) -> Iterator[Frame]:
    """Yield disconnections with addresses that never come again."""
    rng = random.Random(7)
    for i in range(number):
        sender, receiver = random_address(rng), random_address(rng)
        yield frame(DEAUTH, receiver, sender, sender, REASON, time=1000.0 + i / rate, seq=i & 0xFFF)


def bounded(heard: Hearing) -> None:
    survey = heard.survey
    assert len(survey.access_points.table.entries) <= LIMITS.access_points
    assert len(survey.stations.table.entries) <= LIMITS.stations
    assert len(list(heard.engine.alerts)) <= REMEMBERED


def test_150_000_disconnections_with_random_addresses() -> None:
    heard = Hearing(*all_detections(), guarded=GUARDED)
    heard.hear(*(beacon(b"harbour", bssid=AP, time=900.0 + i) for i in range(90)))
    spent: list[float] = []
    began = time.thread_time()
    attacked = 0
    for i, made in enumerate(disconnections(150_000), 1):
        heard.hear(made)
        if 75_000 <= i < 75_000 + 640 and i % 10 == 0:  # an attack on the guarded network, in the midst of it
            attacked += 1
            heard.hear(frame(DEAUTH, b"\xff" * 6, AP, AP, REASON, time=made.time, seq=attacked))
        if i % 15_000 == 0:
            spent.append(time.thread_time() - began)
            began = time.thread_time()
            bounded(heard)
            heard.findings.clear()
    assert max(spent[1:]) < 4 * min(spent), f"a frame becomes dearer: {spent}"
    named = [alert for alert in heard.alerts if alert.bssid == AP and "deauth" in alert.rule]
    assert named, "the flood hides the attack on the guarded network"
    assert len(heard.alerts) < 200, "alerts of a flood are folded"


def test_a_station_that_probes_for_10_000_names() -> None:
    heard = Hearing(*all_detections(), guarded=GUARDED)
    quiet = bytes.fromhex("0211223344aa")
    heard.hear(probe(b"home", ta=quiet, time=999.0))
    for i in range(10_000):
        heard.hear(probe(b"name %d" % i, time=1000.0 + i / 50))
    rows = {row.station: row for row in heard.survey.station_rows()}
    loud = next(row for address, row in rows.items() if address != quiet)
    assert len(loud.probed) <= 64
    assert loud.probed_dropped + len(loud.probed) >= 9_000, "what is left out is counted"
    assert rows[quiet].probed == (b"home",), "another station keeps its names"
    bounded(heard)
    assert len(heard.alerts) < 20
