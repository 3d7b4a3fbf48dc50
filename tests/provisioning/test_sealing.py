"""Secrets leave the settings, which name them instead; certificates and keys are looked at before."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.lab.mosquitto import Certificate

from whimbrel.config.registry import BUILT_IN, find_module
from whimbrel.module import Side
from whimbrel.provisioning.sealing import SECRETS, Sealed, seal
from whimbrel.settings.classes import settings_codec
from whimbrel.settings.codecs import SettingsReading
from whimbrel.settings.nodes import MappingNode, ScalarNode, SequenceNode, compose


def sealed(module: str, text: str) -> tuple[Sealed, list[str]]:
    root, _ = compose(text, "f")
    assert isinstance(root, MappingNode)
    reading = SettingsReading("f")
    return seal(module, root, reading), [str(problem) for problem in reading.problems]


def stands(found: Sealed, name: str) -> str:
    node = next(inner for key, inner in found.node.entries if key.text == name)
    node = node.items[0] if isinstance(node, SequenceNode) else node
    assert isinstance(node, ScalarNode)
    return node.text


def block(name: str, pem: Path) -> str:
    return f"{name}: |\n" + "".join(f"  {line}\n" for line in pem.read_text().splitlines())


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return Certificate(tmp_path_factory.mktemp("pair"), "localhost")


def test_every_setting_that_may_hold_a_secret_is_known() -> None:
    """A module of reach with a new password, token, key, certificate or address of a person has to be entered."""
    telling = {"password", "token", "key", "certificate", "ca", "to"}
    for name in BUILT_IN:
        module = find_module(name)
        if module.side is Side.REACH:
            there = settings_codec(module.Settings).attributes.keys() & telling
            assert there == SECRETS.get(name, {}).keys(), name


def test_a_password_becomes_a_credential() -> None:
    found, problems = sealed("mqtt", "host: h\npassword: p w\n")
    assert (stands(found, "password"), found.secrets, problems) == ("credential:mqtt", {"mqtt": "p w\n"}, [])
    assert stands(found, "host") == "h"


def test_addresses_of_people_become_the_lines_of_one() -> None:
    found, problems = sealed("notify", "to: ['ntfys://ntfy.sh/a', 'tgram://b/c']\n")
    assert (stands(found, "to"), problems) == ("credential:notify", [])
    assert found.secrets == {"notify": "ntfys://ntfy.sh/a\ntgram://b/c\n"}


@pytest.mark.parametrize("value", ["credential:mqtt", "file:/etc/whimbrel/secrets/mqtt", "''"])
def test_what_names_a_secret_stays(value: str) -> None:
    found, problems = sealed("mqtt", f"password: {value}\n")
    assert (stands(found, "password"), found.secrets, problems) == (value.strip("'"), {}, [])


def test_certificates_and_keys_are_taken_out(pair: Certificate) -> None:
    text = block("ca", pair.certificate) + block("certificate", pair.certificate) + block("key", pair.key)
    found, problems = sealed("mqtt", text)
    assert problems == []
    assert {name: stands(found, name) for name in ("ca", "certificate", "key")} == {
        "ca": "credential:mqtt-ca", "certificate": "credential:mqtt-certificate", "key": "credential:mqtt-key",
    }  # fmt: skip
    assert found.secrets["mqtt-key"] == pair.key.read_text()


def test_a_path_of_a_certificate_stays() -> None:
    found, problems = sealed("syslog", "ca: /etc/ssl/certs/ca.pem\n")
    assert (stands(found, "ca"), found.secrets, problems) == ("/etc/ssl/certs/ca.pem", {}, [])


def test_the_key_of_another_certificate_is_refused(pair: Certificate, tmp_path: Path) -> None:
    other = Certificate(tmp_path, "elsewhere")
    _, problems = sealed("mqtt", block("certificate", pair.certificate) + block("key", other.key))
    assert ["modules.mqtt.key: expected the key of the certificate" in problem for problem in problems] == [True]


@pytest.mark.parametrize(
    ("module", "text"),
    [
        ("mqtt", 'password: " p"\n'),
        ("mqtt", 'password: "p\\nq"\n'),
        ("mqtt", "password: [p]\n"),
        ("web", "token: short\n"),
        ("notify", "to: [ntfys://a, credential:notify]\n"),
        ("notify", "to: ['ntfys://a b']\n"),
        ("mqtt", "password: credential:../x\n"),
        ("mqtt", "password: 'credential:'\n"),
        ("web", "key: credential:A\n"),
        ("notify", "to: [credential:a/b]\n"),
        ("syslog", "ca: '-----BEGIN CERTIFICATE-----'\n"),
        ("syslog", "key: '-----BEGIN ENCRYPTED PRIVATE KEY-----'\n"),
    ],
)
def test_what_is_no_such_secret_is_refused(module: str, text: str) -> None:
    found, problems = sealed(module, text)
    assert len(problems) == 1
    assert "f:1:" in problems[0]
    assert not found.secrets
    assert not found.named
    assert stands(found, text.partition(":")[0]) == "", "what is refused goes no further"
