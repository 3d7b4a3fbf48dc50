from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from whimbrel.events.base import KNOWN_FROM
from whimbrel.timekeeping import evidence

NOW = KNOWN_FROM + 1e7


@pytest.fixture
def make(tmp_path: Path) -> Callable[..., None]:
    """Return a function that makes one of the files in the place of the system's root."""

    def make(path: Path, text: str = "") -> None:
        file = tmp_path / path.relative_to("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    return make


@pytest.fixture(autouse=True)
def kernel(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Return what stands in for the kernel's own flag, which timedatectl would tell: the last one counts."""
    says = [False]
    monkeypatch.setattr(evidence, "_kernel_is_synchronised", lambda: says[-1])
    return says


def test_without_an_answer_the_time_is_an_estimate(tmp_path: Path) -> None:
    assert evidence.told_by(tmp_path, lambda: NOW) == ""


def test_a_time_server_comes_first(tmp_path: Path, make: Callable[..., None]) -> None:
    make(evidence.GIVEN)
    assert evidence.told_by(tmp_path, lambda: NOW) == evidence.PERSON
    make(evidence.SYNCHRONISED)
    assert evidence.told_by(tmp_path, lambda: NOW) == evidence.NETWORK
    assert evidence.is_synchronised(tmp_path)


def test_where_timesyncd_does_not_run_the_kernel_is_asked(
    tmp_path: Path, make: Callable[..., None], kernel: list[bool]
) -> None:
    kernel.append(True)
    assert evidence.told_by(tmp_path, lambda: NOW) == evidence.NETWORK
    make(evidence.SYNCHRONISED.with_name("another"))
    assert evidence.told_by(tmp_path, lambda: NOW) == "", "timesyncd runs, and no server has answered"


@pytest.mark.parametrize(
    ("there", "told"),
    [
        (f"{NOW + 2:.0f}\n", "rtc"),
        (f"{NOW - 3600:.0f}\n", ""),
        ("946684800\n", ""),
        ("", ""),
        ("nonsense", ""),
    ],
)
def test_a_clock_with_a_battery_counts_if_the_system_has_its_time(
    tmp_path: Path, make: Callable[..., None], there: str, told: str
) -> None:
    make(evidence._RTC, there)
    assert evidence.told_by(tmp_path, lambda: NOW) == told


def test_one_that_lost_its_time_does_not_count_though_the_system_has_it(
    tmp_path: Path, make: Callable[..., None]
) -> None:
    make(evidence._RTC, "946684800\n")
    assert evidence.told_by(tmp_path, lambda: 946684801.0) == ""


def test_timedatectl_is_asked_and_may_be_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    program = tmp_path / "timedatectl"
    monkeypatch.setenv("PATH", str(tmp_path))
    assert not evidence._kernel_is_synchronised()
    program.write_text('#!/bin/sh\ntest "$2" = --property=NTPSynchronized && echo yes\n')
    program.chmod(0o755)
    assert evidence._kernel_is_synchronised()
    program.write_text("#!/bin/sh\necho no\n")
    assert not evidence._kernel_is_synchronised()
