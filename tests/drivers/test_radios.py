from __future__ import annotations

from pathlib import Path

import pytest

from whimbrel.drivers.radios import RadioNames, all_names, names_of, radio_in


@pytest.fixture
def sysfs(tmp_path: Path) -> Path:
    """An adapter on the USB and the radio of the board, as sysfs shows them."""
    radios = tmp_path / "class" / "ieee80211"
    for radio, device, driver, bus in (
        ("phy2", "usb1/1-1/1-1.2/1-1.2:1.0", "ath9k_htc", "usb"),
        ("phy0", "mmc1/mmc1:0001:1", "brcmfmac", "sdio"),
    ):
        at = tmp_path / "devices" / device
        at.mkdir(parents=True)
        for link, target in (("driver", f"drivers/{driver}"), ("subsystem", f"bus/{bus}")):
            (tmp_path / target).mkdir(parents=True, exist_ok=True)
            (at / link).symlink_to(tmp_path / target)
        (radios / radio).mkdir(parents=True)
        (radios / radio / "device").symlink_to(at)
        if bus == "usb":
            (at.parent / "devnum").write_text("7\n")
        (radios / radio / "macaddress").write_text(f"00:C0:CA:00:00:0{radio[-1]}\n")
    return radios


def test_the_names_of_an_adapter(sysfs: Path) -> None:
    names = names_of("phy2", sysfs)
    assert names == RadioNames(name="phy2", place="1-1.2", driver="ath9k_htc", address="00:c0:ca:00:00:02", plug="7")
    assert str(names) == "phy2 (driver:ath9k_htc, usb:1-1.2, 00:c0:ca:00:00:02)"


@pytest.mark.parametrize("wanted", ["phy2", "usb:1-1.2", "driver:ath9k_htc", "00:C0:ca:00:00:02"])
def test_each_name_means_it(sysfs: Path, wanted: str) -> None:
    assert [names.name for names in all_names(sysfs) if names.is_called(wanted)] == ["phy2"]


@pytest.mark.parametrize(
    "wanted", ["", "usb:", "driver:", "usb:1-1", "ath9k_htc", "00:c0:ca:00:00:09", "phy", "usb:1-1.2:1.0"]
)
def test_other_names_mean_nothing(sysfs: Path, wanted: str) -> None:
    assert not any(names.is_called(wanted) for names in all_names(sysfs))


def test_a_radio_of_the_board_has_no_place(sysfs: Path) -> None:
    assert str(names_of("phy0", sysfs)) == "phy0 (driver:brcmfmac, 00:c0:ca:00:00:00)"


def test_who_it_is_stays_until_it_is_plugged_in_again(sysfs: Path) -> None:
    before = names_of("phy2", sysfs).identity
    (sysfs / "phy2").rename(sysfs / "phy3")  # its driver was bound anew
    assert names_of("phy3", sysfs).identity == before
    (sysfs.parent.parent / "devices/usb1/1-1/1-1.2/devnum").write_text("8\n")
    assert names_of("phy3", sysfs).identity != before
    assert names_of("phy0", sysfs).identity == "00:c0:ca:00:00:00"
    assert names_of("phy9", sysfs).identity == "phy9"


def test_what_sysfs_does_not_have_is_unknown(tmp_path: Path) -> None:
    names = names_of("phy9", tmp_path)
    assert str(names) == "phy9"
    assert not names.is_called("usb:")
    assert all_names(tmp_path / "none") == []


def test_the_radio_in_a_description() -> None:
    assert radio_in("wlan1mon (phy1, ath9k_htc)") == "phy1"
    assert radio_in("simulated air, scene home, seed 7") == ""
    assert radio_in("tun0 (tun)") == ""
    assert radio_in("") == ""
