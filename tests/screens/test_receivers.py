from __future__ import annotations

from tools.screenshots.scene import receiver, usual

from whimbrel.rows import ReceiverLevelRow, SignalRow
from whimbrel.screens.listing import Facts
from whimbrel.screens.page import Page
from whimbrel.screens.receivers import ReceiverList, doing, doing_shortly, receiver_page, receivers_page
from whimbrel.screens.screen import Push
from whimbrel.screens.state import ScreenState
from whimbrel.screens.survey_pages import access_point_page


def two(**second: object) -> ScreenState:
    state = usual()
    state.receivers = (receiver(0), receiver(1, **second))
    return state


def test_what_a_receiver_does() -> None:
    assert doing(receiver(0)) == "hopping"
    assert doing(receiver(0, mode="locked", channel="36/80")) == "locked 36/80"
    assert doing(receiver(0, mode="")) == "listening"
    assert doing(receiver(0, state="blind")) == "blind"
    assert [doing_shortly(receiver(0, mode=mode)) for mode in ("hopping", "camping", "")] == ["hop", "camp", "hear"]
    assert doing_shortly(receiver(0, state="closed")) == "closed"


def test_the_page_has_the_receivers_and_then_the_channels() -> None:
    page = receivers_page()
    assert isinstance(page.views[0], ReceiverList)
    assert [view.title(two()) for view in page.views] == ["RECEIVERS", "2.4 GHz", "5 GHz", "6 GHz"]


def test_ok_shows_everything_about_one() -> None:
    state = two(mode="scanning", visited=0, lost=12, faults=("it lies",))
    [action] = ReceiverList().opened(state.receivers[1], state)
    assert isinstance(action, Push)
    [facts] = receiver_page("sniffer2").views
    rows = {fact.label: fact.value for fact in facts.rows(state)}  # type: ignore[attr-defined]
    assert rows == {
        "state": "scanning",
        "radio": "wlan0 (phy0, brcmfmac)",
        "channels": "all",
        "frames": "184k",
        "lost": "12",
        "listened": "2 h 3 min",
        "fault": "it lies",
    }
    state.receivers = ()
    assert list(facts.rows(state)) == []  # type: ignore[attr-defined]


def test_a_device_has_its_strength_at_each() -> None:
    state = two()
    assert state.air is not None
    [row, *others] = state.air.access_points
    signals = (SignalRow(last=-40, min=-41, max=-39, smoothed=-40), SignalRow(last=-70, min=-71, max=-69, smoothed=-70))
    levels = tuple(ReceiverLevelRow(receiver=n, rssi=signal, last=0.0, frames=9) for n, signal in enumerate(signals))
    state.air = state.air.replace(access_points=(row.replace(levels=levels), *others))
    page = access_point_page(row.bssid)
    assert isinstance(page, Page)
    facts = [fact for view in page.views if isinstance(view, Facts) for fact in view.rows(state)]
    told = {fact.label: fact.value for fact in facts if fact.label.startswith("at ")}
    assert told == {"at sniffer": "-40 dBm", "at sniffer2": "-70 dBm"}
