"""A flood of made-up access points is one thing, costs little, and hides nothing that is real."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

from tests.detections.hearing import Hearing
from tests.survey.air import RATES, RSN, STA, beacon, ds, element, frame, tim

from whimbrel.detections.guarded import GuardedNetwork
from whimbrel.detections.registry import all_detections
from whimbrel.events.air import AccessPointFound, AccessPointLost
from whimbrel.events.alerts import AlertClosed, Severity
from whimbrel.settings import Mac, Ssid
from whimbrel.wifi.frames import Frame
from whimbrel.wifi.kinds import DEAUTH

HOME = bytes.fromhex("f09fc2000001")
NEIGHBOUR = bytes.fromhex("c02506000001")
START = 1000.0


def everything(**more: Any) -> Hearing:
    return Hearing(*all_detections(), **more)


def fake(n: int, at: float, *, name: bytes = b"", bssid: bytes = b"") -> Frame:
    """Return a beacon as tools make them: a name, rates and a channel."""
    address = bssid or b"\x02" + random.Random(n).randbytes(5)
    return beacon(
        element(0, name or b"Free %d" % n) + RATES + ds(6),
        bssid=address,
        time=at,
        tsf=0,
        seq=n * 7 & 0xFFF,
        capability=0x0421,
    )


def real(bssid: bytes, name: bytes, at: float, *, protected: bool = True) -> Frame:
    elements = element(0, name) + RATES + ds(6) + tim() + (RSN if protected else b"")
    capability = 0x0431 if protected else 0x0421
    tsf = round((at + 90_000 + bssid[0] * 1000) * 1e6)
    return beacon(elements, bssid=bssid, time=at, tsf=tsf, seq=round(at * 10) & 0xFFF, capability=capability)


def flood(air: Hearing, *, since: float = START + 20, count: int = 120, seconds: float = 20.0) -> float:
    """Let `count` networks be made up, each heard repeatedly; return the time of the end."""
    for n in range(round(seconds * 50)):
        air.hear(fake(n % count, since + n / 50))
    return since + seconds


def heard(air: Hearing, until: float, since: float = START) -> None:
    """Hear the real networks for some seconds."""
    at = since
    while at < until:
        air.hear(real(HOME, b"harbour", at), real(NEIGHBOUR, b"lighthouse", at + 0.03))
        at += 0.1


def about(air: Hearing) -> list[tuple[str, bytes | None]]:
    return [(each.detection.rule, each.claim.bssid) for each in air.engine.alerts]


def test_a_flood_raises_one_incident_and_counts_as_no_access_point() -> None:
    air = everything()
    heard(air, START + 20)
    flood(air)
    totals = air.survey.totals()
    assert (totals.access_points, totals.made_up) == (2, 120)
    assert {row.bssid for row in air.survey.access_point_rows()} == {HOME, NEIGHBOUR}
    fakes = [(rule, bssid) for rule, bssid in about(air) if bssid not in {HOME, NEIGHBOUR}]
    assert {rule for rule, _ in fakes} <= {"beacon-flood", "attack-tool"}
    (incident,) = air.engine.alerts.incidents
    assert incident.parts[0].detection.rule in {"beacon-flood", "attack-tool"}
    (count,) = [each.seen for each in air.engine.alerts if each.detection.rule == "beacon-flood"]
    assert count >= 110


def test_what_was_said_before_it_was_recognised_is_taken_back() -> None:
    air = everything()
    flood(air)
    taken_back = [event for event in air.events if isinstance(event, AlertClosed) and event.reason == "made up"]
    assert {event.severity for event in taken_back} == {Severity.WEAKNESS}
    assert {event.rule for event in taken_back} == {"open-network"}
    found = [body.bssid for body in air.findings if isinstance(body, AccessPointFound)]
    lost = [body.bssid for body in air.findings if isinstance(body, AccessPointLost) and body.reason == "made up"]
    assert sorted(found) == sorted(lost)
    assert len(found) <= 15, "who comes later is not found in the first place"


def test_a_network_that_is_first_heard_amid_a_flood_is_one() -> None:
    air = everything()
    end = flood(air, seconds=10.0)
    cafe = bytes.fromhex("f492bf000001")
    for n in range(40):
        air.hear(real(cafe, b"cafe", end + n / 10, protected=False), fake(n, end + 0.05 + n / 10))
    assert ("open-network", cafe) in about(air)
    assert [row.ssid for row in air.survey.access_point_rows()] == [b"cafe"]


def test_a_flood_hides_no_disconnection() -> None:
    air = everything()
    heard(air, START + 20)
    end = flood(air, seconds=5.0)
    for n in range(60):
        at = end + n / 20
        air.hear(fake(n, at), frame(DEAUTH, STA, HOME, HOME, b"\x07\0", time=at + 0.01, seq=n))
    assert ("deauth-flood", HOME) in about(air)
    assert len({each.incident for each in air.engine.alerts if each.incident}) == 2


def test_a_flood_hides_no_evil_twin_though_it_looks_like_its_members() -> None:
    twin = bytes.fromhex("02beefbeef01")
    guarded = GuardedNetwork(ssid=Ssid(b"harbour"), bssids=(Mac(HOME),))
    air = everything(guarded=[guarded])
    heard(air, START + 20)
    end = flood(air, seconds=10.0)
    for n in range(60):
        air.hear(fake(n, end + n / 20), fake(500 + n, end + 0.01 + n / 20, name=b"harbour", bssid=twin))
    assert ("evil-twin", twin) in about(air)
    assert twin in {row.bssid for row in air.survey.access_point_rows()}


def test_a_flood_under_a_real_name_is_one_thing_all_the_same() -> None:
    air = everything()
    heard(air, START + 20)
    for n in range(1000):
        air.hear(fake(n % 120, START + 20 + n / 50, name=b"harbour"))
    assert air.survey.totals().access_points <= 2 + 4
    assert "beacon-flood" in air.rules


def test_the_address_of_a_network_that_a_flood_took_before_is_given_back() -> None:
    air = everything()
    for n in range(200):
        air.hear(fake(n, START + n / 50, bssid=HOME if n == 50 else b""))
    assert HOME in air.survey.made_up
    heard(air, START + 8, since=START + 4)
    assert HOME not in air.survey.made_up
    for n in range(60):
        air.hear(frame(DEAUTH, STA, HOME, HOME, b"\x07\0", time=START + 8 + n / 20, seq=n))
    assert ("deauth-flood", HOME) in about(air)
    assert HOME in {row.bssid for row in air.survey.access_point_rows()}


def test_fakes_that_look_like_access_points_do_not_come_back() -> None:
    air = everything()
    for n in range(600):
        number = n % 60
        elements = element(0, b"Free %d" % number) + RATES + ds(6) + tim() + RSN
        address = b"\x02" + random.Random(number).randbytes(5)
        air.hear(beacon(elements, bssid=address, time=START + n / 30, tsf=0, seq=n & 0xFFF))
    assert air.survey.totals().access_points <= 3
    found = [body for body in air.findings if isinstance(body, AccessPointFound)]
    assert len(found) <= 63
    assert "beacon-flood" in air.rules


def test_the_flood_comes_again() -> None:
    air = everything()
    end = flood(air)
    heard(air, end + 300, since=end)
    assert air.survey.totals().made_up == 0
    flood(air, since=end + 300)
    assert air.rules.count("beacon-flood") == 2
    assert air.survey.totals().access_points == 2


def calls(work: Callable[[], object]) -> int:
    """Return how many functions were called."""
    number = 0

    def note(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal number
        number += event in {"call", "c_call"}

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(before)
    return number


def test_a_member_costs_a_tenth_of_a_network() -> None:
    air = everything()
    heard(air, START + 20)
    end = flood(air, seconds=10.0)
    fakes = [fake(2000 + n, end + n / 100) for n in range(50)]
    others = [
        real(random.Random(n).randbytes(6).replace(b"\1", b"\2"), b"new %d" % n, end + 1 + n / 100) for n in range(50)
    ]
    observe = air.engine.observe
    cheap = calls(lambda: [observe(each) for each in fakes])
    dear = calls(lambda: [observe(each) for each in others])
    assert cheap * 10 <= dear, (cheap, dear)
