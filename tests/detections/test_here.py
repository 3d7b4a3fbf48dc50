from __future__ import annotations

from typing import Any

import pytest
from tests.detections.hearing import Hearing
from tests.survey.air import AP, STA, beacon, frame

from whimbrel.detections.disruption.disconnecting import DETECTIONS
from whimbrel.detections.here import Here, kept
from whimbrel.events.alerts import Severity
from whimbrel.geo import Kept, Position, Zone, ZoneKind
from whimbrel.wifi.kinds import DEAUTH

PLACE = Position(latitude=59.0, longitude=18.0, error=8.0, time=1000.0)


def zone(kind: ZoneKind, keep: Kept = Kept.NOTHING) -> Zone:
    return Zone(name="here", kind=kind, latitude=59.0, longitude=18.0, radius=100.0, keep=keep)


def test_a_position_holds_for_as_long_as_its_fix() -> None:
    here = Here()
    assert here.at(1000.0) is None
    here.move(PLACE, 1005.0, ())
    assert here.at(1005.0) == here.at(995.0) == here.shown(1000.0) == PLACE
    assert here.at(1005.1) is None
    assert here.at(994.9) is None
    here.shift(100.0)
    assert here.at(1105.0) is not None
    assert here.at(1000.0) is None


def test_a_position_at_home_is_not_shown() -> None:
    here = Here()
    here.move(PLACE, 1005.0, (zone(ZoneKind.HOME),))
    assert here.at(1000.0) == PLACE
    assert here.shown(1000.0) is None


def test_a_zone_that_is_drawn_no_more() -> None:
    here = Here()
    here.move(PLACE, 1005.0, (zone(ZoneKind.HOME), zone(ZoneKind.QUIET)))
    assert (here.home, here.quiet) == (True, True)
    here.redraw([zone(ZoneKind.QUIET)])
    assert (here.home, here.quiet, here.shown(1000.0)) == (False, True, PLACE)
    here.redraw([])
    assert not here.quiet


def test_what_may_be_kept() -> None:
    assert kept((), guarded=False)
    assert kept((zone(ZoneKind.QUIET),), guarded=False)
    assert not kept((zone(ZoneKind.HOME),), guarded=True)
    assert kept((zone(ZoneKind.HOME, Kept.GUARDED),), guarded=True)
    assert not kept((zone(ZoneKind.HOME, Kept.GUARDED),), guarded=False)
    assert not kept((zone(ZoneKind.HOME, Kept.GUARDED), zone(ZoneKind.HOME)), guarded=True)


def flood(hearing: Hearing, at: float, rssi: int) -> None:
    for number in range(40):
        hearing.hear(frame(DEAUTH, STA, AP, AP, b"\x07\0", time=at + number / 100, seq=number, rssi=rssi))


@pytest.fixture
def hearing() -> Hearing:
    made = Hearing(*DETECTIONS)
    made.hear(beacon(time=999.0))
    return made


def test_an_alert_has_the_position_where_it_was_loudest(hearing: Hearing) -> None:
    here = hearing.engine.air.here
    here.move(PLACE, 1005.0, ())
    flood(hearing, 1000.0, -60)
    (alert,) = hearing.alerts
    assert alert.position == PLACE
    louder = PLACE.replace(time=1030.0, latitude=59.1)
    here.move(louder, 1035.0, ())
    flood(hearing, 1030.0, -40)
    here.move(PLACE.replace(time=1060.0, latitude=59.2), 1065.0, ())
    flood(hearing, 1060.0, -80)
    flood(hearing, 1100.0, -30)  # at an unknown position
    (standing,) = hearing.engine.alerts
    assert standing.position == louder


def test_at_home_an_alert_has_no_position(hearing: Hearing) -> None:
    hearing.engine.air.here.move(PLACE, 1005.0, (zone(ZoneKind.HOME),))
    flood(hearing, 1000.0, -60)
    assert [alert.position for alert in hearing.alerts] == [None]


@pytest.mark.parametrize(("severity", "raised"), [(Severity.NOTICE, 0), (Severity.WEAKNESS, 0), (Severity.WARNING, 1)])
def test_a_quiet_zone_has_no_notices(severity: Severity, raised: int) -> None:
    settings: dict[str, Any] = {cls.rule.replace("-", "_"): cls.Settings(severity=severity) for cls in DETECTIONS}
    hearing = Hearing(*DETECTIONS, **settings)
    hearing.hear(beacon(time=999.0))
    hearing.engine.air.here.move(PLACE, 1005.0, (zone(ZoneKind.QUIET),))
    flood(hearing, 1000.0, -60)
    assert len(hearing.alerts) == raised
