"""Fixtures that every part shares."""

from __future__ import annotations

import itertools
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import pytest

if TYPE_CHECKING:
    from tests.lab.tun import MonitorTun

# The duration of examples depends more on the machine than on the code.
hypothesis.settings.register_profile("untimed", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
# On an emulated processor (tools/armel_tests.py): few examples, the same in each run, kept nowhere.
hypothesis.settings.register_profile(
    "emulated", hypothesis.settings.get_profile("untimed"), max_examples=10, derandomize=True, database=None,
)  # fmt: skip
hypothesis.settings.load_profile("untimed")

# Where a shell has started the tests in the background, Ctrl-C is ignored, by the programs that they start too.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


_numbers = itertools.count()


def pytest_sessionstart(session: pytest.Session) -> None:
    """Where coverage is measured, have processes that tests start measured too, each for the test that started it."""
    config = session.config
    has_workers = bool(config.getoption("numprocesses", None)) and not hasattr(config, "workerinput")
    if config.getoption("cov_source", None) and not has_workers:
        os.environ["COVERAGE_PROCESS_START"] = str(config.rootpath / "pyproject.toml")
        os.environ["COVERAGE_FILE"] = str(config.rootpath / "build" / "coverage" / "data")


@pytest.fixture(autouse=True, scope="module")
def _state_of_the_module(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the daemon shared by the tests of a module from finding state of another one, or of this machine's user."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STATE_DIRECTORY", str(tmp_path_factory.getbasetemp() / f"state-{next(_numbers)}"))
        yield


@pytest.fixture(autouse=True)
def _state_of_its_own(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep tests from finding state of other tests; the folder is made when it is needed."""
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path_factory.getbasetemp() / f"state-{next(_numbers)}"))


CAPTURES = Path(__file__).resolve().parents[2] / "shared" / "captures"


@pytest.fixture(scope="session")
def captures() -> Path:
    """Return the folder of real captures, which is not part of the project; skip where it is absent."""
    if not CAPTURES.is_dir():
        pytest.skip(f"the shared captures are not at {CAPTURES}")
    return CAPTURES


@pytest.fixture
def tun() -> Iterator[MonitorTun]:
    """Return a monitor interface in a network namespace of its own; skip where none can be made."""
    from tests.lab.tun import MonitorTun, skip_without_tun

    skip_without_tun()
    with MonitorTun() as made:
        yield made
