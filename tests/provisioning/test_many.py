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


def test_the_broker_has_the_names_and_passwords_of_the_cards() -> None:
    known: Secrets = {"attic": {"mqtt": "made-before"}, "cellar": {"mqtt": "made-before-too"}}
    given = FLEET.replace('"{name}"}', '"w-{name}", password: "of {name}"}')
    found = list(made(given, known).values())
    assert passwords(found) == "w-attic:of attic\nw-cellar:of cellar\n"
    assert [device.secrets.keys() for device in found] == [{"web"}, {"web"}]
    shared = made(FLEET.replace('"{name}"}', "fleet, password: one}")).values()
    assert passwords(list(shared)) == "fleet:one\n"
    nobody = made(FLEET.replace(', user: "{name}"', ""), known).values()
    assert passwords(list(nobody)) == ""
    elsewhere = made(FLEET.replace('"{name}"}', '"{name}", password: credential:mqtt}'), known).values()
    assert passwords(list(elsewhere)) == ""


@pytest.mark.parametrize("secret", ["*HUNTER22", "!HUNTER22 x"])
def test_no_message_about_a_fleet_quotes_what_may_be_a_secret(secret: str) -> None:
    with pytest.raises(ConfigError) as refused:
        made(FLEET.replace('"{name}"}', f'"{{name}}", password: {secret}}}'))
    assert "HUNTER22" not in str(refused.value)
    assert "fleet.yaml:5:" in str(refused.value)


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
        (
            "host: broker",
            "hots: broker",
            "attic/provision.yaml:9:5: modules.mqtt.…: expected a setting",
        ),
        ("common:", "shared:", "shared: expected the keys common, devices"),
        ("\n...", "", "fleet.yaml"),
        ("attic:", "attic: yes", "devices.attic: expected device, guarded and modules, or nothing"),
        ("attic:", "attic: []", "devices.attic: expected device"),
        (FLEET[FLEET.index("common") : FLEET.index("devices")], "common: yes\n", "common: expected device"),
        ('"{name}"}', '"{name}:x"}', "attic/provision.yaml: modules.mqtt.user: expected a name without a colon"),
        ('"{name}"}', "shared}", "cellar/provision.yaml: modules.mqtt.user: expected a name for each device"),
        (FLEET[FLEET.index("devices") :], "devices:\n...\n", "devices: expected names of devices"),
    ],
)
def test_a_mistake_is_told(old: str, new: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said.replace(".", r"\.")):
        passwords(list(made(FLEET.replace(old, new, 1)).values()))
