"""Twenty of the thousand kills of `make torture-recorder`."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import pytest
from tests.lab.tun import MonitorTun, skip_without_tun
from tests.process.recorder_torture import live_and_die

pytestmark = [pytest.mark.tun, pytest.mark.slow]


@pytest.mark.skipif(shutil.which("tshark") is None, reason="tshark is not installed")
def test_what_is_older_than_the_promise_survives_a_kill(tmp_path: Path) -> None:
    skip_without_tun()
    chance = random.Random(20)
    promised = 0
    with MonitorTun() as tun:
        for number in range(20):
            folder = tmp_path / str(number)
            folder.mkdir()
            outcome = live_and_die(tun, folder, chance.uniform(0.0, 3.0))
            assert not outcome.missing
            promised += outcome.promised
    assert promised > 5000
