"""Reading of a provisioning file: what is taken, and what is refused, with its line and without its secrets."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whimbrel.provisioning.document import Provision, read
from whimbrel.settings.problems import ConfigError

SECRET = "a password of nobody"
FILE = f"""\
---
device: {{name: attic, country: GB}}
guarded:
  - {{ssid: Home, security: [WPA2-Personal]}}
modules:
  mqtt: {{host: broker.example.org, user: attic, password: "{SECRET}", may: [lock]}}
  metrics:
  syslog: {{host: logs.example.org, name: the attic's}}
...
"""


def refusal(text: str) -> str:
    with pytest.raises(ConfigError) as refused:
        read(text, "provision.yaml")
    return str(refused.value)


def setting(provision: Provision, module: str, name: str) -> str:
    node = next(node for key, node in provision.modules if key.text == module)
    return next(inner.text for key, inner in node.entries if key.text == name)  # type: ignore[union-attr]


def test_a_file_has_a_device_its_modules_and_their_secrets() -> None:
    found = read(FILE, "provision.yaml")
    assert (found.device.name, found.device.country) == ("attic", "GB")
    assert [key.text for key, _ in found.modules] == ["mqtt", "metrics", "syslog"]
    assert found.secrets == {"mqtt": f"{SECRET}\n"}
    assert setting(found, "mqtt", "password") == "credential:mqtt"
    assert found.changing == ("mqtt",)


def test_a_module_has_the_device_s_name_unless_it_has_its_own() -> None:
    found = read(FILE, "provision.yaml")
    assert setting(found, "mqtt", "name") == "attic"
    assert setting(found, "syslog", "name") == "the attic's"
    assert dict(found.modules)  # metrics has no name to be given
    assert not dict(found.modules)[found.modules[1][0]].entries  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("name: attic,", "name: Attic,", "2:10: device.name: expected small letters"),
        ("country: GB", "country: uk", "device.country: expected two capital letters"),
        ("device: {name: attic, country: GB}\n", "", "device: expected the device's name, found nothing"),
        ("host: broker", "hots: broker", "6:10: modules.mqtt.…: expected a setting, found an unknown name (did you"),
        ("  metrics:", "  metrisc:", "7:3: modules.…: expected a module of reach, found an unknown name"),
        ("  metrics:", "  sniffer:", "its settings belong into whimbrel.yaml"),
        ("  metrics:", "  metrics: {port: 0}", "modules.metrics.port: expected a whole number from 1 to 65535"),
        ("security: [WPA2-Personal]", "security: [WPA9]", "guarded[0].security"),
        ("guarded", "guard", "…: expected a key, found an unknown name (did you mean guarded?)"),
        ("\n...", "", "the line ... at the end"),
        ("modules:\n", "modules: [mqtt]\nmore:\n", "modules: expected modules by name"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_place(old: str, new: str, said: str) -> None:
    assert old in FILE
    assert said in refusal(FILE.replace(old, new, 1))


@pytest.mark.parametrize("text", ["", "\n", "...\n", "---\n...\n", "- a\n...\n", "---\nattic\n...\n", "a: b: c\n...\n"])
def test_what_is_no_such_file_is_refused(text: str) -> None:
    assert "provision.yaml" in refusal(text)


@pytest.mark.parametrize(
    "module", [f"mqtt: password {SECRET}", f"mqtt: {{password: [{SECRET}]}}", f"mqtt: {{password: {{a: {SECRET}}}}}",
               f'web: {{token: "{SECRET}\\n"}}', f'mqtt: {{host: 7, port: x, password: "{SECRET}"}}',
               f'syslog: {{transport: tls, ca: "-----BEGIN {SECRET}"}}', f'notify: {{to: ["{SECRET}"]}}'],
)  # fmt: skip
def test_no_message_quotes_a_secret(module: str) -> None:
    said = refusal(f"---\ndevice: {{name: attic}}\nmodules:\n  {module}\n...\n")
    assert "modules." in said
    assert SECRET not in said


PLACES = (
    "mqtt: {{password:{0}}}", "mqtt: {{password: *{0}}}", "mqtt: {{password: !{0} x}}", "mqtt: {{password: !{0}!b x}}",
    "mqtt: {{*{0} : x}}", "mqtt: {{{0}: x, {0}: y}}", "mqtt: {{{0}: {{a: b}}}}", "mqtt: {0}", "mqtt: [{0}]",
    "mqtt: {{password: {{{0}: {0}}}}}", "mqtt: {{port: {0}, host: [{0}], may: [{0}]}}", "mqtt: {{name: {0} {0}}}",
    "mqtt: {{certificate: {0}}}", "mqtt: {{password: 'credential:{0}/'}}", "web: {{token: ' {0}', addresses: [{0}]}}",
    "web: {{token: '{0}', port: '{0}'}}", "syslog: {{transport: {0}, host: '{0} {0}', ca: '-----BEGIN {0}'}}",
    "notify: {{to: 'ntfys://{0} x'}}", "notify: {{to: ['ntfys://x {0}', {0}: {0}]}}", "notify: {{to: {{{0}: x}}}}",
    "notify: {{to: [ntfys://{0}, 'credential:n']}}", "{0}: {{a: b}}", "{0}", "[{0}]", "{{password:{0}}}", "!{0} mqtt:",
    "? [{0}]\n  : x", "mqtt: \"\\q{0}\"", "mqtt: {{a: &{0} {{b: *{0}}}}}",
)  # fmt: skip


def told(text: str) -> str:
    try:
        read(text, "provision.yaml")
    except ConfigError as error:
        return str(error)
    return ""


@settings(max_examples=8, deadline=None)
@pytest.mark.parametrize("place", PLACES)
@given(secret=st.text("ABCDEFGHJKLQXZ0123456789", min_size=6, max_size=90).map(lambda text: f"Q{text}"))
def test_no_message_quotes_what_may_be_a_secret(place: str, secret: str) -> None:
    written = place.format(secret)
    for text in (f"---\ndevice: {{name: attic}}\nmodules:\n  {written}\n...\n",
                 f"---\ndevice: {{name: attic}}\n{written}\n...\n"):  # fmt: skip
        said = told(text)
        assert secret[:7] not in said
    assert told(f"---\ndevice: {{name: attic}}\nmodules:\n  {written}\n  x:\n...\n"), "nothing was refused"


def test_the_modules_that_are_offered_are_those_of_reach() -> None:
    said = refusal(FILE.replace("  metrics:", "  qqqqqq:"))
    assert "there are " in said
    assert "did you mean metrics" in refusal(FILE.replace("  metrics:", "  metrisc:"))
    assert "syslog" in said
    assert "sniffer" not in said


@given(st.text(max_size=200))
def test_any_text_is_taken_or_refused(text: str) -> None:
    for made in (text, f"---\ndevice: {{name: attic}}\nmodules:\n  mqtt: {text}\n...\n"):
        with contextlib.suppress(ConfigError):
            assert read(made, "provision.yaml").device.name
