"""Alerts in the documented form, and those of Kismet and of Whimbrel."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tools.wids_benchmark.scoring import alerts, kismet, whimbrel
from tools.wids_benchmark.scoring.alerts import SEVERITIES, AlertsUnreadable, DetectorAlert
from tools.wids_benchmark.truth import Site

ADDRESS = "50:c7:bf:10:20:30"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


def test_the_readme_shows_a_line_that_is_read() -> None:
    readme = (Path(alerts.__file__).parents[1] / "README.md").read_text()
    (line,) = (line for line in readme.splitlines() if line.startswith('{"time"'))
    (alert,) = alerts.read_lines([line])
    assert alert == DetectorAlert(1750000076.1, "DEAUTH", frozenset({ADDRESS}), "warning", 1750000130.0)


def test_least_and_most() -> None:
    least, most = alerts.read_lines(
        [
            '{"time": 5, "kind": "x"}',
            "",
            '{"time": 5, "kind": "x", "address": "AA-BB-CC-00-00-01", "severity": "notice"}',
        ]
    )
    assert least == DetectorAlert(5.0, "x", frozenset(), "warning", 5.0)
    assert most.addresses == {"aa:bb:cc:00:00:01"}


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("{", "line 2: no JSON"),
        ("[" * 100_000, "line 2: (no JSON|JSON nested)"),
        ("3", "line 2: '3' is no object"),
        ('{"kind": "x"}', "line 2: time is to be a number"),
        ('{"time": true, "kind": "x"}', "line 2: time is to be a number"),
        ('{"time": NaN, "kind": "x"}', "line 2: time is to be a finite number"),
        ('{"time": 1' + "0" * 400 + ', "kind": "x"}', "line 2: time is to be a finite number"),
        ('{"time": 1}', "line 2: kind is to be"),
        ('{"time": 1, "kind": "x", "severity": "bad"}', "line 2: severity is one of"),
    ],
)
def test_a_line_that_is_no_alert_is_named(line: str, why: str) -> None:
    with pytest.raises(AlertsUnreadable, match=why):
        alerts.read_lines(['{"time": 5, "kind": "x"}', line])


@given(st.text(max_size=60) | JSON.map(json.dumps))
def test_any_text_is_read_or_refused(text: str) -> None:
    for read in (lambda: alerts.read_lines(text.splitlines()), lambda: kismet.read(text), lambda: whimbrel.read(text)):
        with contextlib.suppress(AlertsUnreadable):
            read()


@given(
    st.floats(0, 4e9),
    st.text(min_size=1),
    st.frozensets(st.just(ADDRESS)),
    st.sampled_from(SEVERITIES),
    st.floats(0, 1e4),
)
def test_what_is_written_is_read_back(
    time: float, kind: str, addresses: frozenset[str], severity: str, more: float
) -> None:
    alert = DetectorAlert(time, kind, addresses, severity, time + more)
    assert alerts.read_lines([alerts.write_line(alert)]) == [alert]


KISMET: dict[str, Any] = {
    "kismet.alert.header": "DEAUTHFLOOD",
    "kismet.alert.class": "DENIAL",
    "kismet.alert.severity": 10,
    "kismet.alert.timestamp": 1750000080.25,
    "kismet.alert.transmitter_mac": "50:C7:BF:10:20:30",
    "kismet.alert.source_mac": "50:C7:BF:10:20:30",
    "kismet.alert.dest_mac": "FF:FF:FF:FF:FF:FF",
    "kismet.alert.other_mac": "00:00:00:00:00:00",
    "kismet.alert.channel": "6",
    "kismet.alert.text": "IEEE80211 Deauthentication flood",
}


def test_kismet_in_its_three_forms() -> None:
    expected = DetectorAlert(
        1750000080.25, "DEAUTHFLOOD", frozenset({ADDRESS, "ff:ff:ff:ff:ff:ff"}), "warning", 1750000080.25
    )
    underscores = {name.replace(".", "_"): value for name, value in KISMET.items()}
    system = {**KISMET, "kismet.alert.class": "SYSTEM", "kismet.alert.header": "ROOTUSER"}
    assert kismet.read(json.dumps([KISMET, system])) == [expected]
    assert kismet.read(json.dumps(KISMET)) == [expected]
    assert kismet.read(f"{json.dumps(KISMET)}\n\n{json.dumps(underscores)}\n") == [expected, expected]


@pytest.mark.parametrize(
    ("level", "severity"),
    [(0, "info"), (5, "notice"), (10, "warning"), (15, "critical"), (20, "critical"), (None, "warning")],
)
def test_severities_of_kismet(level: int | None, severity: str) -> None:
    assert kismet.read(json.dumps({**KISMET, "kismet.alert.severity": level}))[0].severity == severity


def test_what_is_not_of_kismet() -> None:
    for text in ('[{"x": 1}]', "[3]", "{]", json.dumps({**KISMET, "kismet.alert.timestamp": "now"})):
        with pytest.raises(AlertsUnreadable):
            kismet.read(text)


def row(**more: Any) -> dict[str, Any]:
    return {
        "rule": "deauth-flood",
        "severity": "critical",
        "first": 10.0,
        "last": 20.0,
        "bssid": ADDRESS,
        "sender": None,
        "receiver": "ff:ff:ff:ff:ff:ff",
    } | more


def test_whimbrel() -> None:
    text = json.dumps({"captures": [{"file": "a", "alerts": [row()]}, {"file": "b", "error": "no capture"}]})
    (first,), second = whimbrel.read(text)
    assert first == DetectorAlert(10.0, "deauth-flood", frozenset({ADDRESS, "ff:ff:ff:ff:ff:ff"}), "critical", 20.0)
    assert second == []


def test_whimbrel_tells_when_an_alert_became_loud() -> None:
    told = {"1": {"notice": 12.0, "warning": 15.0, "critical": 18.0}, "2": {"notice": 13.0}}
    rows = [row(id="1"), row(id="2", severity="notice")]
    ((loud, quiet),) = whimbrel.read(json.dumps({"captures": [{"alerts": rows, "told": told}]}))
    assert (loud.time, loud.until) == (15.0, 20.0)
    assert quiet.time == 13.0


def test_the_owners_network_is_told_to_whimbrel() -> None:
    told = json.loads(whimbrel.settings(Site("Seaglass", (ADDRESS,), (6,), "wpa3", ("3c:58:c2:01:02:03",))))
    (network,) = told["modules"]["watcher"]["guarded"]
    assert network == {
        "ssid": "Seaglass",
        "bssids": [ADDRESS],
        "channels": [6],
        "security": ["WPA3-Personal"],
        "pmf": "required",
        "stations": ["3c:58:c2:01:02:03"],
    }
