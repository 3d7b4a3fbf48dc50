"""Ways to the device that device.txt opens: a route by the USB cable, a login at the serial pins; and its time zone."""

from __future__ import annotations

import configparser
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
from tests.deploy.test_image_boot_settings import PROJECT, Card

from whimbrel.testing import PATIENCE

IMAGE = PROJECT / "deploy/image"
pytestmark = pytest.mark.skipif(
    not all(map(shutil.which, ("bash", "ssh-keygen", "mountpoint"))), reason="bash, ssh-keygen or mountpoint is missing"
)
CLIENT = "10-whimbrel-cable-client.network"
SHADOW = "root:{}:20000:0:99999:7:::\ndaemon:*:20000:0:99999:7:::\nsshd:!:20000::::::\nopen::20000::::::\n"


@pytest.fixture
def card(tmp_path: Path) -> Card:
    card = Card(tmp_path)
    # Stands in for systemd, which is not asked about networks of the machine of the tests.
    (card.programs / "systemctl").write_text(
        '#!/bin/sh\ncase "$*" in *is-active*) [ -e "$WHIMBREL_RUN/networkd" ];; esac\n'
    )
    (card.programs / "networkctl").write_text('#!/bin/sh\necho "$@" >> "$WHIMBREL_RUN/networkctl"\n')
    for name in ("systemctl", "networkctl"):
        (card.programs / name).chmod(0o755)
    zone = card.etc.parent / "usr/share/zoneinfo/Europe/London"
    zone.parent.mkdir(parents=True)
    zone.touch()
    (card.etc / "shadow").write_text(SHADOW.format("*"))
    return card


def say(card: Card, *lines: str) -> str:
    (card.boot / "device.txt").write_text("\n".join([*lines, "...\n"]))
    return card.start()


def network(path: Path) -> configparser.RawConfigParser:
    parser = configparser.RawConfigParser(strict=False)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(path.read_text())
    return parser


def test_a_computer_that_shares_its_network_gives_the_address(card: Card) -> None:
    assert say(card, "cable=client") == ""
    (taken,) = card.networks.iterdir()
    served = IMAGE / "root/etc/systemd/network/20-whimbrel-cable.network"
    assert taken.name < served.name, "of several that match, networkd takes the first"
    client, server = network(taken), network(served)
    assert dict(client["Match"]) == dict(server["Match"])
    assert client["Network"]["DHCP"] == "yes"
    assert client["Network"].get("DHCPServer", "no") == "no"
    assert client["Network"]["LinkLocalAddressing"] == "yes", "an address also where nobody gives one"
    assert client["Network"]["MulticastDNS"] == server["Network"]["MulticastDNS"] == "yes", "whimbrel.local"
    assert not (card.run / "networkctl").exists(), "networkd comes later"
    (card.run / "networkd").touch()
    assert say(card, "cable=client") == ""
    assert not (card.run / "networkctl").exists(), "nothing has changed"


@pytest.mark.parametrize("line", ["cable=server", "cable=", "#cable=client"])
def test_else_the_device_gives_the_addresses(card: Card, line: str) -> None:
    say(card, "cable=client")
    (card.run / "networkd").touch()
    assert say(card, line) == ""
    assert not list(card.networks.iterdir())
    assert (card.run / "networkctl").read_text() == "reload\n", "networkd runs already"


def test_one_line_that_is_wrong_holds_up_no_other(card: Card) -> None:
    (card.etc / "shadow").write_text(SHADOW.format("$y$j9T$salt$hash"))
    assert "device.txt: cable: " in say(card, "cable=both", "serial_login=yes", "timezone=Europe/London")
    assert (card.run / "serial-login").exists()
    assert str((card.etc / "localtime").readlink()).endswith("/Europe/London")
    (card.boot / "device.txt").unlink()
    (card.state / "device.txt").unlink()
    assert card.start() == ""
    assert not (card.run / "serial-login").exists()


def test_names_on_the_link_are_answered_by_resolved() -> None:
    assert "MulticastDNS=yes" in (IMAGE / "root/etc/systemd/resolved.conf.d/whimbrel-image.conf").read_text()
    assert "systemd-resolved" in (IMAGE / "packages").read_text().split()


def test_the_serial_pins_ask_for_a_password_that_there_is(card: Card) -> None:
    (card.etc / "shadow").write_text(SHADOW.format("$y$j9T$salt$hash"))
    assert say(card, "serial_login=yes") == ""
    assert (card.run / "serial-login").exists()
    say(card, "serial_login=no")
    assert not (card.run / "serial-login").exists()
    say(card, "serial_login=yes")
    say(card)
    assert not (card.run / "serial-login").exists()


@pytest.mark.parametrize("shadow", [SHADOW.format("*"), SHADOW.format("!$y$j9T$locked"), None])
def test_without_one_they_do_not_and_the_owner_reads_why(card: Card, shadow: str | None) -> None:
    if shadow is None:
        (card.etc / "shadow").unlink()
    else:
        (card.etc / "shadow").write_text(shadow)
    assert "<4>device.txt: serial_login: no account has a password" in say(card, "serial_login=yes")
    assert "type passwd" in card.problems
    assert not (card.run / "serial-login").exists()


def test_the_login_waits_for_that_word() -> None:
    condition = network(IMAGE / "root/etc/systemd/system/serial-getty@.service.d/whimbrel-image.conf")["Unit"]
    assert condition["ConditionPathExists"] == "/run/whimbrel-image/serial-login"
    assert condition["After"] == "whimbrel-boot-settings.service"
    assert "serial-getty" not in (IMAGE / "fill.sh").read_text(), "a masked unit is never started"
    assert "login" in (IMAGE / "packages").read_text().split()


def test_the_clock_on_the_wall(card: Card) -> None:
    assert say(card, "timezone=Europe/London") == ""
    link = card.etc / "localtime"
    assert str(link.readlink()) == "/usr/share/zoneinfo/Europe/London"
    before = link.lstat()
    say(card, "timezone=Europe/London")
    assert link.lstat().st_ino == before.st_ino, "not written again"
    for wrong in ("Europe/Nowhere", "../../etc/shadow", "/Europe/London", "Europe", "$(reboot)"):
        assert "device.txt: timezone: a name as Europe/London" in say(card, f"timezone={wrong}")
    assert link.lstat().st_ino == before.st_ino


@pytest.mark.parametrize("lines", [["timezone="], []])
def test_without_a_zone_it_shows_utc_again(card: Card, lines: list[str]) -> None:
    link = card.etc / "localtime"
    say(card, "timezone=Europe/London")
    (card.boot / "device.txt").write_text("timezone=\n")
    card.start()
    assert str(link.readlink()).endswith("/Europe/London"), "the file was cut"
    assert say(card, *lines) == ""
    assert str(link.readlink()) == "/usr/share/zoneinfo/Etc/UTC"
    before = link.lstat()
    assert say(card, *lines) == ""
    assert link.lstat().st_ino == before.st_ino


def test_a_zone_that_was_set_in_another_way_stays(card: Card) -> None:
    link = card.etc / "localtime"
    link.symlink_to("/usr/share/zoneinfo/Asia/Tokyo")
    assert say(card, "timezone=") == ""
    assert str(link.readlink()).endswith("/Asia/Tokyo")
    say(card, "timezone=Europe/London")
    link.unlink()
    link.symlink_to("/usr/share/zoneinfo/Asia/Tokyo")
    assert say(card, "timezone=") == ""
    assert str(link.readlink()).endswith("/Asia/Tokyo")


@pytest.mark.parametrize("line", ["cable=both", "serial_login=maybe"])
def test_what_is_wrong_is_said(card: Card, line: str) -> None:
    assert f"device.txt: {line.split('=', maxsplit=1)[0]}: " in say(card, line)
    assert not (card.networks / CLIENT).exists()


def test_a_host_key_is_made_once_and_anew_where_a_pulled_plug_left_it_empty(tmp_path: Path) -> None:
    unit = (IMAGE / "root/etc/systemd/system/ssh.service.d/whimbrel-image.conf").read_text()
    (command,) = [
        line.partition("=")[2] for line in unit.splitlines() if "ssh-keygen" in line and "ExecStartPre" in line
    ]
    assert "$" not in command, "systemd would expand it"
    key, public = tmp_path / "ssh_host_ed25519_key", tmp_path / "ssh_host_ed25519_key.pub"

    def start() -> bytes:
        words = shlex.split(command.replace("/etc/ssh", str(tmp_path)))
        subprocess.run(words, stdin=subprocess.DEVNULL, check=True, timeout=PATIENCE)
        return key.read_bytes()

    first = start()
    assert b"PRIVATE KEY" in first
    assert start() == first
    for left in (key, public):
        left.write_bytes(b"")
    second = start()
    assert b"PRIVATE KEY" in second
    assert public.read_text().startswith("ssh-ed25519 ")
    assert "&& sync ssh_host_ed25519_key ssh_host_ed25519_key.pub" in command
