from __future__ import annotations

import subprocess
import sys

import pytest
from tools.bench.__main__ import table
from tools.bench.measure import cpu_seconds, faster, interleave, limit, part


def test_a_budget_is_met_or_missed() -> None:
    assert faster("a frame", 1.0, "us", "scapy", 200.0, 200).met
    assert not faster("a frame", 1.0, "us", "scapy", 199.0, 200).met
    assert part("a start", 0.4, "s", "scapy", 1.0, 0.5).met
    assert not part("a start", 0.5, "s", "scapy", 1.0, 0.5).met
    assert limit("memory", 64.0, "MB", 64.0).met
    assert not limit("memory", 64.1, "MB", 64.0).met


def test_what_is_missed_is_shown() -> None:
    shown = table([faster("a frame", 1.0, "us", "dpkt", 2.0, 5), faster("an event", 1.0, "us", "tokio", 2.0, None)])
    assert ["MISSED" in line for line in shown] == [False, True, False]
    assert "at least 5 times faster" in shown[1]


def test_runs_take_turns_and_the_median_counts() -> None:
    order: list[str] = []

    def run(name: str, costs: list[float]) -> float:
        order.append(name)
        return costs.pop()

    first, second = [9.0, 1.0, 2.0], [5.0, 5.0, 4.0]
    assert interleave([lambda: run("a", first), lambda: run("b", second)], 3) == [2.0, 5.0]
    assert order == ["a", "b"] * 3


def test_cpu_time_is_that_of_the_process_alone() -> None:
    idle = cpu_seconds([sys.executable, "-S", "-c", "import time; time.sleep(0.3)"])
    busy = cpu_seconds([sys.executable, "-S", "-c", "import time\nwhile time.process_time() < 0.5: pass"])
    assert idle < 0.3
    assert busy >= 0.5


def test_a_run_that_fails_counts_for_nothing() -> None:
    with pytest.raises(subprocess.CalledProcessError):
        cpu_seconds([sys.executable, "-S", "-c", "raise SystemExit(3)"])
