from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.system.pi import IF_INET6, MEMINFO, STAT, STATM

from whimbrel.system import readers
from whimbrel.system.readers import CpuTimes, Memory, cpu_share


def test_a_zero() -> None:
    assert readers.cpu_times(STAT) == CpuTimes(busy=14530, total=114163)
    assert readers.memory(MEMINFO) == Memory(used=(437068 - 311220) * 1024, total=437068 * 1024)
    assert readers.resident(STATM, 4096) == 10325 * 4096
    assert readers.temperature("48312\n") == 48.312
    assert readers.temperature("-5000\n") == -5.0
    assert readers.charge("87\n") == 0.87
    assert readers.alarm("1\n")
    assert not readers.alarm("0\n")


def test_addresses_that_lead_here() -> None:
    assert readers.inet6(IF_INET6) == (("wlan0", "2001:db8:0:1::17"), ("usb0", "fd00::ba27:ebff:fe11:2233"))


def test_share_of_the_time_between() -> None:
    before = CpuTimes(100, 1000)
    assert cpu_share(before, CpuTimes(150, 1200)) == 0.25
    assert cpu_share(before, before) is None
    assert cpu_share(None, before) is None
    assert cpu_share(before, None) is None
    assert cpu_share(before, CpuTimes(90, 1001)) == 0.0
    assert cpu_share(before, CpuTimes(500, 1100)) == 1.0


def test_guest_time_is_counted_once() -> None:
    assert readers.cpu_times("cpu 10 0 0 90 0 0 0 0 10 0\n") == CpuTimes(10, 100)


@pytest.mark.parametrize(
    "stat", ["", "cpu", "cpu 1 2 3", "cpu0 1 2 3 4", "cpu 1 2 x 4", "cpu 1 -2 3 4", "cpu 1_0 2 3 4"]
)
def test_no_times(stat: str) -> None:
    assert readers.cpu_times(stat) is None


@pytest.mark.parametrize("meminfo", ["", "MemTotal: 5 kB", "MemTotal: x kB\nMemAvailable: 4 kB", "MemTotal 5\nMem: 4"])
def test_no_memory(meminfo: str) -> None:
    assert readers.memory(meminfo) is None


def test_numbers_out_of_this_world() -> None:
    assert readers.temperature("9" * 4000) is None
    assert readers.temperature("300001") is None
    assert readers.temperature("٤٨٣١٢") is None
    assert readers.charge("101") is None
    assert readers.charge("-1") is None
    assert readers.resident("1", 4096) is None
    assert readers.resident("1 -1", 4096) is None


@pytest.mark.parametrize("line", ["zz 02 40 00 00 wlan0", "20010db8 02 40 00 00 wlan0", "1 2 3", "é 1 40 00 00 x"])
def test_no_address(line: str) -> None:
    assert readers.inet6(line) == ()


words = st.lists(st.text() | st.sampled_from(["cpu", "MemTotal:", "MemAvailable:", "kB", "-1", "1", "\n", "f" * 32]))


@given(st.text() | words.map(" ".join))
def test_any_text_is_read_without_an_error(text: str) -> None:
    times = readers.cpu_times(text)
    assert times is None or 0 <= times.busy <= times.total
    memory = readers.memory(text)
    assert memory is None or memory.used >= 0
    share = readers.charge(text)
    assert share is None or 0 <= share <= 1
    pages = readers.resident(text, 4096)
    assert pages is None or pages >= 0
    readers.temperature(text)
    readers.alarm(text)
    assert all(":" in address for _, address in readers.inet6(text))
