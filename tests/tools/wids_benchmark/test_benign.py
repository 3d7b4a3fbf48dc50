"""Benign scenes: there is air in each, and what makes it look like an attack is in it."""

from __future__ import annotations

import random
import struct
from pathlib import Path

import pytest
from tools.wids_benchmark import making, truth
from tools.wids_benchmark.benign import SCENES
from tools.wids_benchmark.building.air import Air, Phy, Sent


def played(name: str, seconds: float = 150) -> list[Sent]:
    air = Air(random.Random(f"test {name}"))
    SCENES[name].play(air, seconds)
    return air.finish()


@pytest.mark.parametrize("name", list(SCENES))
def test_a_scene_fills_its_time(name: str) -> None:
    sent = played(name)
    assert not any(each.attack for each in sent)
    assert sent[0].at < 2
    assert sum(each.freq == 2437 for each in sent) > 1000
    assert all(len(each.octets) >= 10 for each in sent)
    seconds = {int(each.at) for each in sent if each.freq == 2437 and each.at < 150}
    assert len(seconds) > 140


def test_reservations_are_long_and_answered() -> None:
    sent = played("ax-reservations")
    rts = [each for each in sent if each.octets[0] == 0xB4 and struct.unpack("<H", each.octets[2:4])[0] > 11_000]
    cts = [each for each in sent if each.octets[0] == 0xC4]
    assert len(rts) > len(cts) > 100
    assert any(each.phy is Phy.HE for each in sent)


def test_reservations_for_bluetooth_are_for_oneself() -> None:
    cts = [each for each in played("bluetooth") if each.octets[0] == 0xC4]
    assert len({each.octets[4:10] for each in cts if each.octets[2:4] == struct.pack("<H", 30_000)}) == 1
    assert len(cts) > 200


def test_stations_that_leave_are_answered() -> None:
    reasons = [
        struct.unpack("<H", each.octets[24:26])[0] for each in played("leavers", 400) if each.octets[:2] == b"\xc0\0"
    ]
    assert {6, 7} <= set(reasons)
    assert len(reasons) > 50


def test_the_campus_has_sixty_access_points_and_damage() -> None:
    sent = played("campus", 60)
    assert len({each.octets[10:16] for each in sent if each.octets[0] == 0x80 and not each.damaged}) == 60
    damaged = [each for each in sent if each.damaged]
    assert len(damaged) > 100
    assert 0 < sum(not each.marked for each in damaged) < len(damaged) / 4


def test_a_benign_capture_says_so(tmp_path: Path) -> None:
    choice = making.Choice([], ["crowd"], [], ["clean", "hopping"], 0.01, 1)
    ((made, _),) = making.everything(tmp_path, choice)
    told = truth.read(made[0].with_suffix(".json"))
    assert told.benign
    assert (told.scene, told.seconds) == ("crowd", 18.0)
