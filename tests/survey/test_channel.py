from __future__ import annotations

import pytest
from tests.survey.air import beacon, feed, to_ap

from whimbrel.rows import ChannelRow
from whimbrel.survey.survey import Survey
from whimbrel.wifi.airtime import airtime
from whimbrel.wifi.frames import PhyMode


def test_frames_octets_airtime_retries() -> None:
    survey = Survey()
    first, second = beacon(), to_ap(flags=0x49, freq=2437)
    feed(survey, [first, first, second])
    [row] = survey.channel_rows()
    spent = 2 * airtime(first.length, 1.0, erp=True) + airtime(second.length, 1.0, erp=True)
    assert row == ChannelRow(
        channel=6,
        freq=2437,
        band="2.4",
        frames=3,
        octets=2 * first.length + second.length,
        airtime_us=round(spent),
        retries=1,
    )


def test_where_the_radio_is_counts_not_what_the_beacon_says() -> None:
    survey = Survey()
    survey.observe(beacon(channel=6, freq=2432))
    survey.observe(beacon(channel=6, freq=0, time=1000.1), 2442)
    survey.observe(beacon(channel=6, freq=0, time=1000.2))
    assert [row.freq for row in survey.channel_rows()] == [0, 2432, 2442]


def test_busiest_since_the_last_question() -> None:
    survey = Survey()
    feed(survey, [beacon(), beacon(), beacon(freq=5180)])
    assert survey.channels.busiest() == 2437
    feed(survey, [beacon(freq=5180)])
    assert survey.channels.busiest() == 5180
    assert survey.channels.busiest() == 0


@pytest.mark.parametrize("count", [1, 5000])
@pytest.mark.parametrize("modes", [False, True])
def test_everything_is_counted_and_bounded(count: int, modes: bool) -> None:
    survey = Survey()
    channels = survey.channels
    for number in range(count):
        frame = beacon(freq=number + 1)
        frame.length = number % 3000
        if modes:
            frame.mode = PhyMode(frame.freq, frame.rate, frame.phy)
        survey.observe(frame)
        assert sum(map(len, channels.pending.values())) <= 1024
    assert channels.frames == count
    assert sum(channel.frames for channel in channels.all()) == count
    assert len(channels.all()) <= 129
