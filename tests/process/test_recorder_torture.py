"""Six of the thousand kills of `make torture-recorder`."""

from __future__ import annotations

import os
import random
import shutil
import tempfile
from pathlib import Path

import pytest
from tests.lab.tun import MonitorTun, skip_without_tun
from tests.process.recorder_torture import AT_ONCE, MEMORY, PROMISE, Round, live_and_die

pytestmark = [pytest.mark.tun, pytest.mark.slow]


def _excuse_starved(outcome: Round) -> None:
    """Skip where others keep the processor from the daemon: then frames are lost in the kernel, which counts them."""
    waiting = os.getloadavg()[0]
    if outcome.missing and waiting > (os.cpu_count() or 1):
        pytest.skip(f"{len(outcome.missing)} frames are missing, but {waiting:.0f} processes want the processor")


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
                    _excuse_starved(outcome)
                    assert not outcome.missing
                    promised += outcome.promised
    assert promised > 1_000
