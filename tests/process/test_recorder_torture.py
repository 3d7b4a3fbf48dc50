"""Six of the thousand kills of `make torture-recorder`."""

from __future__ import annotations

import random
import shutil
import tempfile
from pathlib import Path

import pytest
from tests.lab.tun import MonitorTun, skip_without_tun
from tests.process.recorder_torture import AT_ONCE, MEMORY, PROMISE, Round, live_and_die

pytestmark = [pytest.mark.tun, pytest.mark.slow]


@pytest.mark.skipif(shutil.which("tshark") is None, reason="tshark is not installed")
def test_what_is_older_than_the_promise_survives_a_kill() -> None:
    skip_without_tun()
    chance = random.Random(20)
    promised = 0
    with MonitorTun() as tun:
        for _ in range(6 // AT_ONCE):
            with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
                lives = [chance.uniform(PROMISE - 1, PROMISE + 4) for _ in range(AT_ONCE)]
                for outcome in live_and_die(tun, Path(folder), lives):
                    assert not outcome.silent
                    assert outcome.alerts
                    promised += outcome.promised
    assert promised > 1_000


@pytest.mark.parametrize(
    ("missing", "said", "starved", "silent"),
    [([], False, 0.0, False), ([7], False, 0.0, True), ([7], True, 0.0, False), ([7], False, 0.6, False)],
)
def test_a_promise_is_broken_silently_where_it_could_have_been_said(
    missing: list[int], said: bool, starved: float, silent: bool
) -> None:
    assert Round(100, missing, 1.0, 1, said, starved).silent is silent
