from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.system.pi import write

from whimbrel.system import hardware


def test_a_board_with_a_hat(tmp_path: Path) -> None:
    write(tmp_path, "proc/device-tree/model", "Raspberry Pi Zero W Rev 1.1\0")
    write(tmp_path, "proc/device-tree/serial-number", "00000000deadbeef\0")
    write(tmp_path, "proc/device-tree/hat/product", "Display HAT Mini\0")
    write(tmp_path, "proc/device-tree/hat/vendor", "Pimoroni Ltd.\0")
    write(tmp_path, "proc/meminfo", "MemTotal:         437068 kB\n")
    write(tmp_path, "etc/os-release", 'PRETTY_NAME="Debian GNU/Linux 13 (trixie)"\nID=debian\n')
    write(tmp_path, "etc/hostname", "annas-pi\n")
    write(tmp_path, "dev/i2c-1", "")
    found = dict(hardware.machine(tmp_path))
    assert found["board"] == "Raspberry Pi Zero W Rev 1.1"
    assert found["HAT"] == "Display HAT Mini by Pimoroni Ltd."
    assert found["memory"] == "426 MiB"
    assert found["system"] == "Debian GNU/Linux 13 (trixie)"
    assert (found["buses"], found["GPIO"]) == ("i2c-1", "none")
    assert not {"annas-pi", "deadbeef"} & set(" ".join(found.values()).split())


def test_a_usb_radio_is_named_by_its_numbers(tmp_path: Path) -> None:
    usb = tmp_path / "sys/devices/usb1/1-1"
    write(usb, "idVendor", "0cf3\n")
    write(usb, "idProduct", "9271\n")
    write(usb, "manufacturer", "ATHEROS\n")
    write(usb, "product", "USB2.0 WLAN\n")
    write(usb, "serial", "12345\n")
    write(usb, "speed", "480\n")
    write(usb, "1-1:1.0/bInterfaceNumber", "00\n")
    write(usb, "1-1:1.0/ieee80211/phy1/macaddress", "00:c0:ca:00:00:01\n")
    (tmp_path / "sys/class/ieee80211").mkdir(parents=True)
    (usb / "1-1:1.0/ieee80211/phy1/device").symlink_to(usb / "1-1:1.0")
    (tmp_path / "sys/class/ieee80211/phy1").symlink_to(usb / "1-1:1.0/ieee80211/phy1")
    (tmp_path / "drivers/ath9k_htc").mkdir(parents=True)
    (usb / "1-1:1.0/driver").symlink_to(tmp_path / "drivers/ath9k_htc")
    lines = dict(hardware.radios(tmp_path)["phy1"])
    assert lines["driver"] == "ath9k_htc"
    assert lines["identity"] == "0cf3:9271"
    assert lines["product"] == "ATHEROS USB2.0 WLAN"
    assert lines["USB"] == "480 Mbit/s"
    assert "12345" not in " ".join(lines.values())


def test_channels_by_band() -> None:
    assert hardware.bands([2412, 2437, 5180, 5955]) == "2 at 2.4 GHz, 1 at 5 GHz, 1 at 6 GHz"
    assert hardware.bands([]) == "none"


@pytest.mark.parametrize(
    "private",
    [
        "00:c0:ca:00:00:01",
        "00-C0-CA-00-00-01",
        "192.0.2.17",
        "2001:db8::7",
        "::1",
        "fe80::1%wlan0",
        "::ffff:192.0.2.17",
    ],
)
def test_addresses_are_left_out(private: str) -> None:
    assert hardware.public(f"driver of {private}, 2412 MHz") == "driver of (left out), 2412 MHz"


@given(st.binary(min_size=6, max_size=6), st.text(max_size=20))
def test_no_address_stays(address: bytes, around: str) -> None:
    assert address.hex(":") not in hardware.public(f"{around} {address.hex(':')} {around}")


@given(st.ip_addresses(), st.text(alphabet="g:.% 0123456789abcdefxyz", max_size=12), st.booleans())
def test_no_ip_address_stays(address: IPv4Address | IPv6Address, between: str, whole: bool) -> None:
    words = f"of {address.exploded if whole else address} {between}"
    told = hardware.public(words)
    assert str(address) not in told
    assert address.exploded not in told


@given(st.ip_addresses(v=6), st.text(alphabet="g:.% 0123456789abcdefxyz", max_size=12))
def test_no_ipv6_address_stays_whatever_is_around_it(address: IPv6Address, around: str) -> None:
    assert str(address) not in hardware.public(f"{around}{address}{around}")


@pytest.mark.parametrize("plain", ["0cf3:9271", "up: 5, down: 6", "Rev 1.1", "1-1:1.0", "Debian GNU/Linux 13 (trixie)"])
def test_what_is_no_address_stays(plain: str) -> None:
    assert hardware.public(plain) == plain
