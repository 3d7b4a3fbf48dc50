"""The same air as it is and thinned: the same survey, the same findings, the same alerts."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.lab.thinned import as_it_is, differences, records_of, scene_records, skip_without_filter, thinned

CAPTURES = [
    "wids-802.11x/deauth.pcap",
    "wids-802.11x/100x0.1fap.pcap",
    "deauth-attack/deauth.pcap",
    "vanhoef/wpa3.pcapng",
    "vanhoef/wpa3_transition_wpa3client_24ghz.pcapng",
]
SCENES = [("attack", 1, 60.0, False), ("attack", 3, 60.0, True), ("cafe", 1, 30.0, False), ("day", 1, 60.0, True)]


@pytest.fixture(autouse=True)
def compiled() -> None:
    skip_without_filter()


@pytest.mark.parametrize("name", CAPTURES)
def test_a_real_capture_gives_the_same(captures: Path, name: str) -> None:
    batches = records_of(captures / name)
    one, other = as_it_is(batches), thinned(batches)
    assert list(differences(one, other)) == []
    assert one.alerts or one.access_points


@pytest.mark.parametrize(("scene", "seed", "seconds", "hop"), SCENES)
def test_a_scene_gives_the_same(scene: str, seed: int, seconds: float, hop: bool) -> None:
    batches = scene_records(scene, seed, seconds, hop=hop)
    one, other = as_it_is(batches), thinned(batches)
    assert list(differences(one, other)) == []
    assert other.passed < 0.85 * other.frames
    assert other.taken > 20
