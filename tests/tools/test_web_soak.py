"""The soak of the web page: its air is a scene, and what grows is found."""

from __future__ import annotations

import pytest
from tools.web_page.soak import ALLOWED, RADIOS, REACH, Sample, faults, scene

from whimbrel.drivers.sim import library


def samples(growing: str = "", by: float = 0.0, number: int = 40) -> list[Sample]:
    flat = Sample(0.0, RADIOS, 3.0, 400, 90, 40.0, 90.0)
    grown = (
        [flat._replace(**{growing: getattr(flat, growing) + by * at / number}) for at in range(number)] if by else []
    )
    return grown or [flat] * number


def test_the_air_is_a_scene_of_two_hundred_radios() -> None:
    assert len(library.parse(scene(), "scene").radios) == RADIOS


def test_what_stays_is_no_fault() -> None:
    assert faults(samples()) == []


@pytest.mark.parametrize("name", ALLOWED)
def test_what_grows_is_one(name: str) -> None:
    assert faults(samples(name, ALLOWED[name] * 2))[0].startswith(f"{name} has grown")
    assert faults(samples(name, ALLOWED[name] / 2)) == []


def test_a_second_process_that_is_too_large_is_one() -> None:
    large = [sample._replace(reach=REACH + 0.1) for sample in samples()]
    assert faults(large) == [f"reach has taken {REACH + 0.1:.1f} MiB, more than {REACH:g}"]


def test_what_is_too_short_says_nothing() -> None:
    assert faults(samples(number=1)) == ["too short: nothing to compare"]
