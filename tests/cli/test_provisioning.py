"""``whimbrel provision`` and ``whimbrel fleet``, as people run them."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.provisioning.test_document import FILE, SECRET
from tests.provisioning.test_many import FLEET

from whimbrel.cli import exits, main
from whimbrel.config import load


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "provision.yaml"
    path.write_text(FILE)
    return path


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "root"
    (root / "etc/whimbrel").mkdir(parents=True)
    (root / "etc/whimbrel/whimbrel.yaml").write_text("modules:\n  sniffer:\n  watcher:\n")
    return root


def test_a_device_is_provisioned(file: Path, root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["provision", "--root", str(root), str(file)]) == exits.OK
    said = capsys.readouterr().out
    assert said.startswith("provisioned: attic; modules: mqtt, metrics, syslog\n")
    assert SECRET not in said
    settings = root / "etc/whimbrel/whimbrel.yaml"
    assert "mqtt" in load(settings).modules
    other = root / "other.yaml"
    other.write_text("modules:\n  sniffer: {report: 7s}\n")
    assert main(["provision", "--root", str(root), "--settings", str(other)]) == exits.OK
    assert list(load(settings).modules) == ["sniffer", "mqtt", "metrics", "syslog"]


def test_what_is_left_to_do_off_the_image_is_told(file: Path, root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["provision", "--root", str(root), str(file)]) == exits.OK
    said = capsys.readouterr().out
    assert "hostnamectl set-hostname attic\n" in said
    assert "do_wifi_country GB\n" in said
    assert "daemon-reload && sudo systemctl restart whimbrel whimbrel-reach\n" in said
    (root / "boot/firmware").mkdir(parents=True)
    (root / "boot/firmware/hardware.txt").touch()
    assert main(["provision", "--root", str(root), str(file)]) == exits.OK
    assert "left to do" not in capsys.readouterr().out


def test_the_settings_from_before_are_kept_with_their_comments(
    file: Path, root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = root / "etc/whimbrel/whimbrel.yaml"
    settings.write_text("# mine\nmodules:\n  sniffer:\n")
    settings.chmod(0o600)
    kept = root / "etc/whimbrel/before-provisioning.yaml"
    for _ in range(2):
        assert main(["provision", "--root", str(root), str(file)]) == exits.OK
        assert f"settings from before: {kept}\n" in capsys.readouterr().out
        assert kept.read_text() == "# mine\nmodules:\n  sniffer:\n"
        assert kept.stat().st_mode & 0o777 == 0o600


def test_a_check_writes_nothing(file: Path, root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["provision", "--root", str(root), "--check", str(file)]) == exits.OK
    assert capsys.readouterr().out == "right: attic; modules: mqtt, metrics, syslog\n"
    assert [path.name for path in (root / "etc").rglob("*")] == ["whimbrel", "whimbrel.yaml"]


def test_a_mistake_is_told_and_nothing_written(file: Path, root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_text(FILE.replace("metrics", "metric"))
    assert main(["provision", "--root", str(root), str(file)]) == exits.SETTINGS
    assert "provision.yaml:7:3: modules.…: expected a module of reach, found an unknown name" in capsys.readouterr().err
    assert not (root / "etc/whimbrel/provisioned").exists()


def test_without_a_file_something_has_to_be_provisioned(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["provision", "--root", str(root)]) == exits.USAGE
    assert "nothing is provisioned yet" in capsys.readouterr().err


def test_a_file_that_is_not_there_is_told(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["provision", "--root", str(root), str(root / "none.yaml")]) == exits.FAILURE
    assert "none.yaml: No such file" in capsys.readouterr().err


def test_a_fleet_becomes_files_that_each_device_takes(
    tmp_path: Path, root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "fleet.yaml").write_text(FLEET)
    cards = tmp_path / "cards"
    assert main(["fleet", str(tmp_path / "fleet.yaml"), str(cards)]) == exits.OK
    assert capsys.readouterr().out == f"2 devices in {cards}\n"
    card = cards / "attic/provision.yaml"
    assert card.stat().st_mode & 0o777 == 0o600
    before = card.read_text()
    assert main(["fleet", str(tmp_path / "fleet.yaml"), str(cards)]) == exits.OK
    assert card.read_text() == before, "the passwords are others"
    assert main(["provision", "--root", str(root), str(card)]) == exits.OK
    password = (root / "etc/whimbrel/provisioned/mqtt").read_text().strip()
    assert f"attic:{password}\n" in (cards / "mosquitto-passwords").read_text()
    assert (cards / "mosquitto-passwords").stat().st_mode & 0o777 == 0o600


def test_a_fleet_with_a_mistake_changes_no_card(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "fleet.yaml").write_text(FLEET.replace("cellar", "Cellar"))
    assert main(["fleet", str(tmp_path / "fleet.yaml"), str(tmp_path / "cards")]) == exits.SETTINGS
    assert "Cellar/provision.yaml" in capsys.readouterr().err
    assert not (tmp_path / "cards").exists()


def test_a_fleet_whose_passwords_would_contradict_writes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "fleet.yaml").write_text(FLEET.replace('user: "{name}"', "user: shared"))
    assert main(["fleet", str(tmp_path / "fleet.yaml"), str(tmp_path / "cards")]) == exits.SETTINGS
    assert "modules.mqtt.user: expected a name for each device" in capsys.readouterr().err
    assert not (tmp_path / "cards").exists()


def test_damaged_secrets_of_a_fleet_are_not_replaced(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "fleet.yaml").write_text(FLEET)
    (tmp_path / "secrets.json").write_text("[")
    assert main(["fleet", str(tmp_path / "fleet.yaml"), str(tmp_path)]) == exits.FAILURE
    assert "is damaged" in capsys.readouterr().err
    assert (tmp_path / "secrets.json").read_text() == "["
