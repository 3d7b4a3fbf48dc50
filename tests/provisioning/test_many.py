"""Many provisioning files of one: shared settings, differences, made passwords, and lists for the servers."""

from __future__ import annotations

import json

import pytest
from tests.lab.mosquitto import Certificate

from whimbrel.provisioning.document import read
from whimbrel.provisioning.many import FleetDevice, Secrets, devices, passwords, targets
from whimbrel.settings.problems import ConfigError

FLEET = """\
---
common:
  device: {country: GB}
  modules:
    mqtt: {host: broker.example.org, user: "{name}"}
    metrics: {address: 0.0.0.0}
    web:
devices:
  attic:
  cellar:
    device: {country: FR}
    modules:
      metrics: {port: 9999}
      syslog: {host: "logs-{name}.example.org"}
...
"""


def made(text: str = FLEET, known: Secrets | None = None) -> dict[str, FleetDevice]:
    return {device.name: device for device in devices(text, "fleet.yaml", known or {}, lambda name: f"no {name}")}


def test_each_device_has_the_common_and_its_own() -> None:
    attic, cellar = made().values()
    assert (attic.provision.device.name, attic.provision.device.country) == ("attic", "GB")
    assert (cellar.provision.device.name, cellar.provision.device.country) == ("cellar", "FR")
    assert [key.text for key, _ in attic.provision.modules] == ["mqtt", "metrics", "web"]
    assert [key.text for key, _ in cellar.provision.modules] == ["mqtt", "metrics", "web", "syslog"]
    assert "user: attic" in attic.text.replace('"', "")
    assert "host: logs-cellar.example.org" in cellar.text.replace('"', "")
    assert read(cellar.text, "provision.yaml").secrets == cellar.provision.secrets


def test_passwords_and_tokens_are_made_for_each_and_stay() -> None:
    first = made()
    assert len({first[name].secrets[module] for name in first for module in ("mqtt", "web")}) == 4
    assert all(len(secret) == 26 for device in first.values() for secret in device.secrets.values())
    assert first["attic"].provision.secrets["mqtt"] == first["attic"].secrets["mqtt"] + "\n"
    again = made(known={name: device.secrets for name, device in first.items()})
    assert {name: device.text for name, device in again.items()} == {
        name: device.text for name, device in first.items()
    }


def test_a_password_that_is_given_is_not_made() -> None:
    attic = made(FLEET.replace('"{name}"}', '"{name}", password: given}'))["attic"]
    assert attic.provision.secrets["mqtt"] == "given\n"
    assert "mqtt" not in attic.secrets


def test_the_servers_get_lists() -> None:
    found = list(made(known={"attic": {"mqtt": "one"}, "cellar": {"mqtt": "two"}}).values())
    assert passwords(found) == "attic:one\ncellar:two\n"
    assert json.loads(targets(found)) == [
        {"targets": ["attic:9753"], "labels": {"device": "attic"}},
        {"targets": ["cellar:9999"], "labels": {"device": "cellar"}},
    ]


def test_certificates_come_from_files(tmp_path_factory: pytest.TempPathFactory) -> None:
    certificate = Certificate(tmp_path_factory.mktemp("ca"), "localhost").certificate.read_text()
    asked = []

    def content(name: str) -> str:
        asked.append(name)
        return certificate

    text = FLEET.replace('"{name}"}', '"{name}", tls: true, ca: "file:{name}.crt"}')
    found = devices(text, "fleet.yaml", {}, content)
    assert asked == ["attic.crt", "cellar.crt"]
    assert found[0].provision.secrets["mqtt-ca"] == certificate


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("attic:", "Attic:", "Attic/provision.yaml"),
        ("host: broker", "hots: broker", "modules.mqtt.hots"),
        ("common:", "shared:", "shared: expected the keys common, devices"),
        ("\n...", "", "fleet.yaml"),
        (FLEET[FLEET.index("devices") :], "devices:\n...\n", "devices: expected names of devices"),
    ],
)
def test_a_mistake_is_told(old: str, new: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said.replace(".", r"\.")):
        made(FLEET.replace(old, new, 1))
