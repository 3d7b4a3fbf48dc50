from __future__ import annotations

from tools.screenshots import scene

from whimbrel.display.gathering import FOLLOWED, Gatherer
from whimbrel.events.base import Event
from whimbrel.events.device import AirSnapshot, PowerOffered, SignalReported, TimeJudged
from whimbrel.events.radio import (
    HoppingChanged,
    ListeningChanged,
    ProbingChanged,
    RadioBlind,
    RadioClosed,
    RadioOpened,
    RadioRecovered,
    Tuned,
)
from whimbrel.events.system import ModulesState, ModuleStatus
from whimbrel.screens.state import HISTORY
from whimbrel.wifi.channels import parse_channel


def snapshot(frames: int = 0, *rows: tuple[bytes, float, int | None]) -> AirSnapshot:
    known = scene.snapshot([], [])
    aps = []
    for address, last, rssi in rows:
        row = scene.network("02:00:00:00:00:00", "", 2412, -50, scene.OPEN, "", 0, 0.0)
        aps.append(row.replace(bssid=address, last=last, rssi=row.rssi.replace(last=rssi)))
    return known.replace(access_points=tuple(aps), totals=known.totals.replace(frames=frames))


def tell(gatherer: Gatherer, body: object, at: float = 0.0) -> None:
    gatherer.take(Event(1, at, "test", body))


def test_where_the_radio_is() -> None:
    gatherer = Gatherer()
    state = gatherer.state
    tell(gatherer, Tuned(channel=parse_channel("6"), dwell=0.25))
    assert state.freq == 2437
    tell(gatherer, HoppingChanged(mode="locked", channel=parse_channel("36")))
    assert (state.mode, state.freq) == ("locked", 5180)
    tell(gatherer, RadioBlind(silent=30.0))
    assert state.blind
    tell(gatherer, RadioRecovered(blind=40.0, rung="cycle"))
    assert not state.blind
    tell(gatherer, RadioClosed(reason="gone", received=1, dropped=0))
    assert (state.mode, state.freq) == ("", 0)


def test_frames_a_second_over_a_few_seconds() -> None:
    gatherer = Gatherer()
    for step in range(20):
        tell(gatherer, snapshot(frames=50 * step), at=1000 + step / 2)
    assert gatherer.state.rate == 100
    for step in range(8):
        tell(gatherer, snapshot(frames=950), at=1010 + step / 2)
    assert gatherer.state.rate == 0


def test_a_watcher_that_began_anew_makes_no_negative_rate() -> None:
    gatherer = Gatherer()
    tell(gatherer, snapshot(frames=5000), at=10)
    tell(gatherer, snapshot(frames=5100), at=11)
    tell(gatherer, snapshot(frames=0), at=12)
    tell(gatherer, snapshot(frames=30), at=13)
    assert gatherer.state.rate == 30
    tell(gatherer, snapshot(frames=60), at=5)
    assert gatherer.state.rate >= 0


def test_signals_of_who_is_looked_at() -> None:
    gatherer = Gatherer()
    gatherer.follow([b"a"])
    for step in range(HISTORY + 10):
        tell(gatherer, snapshot(0, (b"a", 100.0 + step, -40), (b"b", 100.0, -50)))
    signal = gatherer.state.signals[b"a"]
    assert len(signal) == HISTORY
    assert signal[-1] == (100.0 + HISTORY + 9, -40)
    assert set(gatherer.state.signals) == {b"a"}


def test_a_graph_begins_with_the_half_minute_that_the_survey_knows() -> None:
    gatherer = Gatherer()
    assert gatherer.follow([b"a"]) == [b"a"]
    assert gatherer.follow([b"a"]) == []
    tell(gatherer, snapshot(0, (b"a", 1060.0, -33)))
    samples = tuple((1030.0 + 2 * step, -50 + step) for step in range(16))
    tell(gatherer, SignalReported(address=b"a", samples=samples))
    assert list(gatherer.state.signals[b"a"]) == [*samples[:-1], (1060.0, -33)]
    tell(gatherer, SignalReported(address=b"a", samples=samples))
    assert len(gatherer.state.signals[b"a"]) == 16
    tell(gatherer, SignalReported(address=b"b", samples=samples))
    assert set(gatherer.state.signals) == {b"a"}


def test_silence_adds_nothing_to_a_signal() -> None:
    gatherer = Gatherer()
    gatherer.follow([b"a"])
    for rssi, heard in ((-40, 1.0), (-40, 1.0), (None, 2.0), (-42, 3.0)):
        tell(gatherer, snapshot(0, (b"a", heard, rssi)))
    assert list(gatherer.state.signals[b"a"]) == [(1.0, -40), (3.0, -42)]


def test_only_the_last_few_are_followed() -> None:
    gatherer = Gatherer()
    gatherer.follow([b"first"])
    for name in (b"b", b"c", b"d"):
        gatherer.follow([name])
    gatherer.follow([b"first"])
    gatherer.follow([b"e"])
    assert len(gatherer.state.signals) == FOLLOWED
    assert b"first" in gatherer.state.signals
    assert b"b" not in gatherer.state.signals


def status(name: str, state: str, reason: str = "") -> ModuleStatus:
    return ModuleStatus(name, state, reason, 0.0, False, 1, 0, ())


def test_modules_that_are_not_well() -> None:
    gatherer = Gatherer()
    all_of_them = (status("gps", "waiting", "no receiver"), status("sniffer", "ready"), status("mqtt", "backing-off"))
    tell(gatherer, ModulesState(modules=all_of_them))
    assert [found.module for found in gatherer.state.trouble] == ["gps", "mqtt"]
    tell(gatherer, ModulesState(modules=(status("gps", "ready"), *all_of_them[1:])))
    assert [found.module for found in gatherer.state.trouble] == ["mqtt"]


def test_the_board_can_be_told_what_the_settings_have_a_program_for() -> None:
    gatherer = Gatherer()
    gatherer.state.features |= {"alerts"}
    tell(gatherer, PowerOffered(commands=("shutdown", "reboot")))
    assert gatherer.state.features == {"alerts", "shutdown", "reboot"}
    tell(gatherer, PowerOffered(commands=()))
    assert gatherer.state.features == {"alerts"}


def test_a_radio_that_scans_is_on_no_channel() -> None:
    gatherer = Gatherer()
    tell(gatherer, HoppingChanged(mode="locked", channel=parse_channel("36")))
    tell(gatherer, RadioOpened(driver="scan", description="wlan0", announcements_only=True))
    assert (gatherer.state.mode, gatherer.state.freq) == ("scanning", 0)
    assert not gatherer.state.transmits
    for transmits in (True, False, True):
        tell(gatherer, ProbingChanged(transmits=transmits))
        assert gatherer.state.transmits is transmits
    tell(gatherer, RadioClosed(reason="gone", received=1, dropped=0))
    assert not gatherer.state.transmits


def test_several_receivers_together() -> None:
    gatherer = Gatherer()
    state = gatherer.state
    seq = iter(range(1, 100))

    def tell_of(source: str, body: object) -> None:
        gatherer.take(Event(next(seq), 0.0, source, body))

    tell_of(
        "sniffer2", RadioOpened(driver="scan", description="b", receiver=1, announcements_only=True, transmits=True)
    )
    tell_of("sniffer", RadioOpened(driver="linux", description="a", channels=(2437,)))
    tell_of("sniffer", HoppingChanged(mode="hopping"))
    tell_of("sniffer", Tuned(channel=parse_channel("6"), dwell=0.25))
    assert [row.receiver for row in state.receivers] == ["sniffer", "sniffer2"]
    assert (state.mode, state.freq, state.blind, state.transmits) == ("hopping", 2437, False, True)
    tell_of("sniffer", ListeningChanged(paused=True))
    assert not state.paused, "the other one goes on"
    tell_of("sniffer2", ListeningChanged(paused=True))
    assert state.paused
    tell_of("sniffer", ListeningChanged(paused=False))
    assert not state.paused
    tell_of("sniffer2", ListeningChanged(paused=False))
    tell_of("sniffer", RadioBlind(silent=30.0))
    assert not state.blind, "the other one hears"
    tell_of("sniffer", RadioClosed(reason="gone", received=1, dropped=0))
    assert (state.mode, state.freq, state.transmits) == ("scanning", 0, True)
    tell_of("sniffer2", RadioBlind(silent=30.0))
    assert state.blind
    tell_of("sniffer2", RadioClosed(reason="gone", received=1, dropped=0))
    assert (state.mode, state.blind, state.transmits) == ("", False, False)


def test_whether_the_time_is_an_estimate() -> None:
    gatherer = Gatherer()
    assert not gatherer.state.estimate
    tell(gatherer, TimeJudged(known=False))
    assert gatherer.state.estimate
    tell(gatherer, TimeJudged(known=True, by="person"))
    assert not gatherer.state.estimate
