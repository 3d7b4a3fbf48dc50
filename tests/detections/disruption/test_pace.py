"""Rows of equal disconnections are judged as if each were looked at by itself."""

from __future__ import annotations

import itertools
from typing import Any
from unittest import mock

from hypothesis import given
from hypothesis import strategies as st
from tests.detections.disruption.kicking import deauth
from tests.detections.hearing import Hearing
from tests.survey.air import ALL, AP, STA, beacon

from whimbrel.detections.disruption.disconnecting import DeauthFlood
from whimbrel.detections.disruption.dismissing import BroadcastDeauth
from whimbrel.detections.disruption.pace import EqualRow
from whimbrel.wifi.frames import Frame
from whimbrel.wifi.kinds import RETRY

_HEARD: dict[str, dict[str, Any]] = {
    "everyone": {"ra": ALL},
    "everyone, again": {"ra": ALL, "flags": RETRY},
    "everyone, for another reason": {"ra": ALL, "code": 7},
    "a station": {},
    "by the station": {"ra": AP, "ta": STA},
}
_GAPS = (0.0, 0.001, 0.02, 0.12, 0.3, 0.6, 2.0, 6.0, 59.0, 130.0)


@st.composite
def air(draw: st.DrawFn) -> list[Frame]:
    """Return stretches of equal disconnections, with beacons between and among them, of a clock that may restart."""
    frames: list[Frame] = []
    now, started, numbers = 1000.0, 500.0, itertools.count(draw(st.integers(0, 4095)))
    for _ in range(draw(st.integers(1, 8))):
        what, gap = draw(st.sampled_from([*_HEARD, "beacon", "restart"])), draw(st.sampled_from(_GAPS))
        seq = next(numbers) & 0xFFF
        counts = draw(st.booleans())
        for _ in range(draw(st.sampled_from((1, 2, 5, 12, 40)))):
            now += gap
            if what not in _HEARD:
                started = now - 1 if what == "restart" else started
                frames.append(beacon(time=now, tsf=round((now - started) * 1e6)))
                break
            more = _HEARD[what]
            frames.append(deauth(now, seq=next(numbers) & 0xFFF if counts else seq, **more))
    return frames


def judged(frames: list[Frame]) -> list[object]:
    """Return what happened after each frame, and what is known of each alert then."""
    ears = Hearing(DeauthFlood, BroadcastDeauth)
    told: list[object] = []
    for frame in frames:
        ears.hear(frame)
        told.append([(alert.words, alert.seen, alert.last, len(alert.evidence)) for alert in ears.engine.alerts])
    ears.end()
    return [*told, *ears.events]


def judged_singly(frames: list[Frame]) -> list[object]:
    """Return the same of a rule that looks at each frame."""
    with mock.patch.object(EqualRow, "goes_on", return_value=False):
        return judged(frames)


@given(air())
def test_a_row_is_judged_like_its_frames(frames: list[Frame]) -> None:
    assert judged(frames) == judged_singly(frames)


def test_a_beacon_after_a_restart_ends_a_row() -> None:
    flood = [deauth(1000.5 + number / 10, ra=ALL) for number in range(100)]
    going, restarted = beacon(time=1000.0, tsf=500_000_000), beacon(time=1003.0, tsf=1_000_000)
    frames = [going, *flood[:25], restarted, *flood[25:]]
    assert judged(frames) == judged_singly(frames) != judged([going, *flood])


def test_a_retransmission_ends_a_row_of_equal_sequence_numbers() -> None:
    frames = [deauth(1000 + 0.1 * number, seq=7, ra=ALL) for number in range(62)]
    last = frames[-1].time
    frames.append(deauth(last + 0.1, seq=7, ra=ALL, flags=RETRY))
    frames += [deauth(last + 0.2 + 0.1 * number, seq=9 + number, ra=ALL) for number in range(2)]
    with mock.patch.object(EqualRow, "goes_on", return_value=False):
        expected = judged(frames)
    assert judged(frames) == expected


def test_a_flood_is_only_counted() -> None:
    frames = [deauth(1000 + number / 100, ra=ALL) for number in range(1000)]
    with mock.patch.object(EqualRow, "begin", autospec=True, side_effect=EqualRow.begin) as begin:
        told = judged(frames)
    assert begin.call_count < len(frames) / 10
    assert {event.count for event in told[-2:]} == {1000}  # type: ignore[attr-defined]
