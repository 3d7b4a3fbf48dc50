"""What a day of the daemon counts as growth."""

from __future__ import annotations

import os
from pathlib import Path

from tests.process.daemon_day import Use, grown, in_use


def looks(descriptors: list[int]) -> list[Use]:
    return [Use(40 << 20, count, 9, 5) for count in descriptors]


def test_what_fills_at_the_start_and_what_varies_does_not_grow() -> None:
    assert grown(looks([10, 40, 40, 40])) == []
    assert grown(looks([20, 60, 20, 60] * 30)) == []
    assert grown(looks([20] * 90 + [22] * 30)) == [], "a worker more"
    assert grown(looks([20])) == []


def test_what_is_never_given_back_grows() -> None:
    assert grown(looks([20 + number // 10 for number in range(180)])) == ["descriptors: from at most 28 to at least 33"]


def test_a_process_is_looked_at(tmp_path: Path) -> None:
    (tmp_path / "recordings").mkdir()
    (tmp_path / "recordings/one.pcapng").touch()
    (tmp_path / "history.db").touch()
    found = in_use(os.getpid(), tmp_path)
    assert found.memory > 1 << 20
    assert found.descriptors > 2
    assert (found.threads >= 1, found.files) == (True, 1)
    assert in_use(1 << 22, tmp_path) == Use(0, 0, 0, 1)
