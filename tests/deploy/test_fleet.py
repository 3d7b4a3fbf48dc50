"""The fleet's broker as it is configured: each device logs in, and writes below its own name only."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.lab.alerts import alert
from tests.lab.mosquitto import Certificate, Mosquitto
from tests.lab.waiting import until

from whimbrel.broker.settings import MqttSettings
from whimbrel.events.reach import BrokerConnected, BrokerLost
from whimbrel.modules.mqtt import Mqtt
from whimbrel.settings import Duration
from whimbrel.testing import PATIENCE, run_module

FLEET = Path(__file__).resolve().parents[2] / "deploy" / "fleet"
pytest.importorskip("paho.mqtt.client")


def configured(folder: Path, certificate: Certificate) -> str:
    """Return the shipped configuration, with paths of the test in place of Debian's, without its listener."""
    passwords = folder / "passwords"
    passwords.touch(mode=0o600)
    program = shutil.which("mosquitto_passwd", path="/usr/bin:/bin")
    if program is None:
        pytest.skip("mosquitto is not installed")
    for name in ("attic", "cellar", "house"):
        subprocess.run([program, "-b", str(passwords), name, f"secret-{name}"], check=True, timeout=PATIENCE)
    text = (FLEET / "mosquitto.conf").read_text()
    lines = [
        line for line in text.splitlines() if not line.startswith(("listener", "certfile", "keyfile", "persistence"))
    ]
    return (
        "\n".join(lines)
        .replace("/etc/mosquitto/certs/ca.crt", str(certificate.certificate))
        .replace("/etc/mosquitto/passwords", str(passwords))
        .replace("/etc/mosquitto/whimbrel.acl", str(FLEET / "whimbrel.acl"))
    )


@pytest.fixture
def certificate(tmp_path: Path) -> Certificate:
    return Certificate(tmp_path, "localhost")


@pytest.fixture
def broker(tmp_path: Path, certificate: Certificate) -> Iterator[Mosquitto]:
    with Mosquitto(tmp_path, certificate=certificate, more=configured(tmp_path, certificate)) as broker:
        yield broker


def settings(broker: Mosquitto, certificate: Certificate, folder: Path, **more: Any) -> MqttSettings:
    values: dict[str, Any] = {
        "host": "localhost", "port": broker.port, "tls": True, "ca": certificate.certificate, "name": "attic",
        "user": "attic", "password": "secret-attic", "file": folder / "mqtt.db", "retry": Duration(0.1),
    }  # fmt: skip
    return MqttSettings(**values | more)


async def test_a_device_logs_in_and_is_heard(broker: Mosquitto, certificate: Certificate, tmp_path: Path) -> None:
    async with run_module(Mqtt, settings(broker, certificate, tmp_path), name="mqtt") as lab:
        await lab.event(BrokerConnected)
        lab.publish(alert(1))
        await until(lambda: lab.module._outbox.waiting == 0)  # type: ignore[attr-defined]
        assert "refused" not in lab.ctx.warnings
        await lab.finish()


async def test_a_device_cannot_write_as_another(broker: Mosquitto, certificate: Certificate, tmp_path: Path) -> None:
    async with run_module(Mqtt, settings(broker, certificate, tmp_path, name="cellar"), name="mqtt") as lab:
        await lab.event(BrokerConnected)
        await until(lambda: "refused" in lab.ctx.warnings)
        assert "look at its access rules" in lab.ctx.warnings["refused"]
        await lab.finish()


async def test_a_wrong_password_is_refused(broker: Mosquitto, certificate: Certificate, tmp_path: Path) -> None:
    wrong = settings(broker, certificate, tmp_path, password="wrong")
    async with run_module(Mqtt, wrong, name="mqtt") as lab:
        lost = await lab.event(BrokerLost)
        assert "its password" in lost.reason
        await lab.finish()
