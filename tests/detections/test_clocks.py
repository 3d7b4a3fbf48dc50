"""The same air at any time of any century, and with a clock that is set in the midst of it: the same findings."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping

import pytest
from tests.detections.hearing import Hearing
from tests.detections.test_hostile import all_rules
from tests.drivers.sim.scenes import one, play

from whimbrel.events.base import Body
from whimbrel.wifi.frames import Frame
from whimbrel.wifi.kinds import BEACON

WRAPS = 2.0**31
"""19 January 2038."""
ORIGINS = {
    "1970": 0.0,
    "an hour into 1970": 3600.0,
    "a leap second": 1_483_228_790.0,
    "2038": WRAPS - 15,
    "2106": 2 * WRAPS - 15,
    "3000": 32_503_680_000.0,
}
STEPS = (1.0, -1.0, 0.4, -0.4, 3600.0, -3600.0, 1.7e9, -1.2e9, 2 * WRAPS)
_BASE = 1_700_000_000.0
_SECONDS = 30
_INCIDENTS = (
    "{kind: deauthentication, at: 8s, lasts: 10s, rate: 20, target: net}",
    "{kind: beacon-flood, at: 5s, lasts: 4s, rate: 30, target: net, channel: 6}",
)


@pytest.fixture(scope="module")
def air() -> list[Frame]:
    """Thirty seconds of a network with a station, under two attacks; the times begin at 0."""
    frames = play(one(station="habit: browse", more=f"incidents: [{', '.join(_INCIDENTS)}]"), _SECONDS)
    first = frames[0].time
    for frame in frames:
        frame.time -= first
    return frames


def at(frames: Iterable[Frame], origin: float, rate: float = 1.0) -> list[Frame]:
    """Return the frames as heard from `origin` on, by a clock that runs `rate` times as fast."""
    moved = []
    for frame in frames:
        other = copy.copy(frame)
        other.time = origin + frame.time * rate
        moved.append(other)
    return moved


def told(hearing: Hearing) -> list[str]:
    """Return everything that was found, by kind and subject, without its times."""
    found: list[str] = []
    for body in (*hearing.findings, *hearing.events):
        values: Mapping[str, object] = {name: getattr(body, name) for name in body.fields}
        subject = [values.get(name) for name in ("bssid", "station", "ssid", "id", "rule", "sender", "reason")]
        found.append(f"{body.kind} {subject}")
    return sorted(found)


def heard(frames: Iterable[Frame]) -> Hearing:
    hearing = all_rules()
    hearing.hear(*frames)
    hearing.end()
    return hearing


def _lost(bodies: Iterable[Body]) -> list[str]:
    return [body.kind for body in bodies if body.kind in {"access-point-lost", "station-lost"}]


@pytest.mark.parametrize("origin", ORIGINS.values(), ids=ORIGINS)
def test_the_century_makes_no_difference(air: list[Frame], origin: float) -> None:
    usual = heard(at(air, _BASE))
    assert "deauth-flood" in usual.rules
    assert told(heard(at(air, origin))) == told(usual)


@pytest.mark.parametrize("rate", [1 - 2e-4, 1 + 2e-4])
def test_a_clock_that_drifts_by_seventeen_seconds_a_day_makes_no_difference(air: list[Frame], rate: float) -> None:
    assert told(heard(at(air, _BASE, rate))) == told(heard(at(air, _BASE)))


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("when", [6.0, 12.0, 25.0])
def test_a_step_that_is_known_makes_no_difference(air: list[Frame], step: float, when: float) -> None:
    hearing = all_rules()
    frames = at(air, _BASE)
    hearing.hear(*(frame for frame in frames if frame.time - _BASE < when))
    hearing.engine.shift(step)
    hearing.hear(*at((frame for frame in air if frame.time >= when), _BASE + step))
    hearing.end()
    assert told(hearing) == told(heard(frames))


@pytest.mark.parametrize("step", [1.0, -1.0, 1.9, -1.9])
def test_a_second_that_nobody_tells_of_loses_no_device_and_no_alert(air: list[Frame], step: float) -> None:
    """A leap second is a step that the kernel makes; below `CLOCK_STEP` no source tells of it."""
    frames = at(air, _BASE)
    for frame in frames:
        if frame.time - _BASE >= 12.0:
            frame.time += step
    usual, moved = heard(at(air, _BASE)), heard(frames)
    assert _lost(moved.findings) == _lost(usual.findings)
    assert set(usual.rules) <= set(moved.rules)


@pytest.mark.lengthy
def test_a_flood_each_day_is_an_alert_each_day(air: list[Frame]) -> None:
    """Ten days of listening across the end of 32 bits of seconds: no day hides the flood of the next."""
    days, origin = 10, 2 * WRAPS - 5 * 86400.0
    beacon = next(frame for frame in air if frame.kind == BEACON)
    hearing = all_rules()
    for day in range(days):
        began = origin + day * 86400.0
        hearing.hear(*at(air, began))
        for second in range(_SECONDS + 10, 86400, 20):
            quiet = copy.copy(beacon)
            quiet.time = began + second
            hearing.hear(quiet)
    hearing.end()
    floods = [alert for alert in hearing.alerts if alert.rule == "deauth-flood"]
    assert [round((alert.first - origin) // 86400) for alert in floods] == list(range(days))


@pytest.mark.parametrize("hours", [1.5, 5, 24, 24 * 29])
def test_a_flood_after_hours_without_a_frame_is_another_one(air: list[Frame], hours: float) -> None:
    hearing = all_rules()
    began = (_BASE, _BASE + hours * 3600)
    for origin in began:
        hearing.hear(*at(air, origin))
    hearing.end()
    floods = [event for event in hearing.events if event.rule == "deauth-flood" and event.kind != "alert-updated"]
    assert [event.kind for event in floods] == ["alert", "alert-closed"] * 2
    assert [event.first - origin < _SECONDS for event, origin in zip(floods[::2], began, strict=True)] == [True, True]
    assert floods[1].last < _BASE + _SECONDS
