from __future__ import annotations

import uuid
from typing import Any

import pytest
from tests.lab.alerts import alert, incident

from whimbrel.events.air import AccessPointFound, Disconnected, NetworkProbed
from whimbrel.events.alerts import AlertClosed, AlertUpdated
from whimbrel.events.base import Body, Event, Level
from whimbrel.events.incidents import IncidentClosed
from whimbrel.events.radio import Tuned
from whimbrel.journal.fields import NAMESPACE, line_of, message_id, topic_of
from whimbrel.wifi.channels import Channel
from whimbrel.wifi.security import Pmf, Protection

AP = bytes.fromhex("021122334455")
STATION = bytes.fromhex("06aabbccddee")


class Ruled(Body):
    rule: str
    rssi: int


def fields(body: Any) -> dict[str, bytes]:
    return dict(line_of(Event(7, 1.0, "watcher", body), Level.INFO, "m").fields)


def test_message_ids_never_change() -> None:
    message_id.cache_clear()
    # Written down: an entry's id is what catalogs and people's saved searches hold on to.
    assert message_id("access-point-found") == "c560c32c57575d77a8da012427d2a6b9"
    assert message_id("disconnected") == uuid.uuid5(uuid.UUID(NAMESPACE), "disconnected").hex


def test_stamp() -> None:
    assert fields(Ruled(rule="evil-twin", rssi=-40)) == {
        "WHIMBREL_KIND": b"ruled",
        "WHIMBREL_MODULE": b"watcher",
        "WHIMBREL_SEQ": b"7",
        "WHIMBREL_RSSI": b"-40",
        "WHIMBREL_RULE": b"evil-twin",
    }


@pytest.mark.parametrize(("channel", "freq", "told"), [(5, 2432, b"5"), (5, 5975, b"6GHz:5"), (5, 0, b"5")])
def test_a_channel_says_its_band_where_the_number_is_not_enough(channel: int, freq: int, told: bytes) -> None:
    body = AccessPointFound(
        bssid=AP, ssid=b"", hidden=True, channel=channel, freq=freq, band="", security=Protection.OPEN, pmf=Pmf.NONE,
        wps=False, vendor="", rssi=None,
    )  # fmt: skip
    assert fields(body)["WHIMBREL_CHANNEL"] == told
    assert fields(Tuned(channel=Channel(5975), dwell=0.0))["WHIMBREL_CHANNEL"] == b"6GHz:5"


def test_access_point() -> None:
    body = AccessPointFound(
        bssid=AP, ssid=b"a\nMESSAGE=forged\x00\xff", hidden=False, channel=6, freq=2437, band="2.4",
        security=Protection.OPEN, pmf=Pmf.NONE, wps=False, vendor="", rssi=None,
    )  # fmt: skip
    found = fields(body)
    assert found["WHIMBREL_BSSID"] == b"02:11:22:33:44:55"
    assert found["WHIMBREL_SSID"] == b"a\nMESSAGE=forged\x00\xff"
    assert found["WHIMBREL_CHANNEL"] == b"6"
    assert "WHIMBREL_RSSI" not in found


def test_what_a_body_has_not_is_not_there() -> None:
    found = fields(NetworkProbed(station=STATION, ssid=b""))
    assert set(found) == {"WHIMBREL_KIND", "WHIMBREL_MODULE", "WHIMBREL_SEQ", "WHIMBREL_STATION"}


def test_channel_number_of_a_tuned_channel() -> None:
    assert fields(Tuned(channel=Channel(5180, 80, 5210), dwell=1.0))["WHIMBREL_CHANNEL"] == b"36"


@pytest.mark.parametrize(
    ("sender", "receiver", "station"),
    [
        (AP, STATION, b"06:aa:bb:cc:dd:ee"),
        (STATION, AP, b"06:aa:bb:cc:dd:ee"),
        (AP, b"\xff" * 6, None),
    ],
)
def test_the_station_of_a_disconnection(sender: bytes, receiver: bytes, station: bytes | None) -> None:
    body = Disconnected(bssid=AP, sender=sender, receiver=receiver, how="d", reason=1, protected=False)
    assert fields(body).get("WHIMBREL_STATION") == station


def test_an_alert_has_its_numbers_and_the_topic_of_its_rule() -> None:
    for kind in (AlertUpdated, AlertClosed):
        body = alert(9, kind, incident="7")
        assert topic_of(body) == "alert.deauth-flood"
        found = fields(body)
        assert (found["WHIMBREL_ALERT"], found["WHIMBREL_INCIDENT"]) == (b"9", b"7")
        assert found["WHIMBREL_RULE"] == b"deauth-flood"
    assert "WHIMBREL_INCIDENT" not in fields(alert(9))


def test_an_incident_has_the_number_of_its_first_alert() -> None:
    found = fields(incident(7, cause="cut-off"))
    assert (found["WHIMBREL_ALERT"], found["WHIMBREL_INCIDENT"]) == (b"7", b"7")
    assert topic_of(incident(7, cause="cut-off")) == "incident.cut-off"


def test_an_incident_without_a_cause_is_explained_by_its_first_rule() -> None:
    assert topic_of(incident(7, IncidentClosed)) == "alert.deauth-flood"
    assert topic_of(incident(7, IncidentClosed, rules=())) == "incident-closed"
