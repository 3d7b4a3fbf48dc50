from __future__ import annotations

from typing import Any

import pytest
from tests.lab.fresh import fresh

from whimbrel.drivers.linux.source import LinuxSource
from whimbrel.drivers.pcap import PcapSource
from whimbrel.drivers.registry import KEYPADS, PANELS, SOURCES, TUNERS, BrokenDriver, Driver, Port, UnknownDriver
from whimbrel.drivers.registry import settings_class as settings_of
from whimbrel.settings.fields import is_settings

PORTS: tuple[Port[Any], ...] = (SOURCES, TUNERS, KEYPADS, PANELS)
ALL = [pytest.param(port, driver, id=f"{port.name}.{name}") for port in PORTS for name, driver in port.drivers.items()]


def test_drivers_are_found_by_name() -> None:
    found: list[object] = [SOURCES.load("linux"), SOURCES.load("pcap")]
    assert found == [LinuxSource, PcapSource]


@pytest.mark.parametrize(("port", "driver"), ALL)
def test_every_driver_exists_with_its_settings(port: Port[Any], driver: Driver) -> None:
    assert callable(port.load(driver.name))
    assert driver.help
    section = settings_of(driver)
    assert section is None or is_settings(section)


def test_every_tuner_tunes_a_source_that_there_is() -> None:
    for tuner in TUNERS.drivers.values():
        assert tuner.tunes
        assert set(tuner.tunes) <= set(SOURCES.drivers)


def test_unknown_names_are_answered_with_the_known() -> None:
    with pytest.raises(
        UnknownDriver, match="no frame source is called 'wlan'; there are linux, scan, scapy, pcap, sim"
    ):
        SOURCES.load("wlan")
    with pytest.raises(UnknownDriver, match="no tuner is called 'nl8021'; did you mean nl80211"):
        TUNERS.load("nl8021")


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("whimbrel.no_such:Thing", "whimbrel.no_such:Thing cannot be imported: ModuleNotFoundError"),
        ("whimbrel.drivers.pcap:Thing", "AttributeError"),
    ],
)
def test_a_driver_that_cannot_be_imported(target: str, said: str) -> None:
    port = Port[Any]("source", "frame source", Driver(name="bad", target=target, settings=target, help="none"))
    with pytest.raises(BrokenDriver, match=said):
        port.load("bad")
    with pytest.raises(BrokenDriver, match=said):
        settings_of(port.drivers["bad"])


def test_no_driver_is_imported_before_it_is_asked_for() -> None:
    script = (
        "import sys, whimbrel.drivers.registry\n"
        "print([name for name in sys.modules if name.startswith('whimbrel.drivers.')"
        " and name not in ('whimbrel.drivers.registry', 'whimbrel.drivers.ports')],"
        " 'importlib.metadata' in sys.modules)"
    )
    assert fresh(script).stdout == "[] False\n"


def test_live_capture_needs_neither_scapy_nor_ctypes() -> None:
    script = (
        "import sys\n"
        "from whimbrel.drivers.linux.source import LinuxSource\n"
        "print(sorted({'scapy', 'ctypes', 'gzip'} & set(sys.modules)))"
    )
    assert fresh(script).stdout == "[]\n"
