"""Eight of the thousand kills of `make torture-history`."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from tests.process.history_torture import live_and_die

pytestmark = pytest.mark.slow


def test_every_acknowledged_alert_survives_a_kill_and_no_number_comes_twice(tmp_path: Path) -> None:
    chance = random.Random(20)
    raised: list[int] = []
    acknowledged = 0
    for _ in range(8):
        outcome = live_and_die(tmp_path, chance.uniform(0.0, 1.0))
        assert not outcome.missing
        raised += outcome.raised
        acknowledged += len(outcome.acknowledged)
    assert len(raised) == len(set(raised))
    assert acknowledged >= 8
