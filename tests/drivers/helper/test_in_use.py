from __future__ import annotations

import stat
from pathlib import Path

import pytest
from tests.drivers.helper.helping import helper_of
from tests.drivers.nl80211.machine import PHY, Machine, Phy, Port
from tests.lab.waiting import block_until

from whimbrel.drivers.helper.in_use import NAME, RadiosInUse
from whimbrel.drivers.helper.link import HelperLink
from whimbrel.drivers.helper.protocol import Ask


def test_the_file_has_a_name_a_line_and_everybody_may_read_it(tmp_path: Path) -> None:
    in_use = RadiosInUse(str(tmp_path))
    in_use.note([])
    assert (tmp_path / NAME).read_text() == ""
    in_use.note(["phy1", "phy0"])
    assert (tmp_path / NAME).read_text() == "phy0\nphy1\n"
    assert stat.S_IMODE((tmp_path / NAME).stat().st_mode) == 0o644
    assert [path.name for path in tmp_path.iterdir()] == [NAME]


@pytest.mark.parametrize("folder", ["", "nowhere"])
def test_without_a_folder_there_is_none(tmp_path: Path, folder: str) -> None:
    RadiosInUse(folder and str(tmp_path / folder)).note(["phy0"])
    assert list(tmp_path.iterdir()) == []


def test_it_has_the_radios_that_are_open(tmp_path: Path) -> None:
    ports = {1: Port("wlan0", 0), 2: Port("wlan1", 1)}
    machine = Machine([Phy("phy0", dict(PHY)), Phy("phy1", dict(PHY))], ports)
    path, noted = tmp_path / "radio.sock", tmp_path / NAME

    def has(text: str) -> None:
        block_until(lambda: noted.exists() and noted.read_text() == text, repr(text))

    with helper_of(machine, path, in_use=RadiosInUse(str(tmp_path))):
        first, second = HelperLink(str(path)), HelperLink(str(path))
        first.ask(Ask.OPEN, name="phy1")
        has("phy1\n")
        second.ask(Ask.SCAN, name="phy0", connected=False)
        has("phy0\nphy1\n")
        first.ask(Ask.CLOSE)
        has("phy0\n")
        second.close()
        has("")
        first.close()
    machine.close()
