"""The shipped example of a fleet, all the way: one file, cards, a provisioned device, and its broker."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from tests.deploy.test_fleet import FLEET
from tests.lab.mosquitto import Certificate, Mosquitto

from whimbrel.broker.settings import MqttSettings
from whimbrel.cli import exits, main
from whimbrel.config import load
from whimbrel.events.reach import BrokerConnected
from whimbrel.modules.mqtt import Mqtt
from whimbrel.provisioning.document import read
from whimbrel.settings.fields import evolve
from whimbrel.testing import PATIENCE, run_module

pytest.importorskip("paho.mqtt.client")


@pytest.fixture
def certificate(tmp_path: Path) -> Certificate:
    return Certificate(tmp_path, "localhost")


@pytest.fixture
def cards(tmp_path: Path, certificate: Certificate) -> Path:
    text = (FLEET / "fleet.yaml").read_text().replace("broker.example.org", "localhost")
    (tmp_path / "fleet.yaml").write_text(text)
    shutil.copy(certificate.certificate, tmp_path / "ca.crt")
    assert main(["fleet", str(tmp_path / "fleet.yaml"), str(tmp_path / "cards")]) == exits.OK
    return tmp_path / "cards"


def broker_with(cards: Path, certificate: Certificate, folder: Path) -> Mosquitto:
    program = shutil.which("mosquitto_passwd", path="/usr/bin:/bin")
    if program is None:
        pytest.skip("mosquitto is not installed")
    passwords = cards / "mosquitto-passwords"
    clear = passwords.read_text()
    subprocess.run([program, "-U", str(passwords)], check=True, timeout=PATIENCE)
    assert passwords.read_text() != clear
    own = ("listener", "certfile", "keyfile", "persistence")
    text = "\n".join(line for line in (FLEET / "mosquitto.conf").read_text().splitlines() if not line.startswith(own))
    for there, here in {
        "/etc/mosquitto/certs/ca.crt": certificate.certificate,
        "/etc/mosquitto/passwords": passwords,
        "/etc/mosquitto/whimbrel.acl": FLEET / "whimbrel.acl",
    }.items():
        text = text.replace(there, str(here))
    return Mosquitto(folder, certificate=certificate, more=text)


@pytest.mark.parametrize("name", ["attic", "cellar"])
async def test_a_card_of_the_example_logs_its_device_in(
    name: str, cards: Path, certificate: Certificate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / name
    (root / "etc/whimbrel").mkdir(parents=True)
    shutil.copy(FLEET.parent / "image/boot/whimbrel.yaml", root / "etc/whimbrel")
    assert main(["provision", "--root", str(root), str(cards / name / "provision.yaml")]) == exits.OK
    settings = load(root / "etc/whimbrel/whimbrel.yaml").modules["mqtt"]
    assert isinstance(settings, MqttSettings)
    # As systemd hands them to the service.
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(root / "etc/whimbrel/provisioned"))
    with broker_with(cards, certificate, tmp_path) as broker:
        settings = evolve(settings, port=broker.port, file=tmp_path / "mqtt.db")
        async with run_module(Mqtt, settings, name="mqtt") as lab:
            await lab.event(BrokerConnected)
            await lab.finish()


def test_prometheus_finds_the_devices_of_the_example(cards: Path) -> None:
    found = json.loads((cards / "prometheus-targets.json").read_text())
    assert [target["targets"] for target in found] == [["attic:9753"], ["cellar:9753"]]


def test_the_example_of_one_device_is_right() -> None:
    text = (FLEET / "provision.yaml").read_text()
    found = read(text, "provision.yaml")
    assert set(found.secrets) == {"mqtt", "notify", "web"}
    assert set(yaml.safe_load(text)["modules"]) == {key.text for key, _ in found.modules}


def test_the_file_in_the_documentation_is_right() -> None:
    page = (FLEET.parents[1] / "docs/fleet.md").read_text()
    text = page.split("```yaml\n")[1].split("```")[0]
    assert read(text, "docs/fleet.md").device.name == "attic"
