"""The networks of wifi.txt: taken for the board's own radio, their passwords off the card."""

from __future__ import annotations

import configparser
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.deploy.test_image_boot_settings import PROJECT, Card, every_cut

IMAGE = PROJECT / "deploy/image"
OWN_RADIO = IMAGE / "root/usr/lib/whimbrel-image/own-radio"
pytestmark = pytest.mark.skipif(
    not all(map(shutil.which, ("bash", "ssh-keygen", "mountpoint"))), reason="bash, ssh-keygen or mountpoint is missing"
)
PASSWORD, PSK = "password", "f42c6fc52df0ebef9ebb4b90b38a5f902e83fe1b135a70e23aed762e9710a12e"
"""Of the network called IEEE: a test vector of IEEE 802.11 (annex J.4 of 802.11-2016)."""
FILE = f"# Ours\nssid=IEEE\npassword={PASSWORD}\n...\n"


@pytest.fixture
def card(tmp_path: Path) -> Card:
    card = Card(tmp_path)
    (card.boot / "hardware.txt").touch()
    (card.programs / "python3").write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    (card.programs / "wpa_supplicant").touch()
    for program in ("python3", "wpa_supplicant"):
        (card.programs / program).chmod(0o755)
    return card


def put(card: Card, text: str | bytes) -> Path:
    file = card.boot / "wifi.txt"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return file


def taken(card: Card) -> list[dict[str, str]]:
    """Return the networks of wpa_supplicant's settings, the first one first."""
    file = card.state / "wifi.conf"
    if not file.exists():
        return []
    blocks = file.read_text().split("network={\n")[1:]
    return [dict(line.strip().split("=", 1) for line in block.splitlines() if "=" in line) for block in blocks]


def test_a_network_is_taken_and_the_card_keeps_no_password(card: Card) -> None:
    file = put(card, FILE)
    assert card.start() == ""
    (network,) = taken(card)
    assert (network["ssid"], network["psk"]) == (b"IEEE".hex(), PSK)
    assert network["scan_ssid"] == "0"
    assert (card.state / "wifi.conf").stat().st_mode & 0o777 == 0o600
    assert file.read_text() == "# Ours\nssid=IEEE\npassword=*\n...\n"
    everything = [path for folder in (card.boot, card.etc, card.run) for path in folder.rglob("*") if path.is_file()]
    assert not [
        path for path in everything if PASSWORD in path.read_text().replace("password=", "") or PSK in path.read_text()
    ]
    assert not card.problems


def test_the_next_start_keeps_it_and_writes_nothing(card: Card) -> None:
    file = put(card, FILE)
    card.start()
    written = [file, card.state / "wifi.conf"]
    before = [(path.stat().st_ino, path.stat().st_mtime_ns) for path in written]
    assert card.start() == ""
    assert taken(card)[0]["psk"] == PSK
    assert [(path.stat().st_ino, path.stat().st_mtime_ns) for path in written] == before


def test_it_is_off_as_the_card_is_made(card: Card) -> None:
    made = (IMAGE / "boot/wifi.txt").read_text()
    put(card, made)
    (card.programs / "python3").write_text("#!/bin/sh\nexit 1\n")
    assert card.start() == "", "nobody is asked"
    assert not taken(card)


def test_the_lines_on_the_card_need_only_lose_their_mark(card: Card) -> None:
    made = (IMAGE / "boot/wifi.txt").read_text()
    put(card, made.replace("#ssid=", "ssid=").replace("#password=", "password=").replace("#country=", "country="))
    assert card.start() == ""
    assert [bytes.fromhex(network["ssid"]) for network in taken(card)] == [b"My network"]
    assert (card.modprobe / "whimbrel-country.conf").read_text().endswith("=GB\n")


@pytest.mark.skipif(bool(shutil.which("wpa_supplicant")), reason="this machine has a wpa_supplicant of its own")
def test_an_older_image_with_a_newer_package_says_what_it_lacks(card: Card) -> None:
    file = put(card, FILE)
    (card.programs / "wpa_supplicant").unlink()
    assert "wifi.txt: this card is of an older image, which has no wpa_supplicant" in card.start()
    assert file.read_text() == FILE


def test_a_network_that_is_taken_out_is_forgotten(card: Card) -> None:
    put(card, FILE)
    card.start()
    put(card, FILE.replace("ssid=", "#ssid=").replace("password=", "#password="))
    assert card.start() == ""
    assert not taken(card)
    put(card, FILE)
    card.start()
    (card.boot / "wifi.txt").unlink()
    assert card.start() == ""
    assert not (card.state / "wifi.conf").exists()


def test_a_start_without_the_partition_forgets_nothing(card: Card) -> None:
    put(card, FILE.replace("...", "country=GB\n..."))
    card.start()
    away = card.boot.rename(card.boot.with_name("away"))
    card.boot.mkdir()
    (card.modprobe / "whimbrel-country.conf").unlink()
    assert card.start() == ""
    assert [each["psk"] for each in taken(card)] == [PSK]
    assert (card.modprobe / "whimbrel-country.conf").read_text().endswith("=GB\n")
    card.boot.rmdir()
    away.rename(card.boot)
    assert card.start() == ""
    assert [each["psk"] for each in taken(card)] == [PSK]


def test_several_networks_the_first_one_before_the_others(card: Card) -> None:
    text = (
        'ssid=IEEE\npassword=password\n\nssid = Z\xfcrich # 2 \nhidden=yes\npassword = " in quotes "\n'
        f"ssid=Open\nopen=yes\nssid=Key\npsk={PSK.upper()}\n...\n"
    )
    file = put(card, b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
    assert card.start() == ""
    networks = taken(card)
    assert [bytes.fromhex(each["ssid"]).decode() for each in networks] == ["IEEE", "Z\xfcrich # 2", "Open", "Key"]
    assert [int(each["priority"]) for each in networks] == [4, 3, 2, 1]
    assert [each["scan_ssid"] for each in networks] == ["0", "1", "0", "0"]
    assert [each.get("psk", "")[:4] for each in networks][::3] == [PSK[:4]] * 2
    assert "psk" not in networks[2]
    assert networks[2]["key_mgmt"] == "NONE"
    left = file.read_bytes().decode("utf-8-sig")
    assert left.count("=*\r\n") == 3
    assert left.replace("*", "").count("\r\n") == text.count("\n")
    assert card.start() == ""
    assert taken(card) == networks


def test_networks_beyond_the_last_one_that_is_taken_are_told(card: Card) -> None:
    text = "".join(f"ssid=Network {number}\nopen=yes\n" for number in range(16))
    put(card, f"{text}...\n")
    assert card.start() == ""
    file = put(card, f"{text}ssid=More\npassword=secret12\n...\n")
    assert "wifi.txt: 16 networks are taken, not the last 1: remove them" in card.start()
    assert "their passwords" in card.problems
    assert len(taken(card)) == 16
    assert "password=secret12" in file.read_text()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("ssid=IEEE\npassword=short\n", "network 'IEEE': password has 5 characters, needs 8 to 63"),
        (f"ssid=IEEE\npassword={'x' * 64}\n", "network 'IEEE': password has 64 characters, needs 8 to 63"),
        ("ssid=IEEE\n", "network 'IEEE': no password; if it needs none, write open=yes"),
        ("ssid=\npassword=password\n", "network '': its name has 0 octets, 1 to 32 are possible"),
        (f"ssid={'x' * 33}\npassword=password\n", "its name has 33 octets, 1 to 32 are possible"),
        ("ssid=IEEE\npassword=*\n", "network 'IEEE': its password is not kept on this device: write it anew"),
        ("password=secret12\nssid=IEEE\npassword=password\n", "line 1: password= belongs below the ssid="),
        ("ssid=IEEE\nsecret12\npassword=password\n", "line 2: what stands there is not known here"),
        ("ssid=IEEE\npassword=password\nhidden=perhaps\n", "line 3: hidden: yes or no; it is taken for no"),
        ("ssid=IEEE\npassword=password\ncountry=GBR\n", "country: two letters"),
    ],
)
def test_what_is_wrong_is_said_and_the_rest_taken(card: Card, text: str, said: str) -> None:
    put(card, f"{text}ssid=Other\npassword=password\n...\n")
    told = card.start()
    assert "<4>wifi.txt: " in told
    assert said in card.problems
    assert "secret12" not in told + card.problems
    assert bytes.fromhex(taken(card)[-1]["ssid"]) == b"Other"


def test_a_file_that_was_cut_leaves_the_last_good_one(card: Card) -> None:
    put(card, FILE)
    card.start()
    for cut in (*every_cut(FILE)[:-1], FILE + "ssid=Other\npass", "\0" * 64):
        put(card, cut)
        assert "<4>wifi.txt is refused, the last good one stays" in card.start(), cut
        assert [each["psk"] for each in taken(card)] == [PSK]
    put(card, FILE.encode().replace(b"IEEE", b"Z\xfcrich"))
    assert "not a text in UTF-8" in card.start()
    assert [each["psk"] for each in taken(card)] == [PSK]


def test_what_is_cut_off_between_its_two_steps_is_right(card: Card) -> None:
    """The power goes after the password was written over in its place."""
    put(card, FILE)
    card.start()
    file = put(card, FILE.replace(f"={PASSWORD}", "=*" + " " * (len(PASSWORD) - 1)))
    assert card.start() == ""
    assert taken(card)[0]["psk"] == PSK
    assert file.exists()


def test_a_card_that_cannot_be_written_is_told(card: Card) -> None:
    file = put(card, FILE)
    mode = card.write_protected()
    assert "wifi.txt: the passwords are taken, but could not be removed from this card" in card.start()
    assert taken(card)[0]["psk"] == PSK
    assert file.read_text() == FILE
    card.program("mount", f'echo "${{2#remount,}}" > {mode}')
    assert card.start() == ""
    assert mode.read_text() == "ro\n"
    assert PASSWORD not in file.read_text().replace("password=", "")


def test_the_country_of_device_txt_goes_first(card: Card) -> None:
    (card.boot / "device.txt").write_text("country=DE\n...\n")
    put(card, FILE.replace("...", "country=GB\n..."))
    card.start()
    assert (card.modprobe / "whimbrel-country.conf").read_text().endswith("=DE\n")


class Radios:
    """Radios as /sys has them, without any of this machine."""

    def __init__(self, folder: Path) -> None:
        self.sys, self.state, self.programs = folder / "sys", folder / "state", folder / "programs"
        for made in (self.sys / "class/ieee80211", self.state, self.programs):
            made.mkdir(parents=True)
        (self.programs / "wpa_supplicant").write_text('#!/bin/sh\necho "$@"\n')
        (self.programs / "wpa_supplicant").chmod(0o755)

    def plug(self, name: str, place: str, interfaces: dict[str, int]) -> None:
        device = self.sys / "devices/platform/soc" / place
        for interface, kind in interfaces.items():
            (device / "net" / interface).mkdir(parents=True)
            (device / "net" / interface / "type").write_text(f"{kind}\n")
        radio = device / "ieee80211" / name
        radio.mkdir(parents=True)
        (radio / "device").symlink_to(device)
        (self.sys / "class/ieee80211" / name).symlink_to(radio)

    def ask(self, request: str) -> tuple[int, str]:
        variables = {"WHIMBREL_RADIOS": str(self.sys / "class/ieee80211"), "WHIMBREL_STATE": str(self.state)}
        done = subprocess.run(
            ["bash", OWN_RADIO, request], capture_output=True, text=True, check=False,
            env=variables | {"PATH": f"{self.programs}:/usr/bin:/bin"},
        )  # fmt: skip
        assert not done.stderr
        return done.returncode, done.stdout.strip()


SDIO, USB = "20300000.mmc/mmc_host/mmc1/mmc1:0001/mmc1:0001:1", "20980000.usb/usb1/1-1/1-1:1.0"


def test_the_board_s_radio_joins_only_while_another_one_listens(tmp_path: Path) -> None:
    radios = Radios(tmp_path)
    assert radios.ask("may-join") == (1, "the board has no radio of its own")
    radios.plug("phy1", SDIO, {"mon0": 803, "wlan0": 1})
    status, said = radios.ask("may-join")
    assert status == 1
    assert said == "phy1 is the only radio: it listens, and joins a network once an adapter is plugged in"
    radios.plug("phy0", USB, {"wlx0": 1})
    assert radios.ask("may-join") == (0, "")
    assert radios.ask("join") == (0, f"-D nl80211 -i wlan0 -c {radios.state}/wifi.conf")


def test_an_adapter_never_joins(tmp_path: Path) -> None:
    radios = Radios(tmp_path)
    radios.plug("phy0", USB, {"wlan0": 1})
    assert radios.ask("may-join") == (1, "the board has no radio of its own")
    radios.plug("phy1", SDIO, {"mon1": 803})
    assert radios.ask("may-join") == (1, "phy1 has no interface to join a network with")


def test_units_wait_for_a_network_that_was_taken() -> None:
    folder, units = IMAGE / "root/etc", IMAGE / "root/usr/lib/systemd/system"
    unit = configparser.RawConfigParser(strict=False)
    unit.read_string((units / "whimbrel-wifi.service").read_text())
    assert unit["Unit"]["ConditionPathExists"] == "/var/lib/whimbrel-image/wifi.conf"
    assert unit["Service"]["ExecCondition"].endswith("own-radio may-join")
    rules = (folder / "udev/rules.d/60-whimbrel-wifi.rules").read_text()
    assert rules.count('TEST=="/var/lib/whimbrel-image/wifi.conf"') == 2
    network = (folder / "systemd/network/25-whimbrel-wifi.network").read_text()
    assert "ActivationPolicy=manual\n" in network, "interfaces that listen are not set up"
    fill = (IMAGE / "fill.sh").read_text()
    assert "whimbrel-wifi.service" in (units / "whimbrel-image.target").read_text()
    assert "disable ssh.socket wpa_supplicant.service" in fill
    assert "wpasupplicant" in (IMAGE / "packages").read_text().split()
