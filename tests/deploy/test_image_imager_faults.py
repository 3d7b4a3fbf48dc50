"""What Raspberry Pi Imager wrote where an account cannot be made, or a file of the card was cut short."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.deploy import test_image_imager as imager
from tests.deploy.test_image_boot_settings import Card
from tests.deploy.test_image_imager import BY_KEY, BY_PASSWORD, HASH, HOSTNAME, KEY, NETWORKS, PSK, entry, put

pytestmark = imager.pytestmark
TAKEN = "<5>Raspberry Pi Imager's customisation is taken\n"


@pytest.fixture
def card(tmp_path: Path) -> Card:
    return imager.ready(tmp_path)


@pytest.mark.parametrize("name", ["users", "sudo"])
def test_an_account_may_be_named_as_a_group_of_debian(card: Card, name: str) -> None:
    put(card, HOSTNAME + BY_PASSWORD.replace("wader", name))
    assert card.start() == TAKEN
    account = entry(card, "passwd", name)
    assert account[3] == entry(card, "group", name)[2], "that group is its own"
    assert entry(card, "shadow", name)[1] == HASH
    assert f"AllowUsers {name}\n" in (card.etc / "ssh/sshd_config.d/whimbrel-owner.conf").read_text()


def test_an_account_that_cannot_be_made_is_told_and_the_rest_taken(card: Card) -> None:
    card.program("useradd", "echo no room >&2; exit 1")
    put(card, HOSTNAME + BY_KEY, NETWORKS["2"])
    assert "not honoured: user wader (useradd: no room); the rest is taken" in card.start()
    assert "user wader (useradd: no room)" in card.problems
    assert (card.etc / "hostname").read_text() == "curlew\n"
    assert (card.run / "authorized_keys").read_text() == f"{KEY}\n", "it opens root's account"
    assert f"\tpsk={PSK}\n" in (card.state / "wifi.conf").read_text()
    assert not [name for name in ("user-data", "network-config", "meta-data") if (card.boot / name).exists()]
    assert not (card.etc / "ssh/sshd_config.d/whimbrel-owner.conf").exists()
    assert card.start() == ""


def test_a_card_that_cannot_be_written_is_tried_again(card: Card) -> None:
    mode = card.write_protected()
    put(card, HOSTNAME + BY_KEY)
    assert "customisation could not be taken as a whole" in card.start()
    assert (card.boot / "user-data").exists()
    assert not (card.boot / "authorized_keys").exists()
    card.program("mount", f'echo "${{2#remount,}}" > {mode}')
    assert card.start() == TAKEN
    assert entry(card, "passwd", "wader")
    assert not card.problems


@pytest.mark.parametrize("name", ["device.txt", "wifi.txt"])
@pytest.mark.parametrize("cut", ["", "# mine\nssid=Oth", "hostname=dun", "...\nhostname=dunlin\n"])
def test_it_waits_for_a_file_that_was_cut_short(card: Card, name: str, cut: str) -> None:
    file = card.boot / name
    whole = file.read_text()
    file.write_text(cut)
    put(card, HOSTNAME + BY_KEY, NETWORKS["2"])
    told = card.start()
    assert f"customisation waits, nothing of it is taken: {name} was cut short, or lacks the line ..." in told
    assert "customisation waits" in card.problems
    assert file.read_text() == cut, "no password goes where it would stay"
    assert (card.boot / "user-data").exists()
    assert (card.boot / "network-config").exists()
    assert not entry(card, "passwd", "wader")
    file.write_text(whole)
    assert card.start() == TAKEN
    assert (card.etc / "hostname").read_text() == "curlew\n"
    assert f"\tpsk={PSK}\n" in (card.state / "wifi.conf").read_text()
    assert not card.problems


def test_a_file_that_it_does_not_change_may_have_been_cut_short(card: Card) -> None:
    (card.boot / "wifi.txt").write_text("ssid=Oth")
    put(card, HOSTNAME + BY_KEY)
    assert TAKEN in card.start()
    assert "wifi.txt is refused" in card.problems
    assert entry(card, "passwd", "wader")
