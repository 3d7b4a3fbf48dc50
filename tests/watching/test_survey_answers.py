from __future__ import annotations

import asyncio
from typing import Any

import pytest
from tests.survey.air import AP, STA, beacon, to_ap

from whimbrel.module import VerbError
from whimbrel.survey.survey import Survey
from whimbrel.verbs.air import SurveyRows
from whimbrel.watching import survey_answers

OTHER = bytes.fromhex("0200000000aa")


@pytest.fixture
def survey() -> Survey:
    """An access point with a station, and another one."""
    made = Survey()
    for frame in (beacon(), beacon(bssid=OTHER), to_ap()):
        made.observe(frame)
    return made


async def ask(survey: Survey, **request: Any) -> SurveyRows:
    return await survey_answers.answer(survey, 7.0, request)


async def test_all_of_it_or_a_part(survey: Survey) -> None:
    everything = await ask(survey)
    assert (everything.time, len(everything.access_points), len(everything.stations)) == (7.0, 2, 1)
    stations = await ask(survey, what="stations")
    assert stations.stations == everything.stations
    assert (stations.access_points, stations.channels) == ((), ())


async def test_of_one_device_its_rows_and_those_in_its_network(survey: Survey) -> None:
    everything = await ask(survey)
    found = await ask(survey, device=AP.hex(":").upper())
    assert [row.bssid for row in found.access_points] == [AP]
    assert found.access_points[0] in everything.access_points
    assert [row.station for row in found.stations] == [STA]
    assert (found.channels, found.totals) == ((), everything.totals)

    station = await ask(survey, device=STA.hex(":"))
    assert (station.access_points, [row.station for row in station.stations]) == ((), [STA])
    points = await ask(survey, device=AP.hex(":"), what="access_points")
    assert (len(points.access_points), points.stations) == (1, ())
    assert (await ask(survey, device="02:00:00:00:00:ff")).stations == ()


async def crowd(number: int) -> Survey:
    """Return an access point with so many stations, of which each was heard after the one before."""
    made = Survey()
    made.observe(beacon())
    for each in range(number):
        made.observe(to_ap(ta=(0x020000000000 + each).to_bytes(6, "big"), time=1000 + each * 0.01))
    return made


async def test_of_a_large_network_the_last_heard_stations_and_the_number_of_the_others() -> None:
    most = survey_answers.MOST_MEMBERS
    found = await ask(await crowd(most + 300), device=AP.hex(":"))
    assert (len(found.stations), found.left_out) == (most, 300)
    assert [int.from_bytes(row.station[3:], "big") for row in found.stations] == list(range(most + 299, 299, -1))
    assert found.access_points[0].stations == most + 300
    points = await ask(await crowd(most + 1), device=AP.hex(":"), what="access_points")
    assert (points.stations, points.left_out) == ((), 0)
    assert (await ask(await crowd(most), device=AP.hex(":"))).left_out == 0


async def test_a_whole_table_gives_way_to_others() -> None:
    survey = await crowd(2000)
    asked = asyncio.create_task(ask(survey, device=AP.hex(":")))
    turns = 0
    while not asked.done():
        await asyncio.sleep(0)
        turns += 1
    # Every 128 stations looked at, and every 16 rows.
    assert turns >= 2000 // 128 + survey_answers.MOST_MEMBERS // 16
    assert len((await asked).stations) == survey_answers.MOST_MEMBERS


@pytest.mark.parametrize("what", ["satellites", 7, ["stations"]])
async def test_parts_that_it_does_not_have(survey: Survey, what: object) -> None:
    with pytest.raises(VerbError, match="access_points, stations, channels"):
        await ask(survey, what=what)


@pytest.mark.parametrize("device", ["", "harbour", 7, "02:00:00:00:00", "02:00:00:00:00:ff:ff", ["02:00:00:00:00:ff"]])
async def test_what_is_no_address(survey: Survey, device: object) -> None:
    with pytest.raises(VerbError, match="device"):
        await ask(survey, device=device)
