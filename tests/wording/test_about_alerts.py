"""Alerts in the journal: their sentence, their fields, their place in the catalog; none is folded away."""

from __future__ import annotations

from typing import Any

import pytest

from whimbrel.events.alerts import Alert, AlertClosed, AlertUpdated, Severity
from whimbrel.events.base import Event, Level
from whimbrel.events.interest import level_of_body
from whimbrel.journal.fields import line_of, message_id, topic_of
from whimbrel.journal.folding import StormFolder
from whimbrel.modules.logger import Levels
from whimbrel.wording.sentences import sentence

AP, STA = bytes.fromhex("001122334455"), bytes.fromhex("00aabbccddee")


def alert(cls: type[Any] = Alert, **more: Any) -> Any:
    values: dict[str, Any] = {
        "id": "3", "rule": "deauth-flood", "title": "Disconnection flood", "severity": Severity.CRITICAL,
        "family": "disruption", "meaning": "Somebody is cut off.", "advice": "Look around.", "lasting": True,
        "confidence": "high", "text": "64 in 12 s.", "bssid": AP, "ssid": b"harbour", "sender": AP,
        "receiver": STA, "channel": 6, "freq": 2437, "band": "2.4", "rssi": -51, "rssi_range": (-60, -51),
        "first": 1000.0,
        "last": 1012.0, "count": 64, "threshold": "10 in 10 s", "frames": 48,
    }  # fmt: skip
    return cls(**(values | more))


def test_the_sentences() -> None:
    heard = "64 in 12 s (channel 6, -60 to -51 dBm); high confidence"
    assert sentence(alert()) == f"Alert 3, critical: Disconnection flood: {heard} [deauth-flood]"
    assert sentence(alert(again=2)).endswith(f"{heard}, raised 2 times before [deauth-flood]")
    assert sentence(alert(AlertUpdated)) == (
        f"Alert 3, critical: Disconnection flood goes on for 12 s: {heard} [deauth-flood]"
    )
    assert sentence(alert(AlertClosed)) == (
        f"Alert 3, critical: Disconnection flood has ended after 12 s, nothing more was heard: {heard} [deauth-flood]"
    )


def test_where_it_was_heard_is_said_as_far_as_it_is_known() -> None:
    assert "(-51 dBm)" in sentence(alert(channel=0, freq=0, rssi_range=(-51, -51)))
    assert "(channel 6, heard on 5, 7, -51 dBm)" in sentence(alert(heard_on=(2432, 2442), rssi_range=(-51, -51)))
    assert "(channel 6)" in sentence(alert(rssi=None, rssi_range=None))
    assert "64 in 12 s; high" in sentence(alert(channel=0, freq=0, rssi=None, rssi_range=None))


def test_what_came_off_the_air_forges_no_line() -> None:
    assert "\n" not in sentence(alert(text='"two\nlines" \u202e'))


@pytest.mark.parametrize("cls", [Alert, AlertUpdated, AlertClosed])
def test_the_fields(cls: type[Any]) -> None:
    body = alert(cls)
    line = line_of(Event(1, 1012.0, "watcher", body), level_of_body(body), "said")
    expected = {
        "WHIMBREL_KIND": body.kind.encode(),
        "WHIMBREL_RULE": b"deauth-flood",
        "WHIMBREL_ALERT": b"3",
        "WHIMBREL_SEVERITY": b"critical",
        "WHIMBREL_CONFIDENCE": b"high",
        "WHIMBREL_BSSID": b"00:11:22:33:44:55",
        "WHIMBREL_STATION": b"00:aa:bb:cc:dd:ee",
        "WHIMBREL_SSID": b"harbour",
        "WHIMBREL_CHANNEL": b"6",
        "WHIMBREL_RSSI": b"-51",
    }
    assert expected.items() <= dict(line.fields).items()
    assert line.topic == topic_of(body) == "alert.deauth-flood"
    assert message_id(line.topic) != message_id(body.kind)


@pytest.mark.parametrize(
    ("severity", "level", "closing"),
    [
        (Severity.CRITICAL, Level.ALERT, Level.NOTICE),
        (Severity.WARNING, Level.WARNING, Level.NOTICE),
        (Severity.NOTICE, Level.NOTICE, Level.NOTICE),
        (Severity.WEAKNESS, Level.INFO, Level.INFO),
    ],
)
def test_the_level_is_that_of_the_severity(severity: Severity, level: Level, closing: Level) -> None:
    assert level_of_body(alert(severity=severity)) is level
    assert level_of_body(alert(AlertClosed, severity=severity)) is closing


def test_levels_in_the_settings_are_about_kinds() -> None:
    weak, bad = alert(severity=Severity.WEAKNESS), alert()
    assert [Levels(Level.NOTICE, {}).writes(body) for body in (weak, bad)] == [False, True]
    off = Levels(Level.NOTICE, {"alert": None})
    assert [off.writes(body) for body in (weak, bad, alert(AlertUpdated))] == [False, False, True]
    assert Levels(Level.NOTICE, {"alert": Level.NOTICE}).of_body(weak) is Level.NOTICE


def test_no_alert_is_summed_up_from_warning_on() -> None:
    folder = StormFolder(10.0, 5)
    many = [Event(n, 1000.0, "watcher", alert(id=str(n))) for n in range(100)]
    assert len([fold for event in many for fold in folder.take(event)]) == 100
    weak = [Event(n, 1000.0, "watcher", alert(id=str(n), severity=Severity.WEAKNESS)) for n in range(100)]
    assert len([fold for event in weak for fold in folder.take(event)]) <= 6
