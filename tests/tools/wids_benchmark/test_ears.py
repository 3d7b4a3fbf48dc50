"""The four ears hear what they are said to hear."""

from __future__ import annotations

import random

from tools.wids_benchmark.building import ears, mac
from tools.wids_benchmark.building.air import Phy, Radio, Sent

RADIO = Radio(random.Random(1), -50, 2437)


def air() -> list[Sent]:
    phys = list(Phy)
    return [
        Sent(number * 0.01, mac.ack(bytes(6)), RADIO, ears.PLAN[number % 4], -50, phys[number // 4 % 4])
        for number in range(8000)
    ]


def test_the_clean_ear_hears_all_of_its_channel() -> None:
    heard = list(ears.clean(air(), 1))
    assert len(heard) == 2000
    assert {sent.freq for sent in heard} == {2437}


def test_three_in_ten_are_lost_the_same_each_time() -> None:
    first, second = list(ears.loss(air(), 1)), list(ears.loss(air(), 1))
    assert 1300 < len(first) < 1500
    assert [sent.at for sent in first] == [sent.at for sent in second]
    assert [sent.at for sent in first] != [sent.at for sent in ears.loss(air(), 2)]


def test_the_hopping_ear_is_on_one_channel_at_a_time_and_a_quarter_of_the_time_on_six() -> None:
    heard = list(ears.hopping(air(), 1))
    for dwell in range(300):
        at = [sent for sent in heard if dwell * 0.25 <= sent.at < dwell * 0.25 + 0.25]
        assert len({sent.freq for sent in at}) <= 2
    assert 350 < sum(sent.freq == 2437 for sent in heard) < 650


def test_the_old_ear_hears_no_data_of_new_generations() -> None:
    assert {sent.phy for sent in ears.legacy(air(), 1)} == {Phy.LEGACY, Phy.HT}
