"""Messages as RFC 5424 and the Elastic Common Schema have them, whatever is off the air in them."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.lab.alerts import alert, incident

from whimbrel.events.alerts import AlertClosed
from whimbrel.events.base import Event
from whimbrel.siem.messages import ecs, framed, rfc5424

VALUE = r'"(?:[^"\\\]]|\\["\\\]])*"'
FORM = re.compile(
    r"<(\d{1,3})>1 (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z) ([!-~]{1,255}) whimbrel - ([!-~]{1,32}) "
    rf"\[whimbrel@32473((?: [!-~]{{1,32}}={VALUE})*)\] (.*)",
    re.DOTALL,
)
"""RFC 5424, section 6."""


def event(body: object) -> Event:
    return Event(1, 1_767_225_600.25, "watcher", body)


def test_an_alert_has_its_facts_as_structured_data() -> None:
    message = rfc5424(event(alert(7, incident="7")), host="attic", facility=16, key="attic/k").decode()
    found = FORM.fullmatch(message)
    assert found
    pri, moment, host, kind, data, text = found.groups()
    assert (int(pri), moment, host, kind) == (16 * 8 + 6, "2026-01-01T00:00:00.250Z", "attic", "alert")
    for pair in ('key="attic/k"', 'id="7"', 'rule="deauth-flood"', 'attack="T1498"', 'bssid="02:11:22:33:44:55"',
                 'ssid="home"', 'channel="6"', 'rssi="-40"', 'severity="critical"', 'incident="7"'):  # fmt: skip
        assert f" {pair}" in data
    assert "Stations are thrown out" in text


@given(st.binary(max_size=32), st.text(max_size=40), st.text(max_size=20))
def test_nothing_off_the_air_breaks_the_form(name: bytes, text: str, host: str) -> None:
    body = alert(1, ssid=name, text=text, title=text)
    message = rfc5424(event(body), host=host, facility=23, key='a"b]c\\').decode()
    found = FORM.fullmatch(message)
    assert found
    assert "\n" not in message
    assert "\x1b" not in message
    line = ecs(event(body), host=host, version="1", key="k")
    assert b"\n" not in line
    assert json.loads(line)["rule"]["name"] == "deauth-flood"


def test_a_line_has_the_fields_of_the_schema() -> None:
    found = json.loads(ecs(event(incident(7, rules=("evil-twin", "deauth-flood"))), host="attic", version="1", key="k"))
    assert found["@timestamp"] == "2026-01-01T00:00:00.250Z"
    assert found["ecs"]["version"].startswith("8.")
    assert found["event"]["kind"] == "alert"
    assert set(found["event"]["category"]) <= {"intrusion_detection", "network"}
    assert set(found["event"]["type"]) <= {"info", "end", "start"}
    assert (found["event"]["id"], found["event"]["dataset"]) == ("k", "whimbrel.incident")
    assert found["threat"]["technique"]["id"] == ["T1557.004", "T1498"]
    assert found["source"]["mac"] == "02-11-22-33-44-55"
    assert found["network"]["name"] == "home"
    assert json.loads(ecs(event(alert(1, AlertClosed)), host="a", version="1", key="k"))["event"]["type"] == ["end"]


def test_a_rule_without_a_technique_names_none() -> None:
    body = alert(1, rule="open-network")
    assert "threat" not in json.loads(ecs(event(body), host="a", version="1", key="k"))
    assert b"attack=" not in rfc5424(event(body), host="a", facility=16, key="k")


@pytest.mark.parametrize(
    ("form", "transport", "expected"),
    [("rfc5424", "tcp", b"3 abc"), ("rfc5424", "tls", b"3 abc"), ("rfc5424", "udp", b"abc"), ("ecs", "tls", b"abc\n")],
)
def test_frames(form: str, transport: str, expected: bytes) -> None:
    assert framed(b"abc", form=form, transport=transport) == expected
