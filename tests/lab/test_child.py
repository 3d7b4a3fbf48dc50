from __future__ import annotations

import subprocess
import sys

import pytest
from tests.lab import child
from tests.lab.child import Child

FOREVER = [sys.executable, "-c", "import signal; signal.pause()"]


def test_one_that_ends_by_itself() -> None:
    with Child([sys.executable, "-c", "print('said')"], stdout=subprocess.PIPE, text=True) as process:
        assert process.communicate() == ("said\n", None)
    assert process.returncode == 0


@pytest.mark.parametrize("error", [AssertionError, KeyboardInterrupt])
def test_a_failing_block_leaves_none_behind(error: type[BaseException]) -> None:
    with pytest.raises(error), Child(FOREVER, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        raise error
    assert process.returncode == -9
    assert process.stdin is not None
    assert process.stdin.closed


def test_one_that_does_not_end_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child, "PATIENCE", 0.01)
    with pytest.raises(subprocess.TimeoutExpired), Child(FOREVER) as process:
        pass
    assert process.returncode == -9
