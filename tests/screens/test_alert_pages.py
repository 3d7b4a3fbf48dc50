from __future__ import annotations

from collections.abc import Callable

import pytest
from PIL import Image
from tests.screens.alarms import ALERTS, alarmed
from tools.screenshots import heard, scene

from whimbrel.events.alerts import AcknowledgeAlert, Severity
from whimbrel.screen_offers import ScreenOffers
from whimbrel.screens.alert_pages import AlertDetail, alerts_page, severity_icon, waiting
from whimbrel.screens.faces import Face
from whimbrel.screens.home import home_screen
from whimbrel.screens.screen import Say, Stack
from whimbrel.screens.takeover import Takeover

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


def test_ok_on_the_takeover_leads_to_the_evidence_and_back_from_there_to_where_one_was() -> None:
    state = alarmed()
    stack = Stack(home_screen(ScreenOffers()))
    stack.press("ok", "short", state)
    stack.push(Takeover(ALERTS[0], state.now))
    stack.press("ok", "press", state)
    stack.press("ok", "short", state)
    assert isinstance(stack.top, AlertDetail)
    stack.press("back", "short", state)
    assert stack.top.title == "access points"


def test_any_other_key_takes_the_takeover_away() -> None:
    state = alarmed()
    stack = Stack(home_screen(ScreenOffers()))
    stack.push(Takeover(ALERTS[0], state.now))
    stack.press("left", "press", state)
    stack.press("left", "short", state)
    assert stack.depth == 1


def test_a_key_that_was_down_before_does_not_take_it_away() -> None:
    state = alarmed()
    stack = Stack(home_screen(ScreenOffers()))
    stack.push(Takeover(ALERTS[0], state.now))
    stack.press("ok", "short", state)
    assert isinstance(stack.top, Takeover)


def test_a_weakness_is_never_over() -> None:
    state = alarmed()
    state.alerts = (ALERTS[2]._replace(severity=Severity.WEAKNESS),)
    detail = AlertDetail("5")
    detail.draw(state, SIZE)
    assert "\nweakness, 1h ago\n" in detail.text


def test_the_takeover_blinks() -> None:
    state = alarmed()
    screen = Takeover(ALERTS[0], state.now)
    light = screen.draw(state, SIZE)
    state.now += 0.6
    dark = screen.draw(state, SIZE)
    assert sum(light.histogram()[1:]) + sum(dark.histogram()[1:]) == 128 * 64


def shown(draw: Callable[[], object], monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the texts that a drawing makes pictures of, each once."""
    written: dict[str, None] = {}
    strip = Face.strip

    def noted(self: Face, text: str) -> Image.Image:
        written[text] = None
        return strip(self, text)

    monkeypatch.setattr(Face, "strip", noted)
    draw()
    return list(written)


@pytest.mark.parametrize(
    ("size", "lines"),
    [
        ((128, 64), ["ok: evidence", "Disconnection attack", "Harbour House", "ch 6  -62 dBm"]),
        ((128, 32), ["Disconnection attack", "Harbour House", "ch 6  -62 dBm"]),
        ((120, 60), ["Disconnection", "attack", "Harbour House", "ch 6  -62 dBm"]),
    ],
)
def test_from_frames_to_the_takeover(size: tuple[int, int], lines: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """A network's name, its channel, how loud it is: as the frames of the attack have them."""
    state, screen = heard.attacked(scene.NOW), heard.takeover(scene.NOW)
    assert shown(lambda: screen.draw(state, size), monkeypatch) == lines


def test_from_frames_to_the_list_and_the_detail(monkeypatch: pytest.MonkeyPatch) -> None:
    state = heard.attacked(scene.NOW)
    state.alerts = tuple(row for row in state.alerts if row.rule == "deauth-flood")
    page = alerts_page()
    texts = shown(lambda: page.draw(state, SIZE), monkeypatch)
    assert {"Disconnection attack", "Harbour House", "ch 6"} <= set(texts)
    detail = AlertDetail(state.alerts[0].id)
    detail.draw(state, SIZE)
    network, place, advice, *_ = detail.text.splitlines()
    assert (detail.title, network) == ("Disconnection attack", "Harbour House")
    assert place.startswith("channel 6, ")
    assert advice.startswith("what to do: ")
