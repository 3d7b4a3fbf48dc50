from __future__ import annotations

from tests.survey.air import AP, STA, beacon, feed, from_ap, probe, to_ap

from whimbrel.events.device import AirSnapshot
from whimbrel.survey.snapshots import STRIDE, Snapshots
from whimbrel.survey.survey import Survey, SurveyLimits


def take(snapshots: Snapshots) -> AirSnapshot:
    *turns, snapshot = snapshots.steps()
    assert set(turns) <= {None}
    assert snapshot is not None
    return snapshot


def same(snapshot: AirSnapshot, survey: Survey) -> bool:
    return (
        list(snapshot.access_points) == survey.access_point_rows()
        and list(snapshot.stations) == survey.station_rows()
        and list(snapshot.channels) == survey.channel_rows()
        and snapshot.totals == survey.totals()
    )


def address(number: int) -> bytes:
    return b"\x00\x22" + number.to_bytes(4, "big")


def test_is_what_the_survey_says_whatever_changes() -> None:
    survey = Survey(SurveyLimits())
    snapshots = Snapshots(survey)
    assert same(take(snapshots), survey)
    steps = [
        [beacon(time=1.0), probe(b"home", time=1.5)],
        [beacon(bssid=address(1), time=2.0)],
        [to_ap(time=3.0)],
        [from_ap(time=3.0)],
        [to_ap(time=3.0, bssid=address(1))],
        [beacon(time=4.0, name=b"renamed", rssi=-90)],
    ]
    for frames in steps:
        feed(survey, frames)
        assert same(take(snapshots), survey)
    survey.shift(100.0)
    assert same(take(snapshots), survey)


def test_rows_that_have_not_changed_are_not_made_again() -> None:
    survey = Survey(SurveyLimits())
    snapshots = Snapshots(survey)
    feed(survey, [beacon(time=1.0), beacon(bssid=address(1), time=1.0), probe(time=1.0)])
    before = {row.bssid: row for row in take(snapshots).access_points}
    feed(survey, [beacon(time=2.0)])
    after = take(snapshots)
    assert [row is before[row.bssid] for row in after.access_points] == [False, True]
    assert [row.bssid for row in after.access_points] == [AP, address(1)]


def test_gives_turns_while_rows_are_made_and_none_for_old_ones() -> None:
    survey = Survey(SurveyLimits())
    snapshots = Snapshots(survey)
    feed(survey, [beacon(bssid=address(number)) for number in range(5 * STRIDE)])
    assert len(list(snapshots.steps())) == 5 + 1
    assert len(list(snapshots.steps())) == 1


def test_the_survey_may_go_on_meanwhile() -> None:
    survey = Survey(SurveyLimits(access_points=STRIDE * 3, stations=8))
    feed(survey, [beacon(bssid=address(number), time=number) for number in range(3 * STRIDE)])
    made = []
    for number, step in enumerate(Snapshots(survey).steps(), 1000):
        made.append(step)
        feed(survey, [beacon(bssid=address(number), time=number), probe(ta=STA, time=number)])
    assert len(made) == 3 + 1
    assert made[-1] is not None
    assert len(made[-1].access_points) == 3 * STRIDE
