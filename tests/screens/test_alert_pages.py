from __future__ import annotations

import pytest
from tests.screens.alarms import ALERTS, alarmed
from tests.screens.written import shown
from tools.screenshots import heard, scene

from whimbrel.events.alerts import AcknowledgeAlert, Severity
from whimbrel.screen_offers import ScreenOffers
from whimbrel.screens.alert_pages import AlertDetail, PartDetail, alerts_page, parts_page, severity_icon, waiting
from whimbrel.screens.home import home_screen
from whimbrel.screens.screen import Say, Stack
from whimbrel.screens.state import ScreenState

SIZE = (128, 64)


def test_alerts_are_two_keys_away_and_acknowledged_by_ok() -> None:
    state = alarmed()
    stack = Stack(home_screen(ScreenOffers()))
    for key in ("down", "right", "ok"):
        stack.press(key, "short", state)
    assert stack.top.title == "alerts"
    stack.press("ok", "short", state)
    assert isinstance(stack.top, AlertDetail)
    assert stack.press("ok", "short", state) == [Say(AcknowledgeAlert(id="7"))]
    assert stack.top.title == "alerts"


def test_a_seen_alert_is_not_acknowledged_again() -> None:
    state = alarmed()
    stack = Stack(home_screen(ScreenOffers()))
    stack.push(AlertDetail("5"))
    assert stack.press("ok", "short", state) == []
    assert stack.depth == 1


def test_an_alert_that_is_forgotten_says_so() -> None:
    state = alarmed()
    detail = AlertDetail("404")
    detail.draw(state, SIZE)
    assert "not remembered" in detail.text


def test_the_evidence_is_in_the_detail() -> None:
    state = alarmed()
    detail = AlertDetail("7")
    detail.draw(state, SIZE)
    assert "214 deauthentication frames" in detail.text
    assert detail.title == "Disconnection attack"
    network, place, advice, severity, *_ = detail.text.splitlines()
    assert (network, place) == ("Harbour House", "channel 6, -73 to -69 dBm")
    assert advice.startswith("what to do: Look for who is near")
    assert severity == "critical, for 14s"
    for told in ("214; it takes 10 in 10 s", "confidence: high"):
        assert told in detail.text
    assert detail.text.endswith("ok: mark as seen")


def test_an_alert_that_is_over_says_so() -> None:
    state = alarmed()
    detail = AlertDetail("5")
    detail.draw(state, SIZE)
    assert "over, 1h ago" in detail.text
    assert detail.text.endswith("seen")


def test_what_matters_and_nobody_has_seen_counts_also_when_it_is_over() -> None:
    state = alarmed()
    assert [alert.id for alert in waiting(state)] == ["7", "6"]
    attack, twin, weak = ALERTS
    over = twin._replace(open=False)
    state.alerts = (attack._replace(acknowledged=True), over, weak._replace(acknowledged=False))
    assert waiting(state) == [over]
    assert waiting(scene.usual()) == []


def test_each_severity_has_an_icon() -> None:
    alert = ALERTS[0]
    icons = {severity: severity_icon(alert._replace(severity=severity)) for severity in Severity}
    assert icons == {"critical": "critical", "warning": "warning", "notice": "notice", "weakness": "notice"}


def test_a_weakness_is_never_over() -> None:
    state = alarmed()
    state.alerts = (ALERTS[2]._replace(severity=Severity.WEAKNESS),)
    detail = AlertDetail("5")
    detail.draw(state, SIZE)
    assert "\nweakness, 1h ago\n" in detail.text


def test_from_frames_to_the_list_and_the_detail(monkeypatch: pytest.MonkeyPatch) -> None:
    state = heard.attacked(scene.NOW)
    state.alerts = tuple(row for row in state.alerts if row.rule == "deauth-flood")
    page = alerts_page()
    texts = shown(lambda: page.draw(state, SIZE), monkeypatch)
    assert {"Disconnection attack", "Harbour House", "2x ch 6"} <= set(texts)
    detail = AlertDetail(state.alerts[0].id)
    detail.draw(state, SIZE)
    network, place, advice, *_ = detail.text.splitlines()
    assert (detail.title, network) == ("Disconnection attack", "Harbour House")
    assert place.startswith("channel 6, ")
    assert advice.startswith("what to do: ")


def joined() -> ScreenState:
    """Return a state with one incident of two alerts."""
    state = alarmed()
    attack, twin, _ = ALERTS
    state.alerts = (attack._replace(parts=(attack, twin)),)
    return state


def test_right_opens_the_alerts_of_an_incident_and_ok_their_evidence() -> None:
    state = joined()
    stack = Stack(alerts_page())
    stack.press("ok", "short", state)
    detail = stack.top
    assert isinstance(detail, AlertDetail)
    detail.draw(state, SIZE)
    assert detail.text.endswith("right: its 2 alerts\nok: mark as seen")
    for key in ("right", "down", "ok"):
        assert stack.press(key, "short", state) == []
    part = stack.top
    assert isinstance(part, PartDetail)
    part.draw(state, SIZE)
    assert (part.title, part.text.splitlines()[0]) == ("Evil twin", "eduroam")
    assert part.text.endswith("ok: back")
    assert stack.press("ok", "short", state) == [], "it is acknowledged with its incident"
    assert stack.top.title == "its alerts"


def test_the_alerts_of_an_incident_that_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    state = joined()
    part = PartDetail("7", "6")
    part.draw(state, SIZE)
    assert part.title == "Evil twin"
    seen = (ALERTS[0], ALERTS[1]._replace(acknowledged=True))
    state.alerts = (ALERTS[0]._replace(parts=seen),)
    part.draw(state, SIZE)
    assert part.text.endswith("\nseen")
    state.alerts = ()
    part.draw(state, SIZE)
    assert part.text == "not remembered any more"
    page = parts_page("7")
    assert "not remembered any more" in shown(lambda: page.draw(state, SIZE), monkeypatch)


def test_right_opens_nothing_where_there_is_one_alert() -> None:
    state = alarmed()
    stack = Stack(alerts_page())
    stack.push(AlertDetail("7"))
    stack.press("right", "short", state)
    assert isinstance(stack.top, AlertDetail)
    assert stack.depth == 2


def test_a_low_panel_has_network_and_title_on_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    state = alarmed()
    state.alerts = (ALERTS[2], ALERTS[1]._replace(network="", bssid=""))
    page = alerts_page()
    texts = shown(lambda: page.draw(state, (256, 32)), monkeypatch)
    assert {"Harbour House: WPS is on", "Evil twin"} <= set(texts)
