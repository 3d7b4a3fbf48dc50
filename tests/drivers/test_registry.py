from __future__ import annotations

import subprocess
import sys

import pytest

from whimbrel.drivers.linux.source import LinuxSource
from whimbrel.drivers.pcap import PcapSource
from whimbrel.drivers.registry import SOURCES, TUNERS, frame_source, tuner


def test_drivers_are_found_by_name() -> None:
    found: list[object] = [frame_source("linux"), frame_source("pcap")]
    assert found == [LinuxSource, PcapSource]


@pytest.mark.parametrize("name", SOURCES)
def test_every_frame_source_exists(name: str) -> None:
    assert callable(frame_source(name))


@pytest.mark.parametrize("name", TUNERS)
def test_every_tuner_exists(name: str) -> None:
    assert callable(tuner(name))


def test_unknown_names_are_answered_with_the_known() -> None:
    with pytest.raises(ValueError, match="'wlan'; there are linux, pcap, sim"):
        frame_source("wlan")
    with pytest.raises(ValueError, match="'wlan'; there are nl80211, sim"):
        tuner("wlan")


def test_no_driver_is_imported_before_it_is_asked_for() -> None:
    script = (
        "import sys, whimbrel.drivers.registry\n"
        "print([name for name in sys.modules if name.startswith('whimbrel.drivers.')"
        " and name not in ('whimbrel.drivers.registry', 'whimbrel.drivers.ports')])"
    )
    assert subprocess.check_output([sys.executable, "-c", script], text=True) == "[]\n"


def test_live_capture_needs_neither_scapy_nor_ctypes() -> None:
    script = (
        "import sys\n"
        "from whimbrel.drivers.linux.source import LinuxSource\n"
        "print(sorted({'scapy', 'ctypes', 'gzip'} & set(sys.modules)))"
    )
    assert subprocess.check_output([sys.executable, "-c", script], text=True) == "[]\n"
