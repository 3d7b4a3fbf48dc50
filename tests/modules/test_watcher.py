from __future__ import annotations

import asyncio
import itertools
import os
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from tests.survey.air import AP, beacon, frame, key, probe, to_ap

from whimbrel.bus import Bus, Lagged, Policy
from whimbrel.detections.options import RuleSettings
from whimbrel.events.air import AccessPointFound, AirReport, HandshakeSeen, NetworkProbed, StationFound
from whimbrel.events.alerts import (
    AcknowledgeAlert,
    Alert,
    AlertAcknowledged,
    AlertClosed,
    AlertState,
)
from whimbrel.events.base import Event
from whimbrel.events.device import AirSnapshot
from whimbrel.events.encode import encode
from whimbrel.events.incidents import AlertsStanding
from whimbrel.events.radio import ClockStepped, FrameBatch, ListeningChanged
from whimbrel.module import Context, Handover, VerbError
from whimbrel.modules.watcher import DetectionSettings, Watcher, WatcherSettings
from whimbrel.survey.snapshots import Snapshots
from whimbrel.survey.survey import Survey
from whimbrel.testing import PATIENCE, Lab, run_module
from whimbrel.wifi.frames import Frame
from whimbrel.wifi.kinds import DEAUTH


async def ask(lab: Lab, **request: object) -> dict[str, object]:
    verb = lab.ctx.verbs.find("survey")
    assert verb is not None
    return encode(await verb(dict(request)))  # type: ignore[no-any-return]


async def test_findings_have_the_time_of_their_frame() -> None:
    async with run_module(Watcher) as lab:
        await lab.ready()
        lab.publish(FrameBatch(frames=[beacon(time=1000.0), probe(b"home", time=1000.5)]))
        await lab.event(NetworkProbed)
        events = await lab.finish()
    others = {"air-snapshot", "alert", "alert-evidence", "alerts-standing"}
    assert [(event.body.kind, event.time) for event in events if event.body.kind not in others] == [
        ("access-point-found", 1000.0),
        ("station-found", 1000.5),
        ("network-probed", 1000.5),
    ]


async def test_tuned_frequency_stands_in() -> None:
    async with run_module(Watcher) as lab:
        await lab.ready()
        lab.publish(FrameBatch(frames=[probe(freq=0)], freq=2462))
        await lab.event(StationFound)
        assert (await ask(lab, what="channels"))["channels"][0]["channel"] == 11  # type: ignore[index]


async def test_a_backlog_of_known_frames_leaves_turns_to_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("whimbrel.modules.watcher._HOLD", -1.0)  # every batch takes too long
    async with run_module(Watcher) as lab:
        await lab.ready()
        lab.publish(FrameBatch(frames=[beacon(time=1000.0)]))
        await lab.event(AccessPointFound)
        for number in range(200):
            lab.publish(FrameBatch(frames=[beacon(time=1000.0 + number / 100)]))
        turns = 0
        while (await ask(lab, what="channels"))["time"] != pytest.approx(1001.99):
            turns += 1
            await asyncio.sleep(0)
        assert turns > 150, "they were taken in one go"


async def test_limits_come_from_the_settings() -> None:
    async with run_module(Watcher, WatcherSettings(access_points=3, stations=5)) as lab:
        await lab.ready()
        lab.publish(FrameBatch(frames=[beacon(bssid=bytes((0, 0, 0, 0, 0, n))) for n in range(30)]))
        await lab.event(AccessPointFound, lambda found: found.bssid[5] == 29)
        assert len((await ask(lab, what="access_points"))["access_points"]) <= 3  # type: ignore[arg-type]


async def test_clock_step_in_its_place() -> None:
    async with run_module(Watcher) as lab:
        await lab.ready()
        lab.publish(FrameBatch(frames=[beacon(time=10.0)]))
        lab.publish(ClockStepped(delta=1e9))
        lab.publish(FrameBatch(frames=[probe(time=1e9 + 11)]))
        await lab.event(StationFound)
        rows = (await ask(lab, what="access_points"))["access_points"]
        assert rows[0]["first"] == 1e9 + 10  # type: ignore[index]


async def test_what_is_held_back_comes_at_the_end() -> None:
    async with run_module(Watcher) as lab:
        await lab.ready()
        lab.publish(FrameBatch(frames=[key(2, 1), key(3, 2)]))
        events = await lab.finish()
    assert isinstance(events[-1].body, HandshakeSeen)
    assert events[-1].time == 1000.0


async def test_everything_that_waits_is_read_before_the_end() -> None:
    async with run_module(Watcher) as lab:
        await lab.ready()
        for number in range(50):
            lab.publish(FrameBatch(frames=[beacon(bssid=number.to_bytes(6, "big"))] * 64))
        events = await lab.finish()
    assert sum(isinstance(event.body, AccessPointFound) for event in events) == 50


async def test_one_bad_frame_does_not_end_the_watch(monkeypatch: pytest.MonkeyPatch) -> None:
    observe = Survey.observe

    def broken(self: Survey, frame: Frame, tuned_freq: int = 0) -> object:
        if frame.kind == 0x20:
            raise ZeroDivisionError("a mistake")
        return observe(self, frame, tuned_freq)

    monkeypatch.setattr(Survey, "observe", broken)
    async with run_module(Watcher) as lab:
        await lab.ready()
        lab.publish(FrameBatch(frames=[to_ap(), to_ap(), beacon()]))
        await lab.event(AccessPointFound)
        assert "ZeroDivisionError: a mistake" in lab.ctx.warnings["frame"]
        assert lab.ctx.warnings["frame"].startswith("2 frames")


@pytest.mark.parametrize(
    ("error", "said"),
    [(MemoryError(), "MemoryError"), (OSError(24, "Too many open files"), "[Errno 24] Too many open files")],
)
async def test_want_is_no_mistake(error: Exception, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def short(*_: object) -> object:
        raise error

    monkeypatch.setattr(Survey, "observe", short)
    async with run_module(Watcher) as lab:
        await lab.ready()
        lab.publish(FrameBatch(frames=[beacon()]))
        await lab.finish()
        assert lab.ctx.warnings["frame"] == f"1 frames were not understood for want of memory or descriptors: {said}"


async def test_others_get_a_turn_during_a_flood(monkeypatch: pytest.MonkeyPatch) -> None:
    loop = asyncio.get_running_loop()
    clock, spent, frames = loop.time, 0.0, 0
    monkeypatch.setattr(loop, "time", lambda: clock() + spent)
    async with run_module(Watcher) as lab:
        await lab.ready()
        detections = lab.module.detections  # type: ignore[attr-defined]
        observe = detections.observe

        def take_a_millisecond(frame: Frame, freq: int) -> object:
            nonlocal spent, frames
            spent += 0.001
            frames += 1
            return observe(frame, freq)

        monkeypatch.setattr(detections, "observe", take_a_millisecond)
        at_turns = [0]

        async def count() -> None:
            while True:
                at_turns.append(frames)
                await asyncio.sleep(0)

        counter = asyncio.create_task(count())
        for number in range(10):
            flood = [beacon(bssid=(number * 64 + n).to_bytes(6, "big")) for n in range(64)]
            lab.publish(FrameBatch(frames=flood))
        await lab.finish()
        counter.cancel()
    assert frames == 640
    # The loop may be held for 15 ms and for one frame more, of which each takes one here.
    assert max(later - earlier for earlier, later in itertools.pairwise([*at_turns, frames])) <= 17


async def test_verb() -> None:
    async with run_module(Watcher) as lab:
        await lab.ready()
        lab.publish(FrameBatch(frames=[beacon(), to_ap()]))
        await lab.event(StationFound)
        everything = await ask(lab)
        assert {"access_points", "stations", "channels", "totals", "time", "left_out"} == everything.keys()
        assert everything["access_points"][0]["bssid"] == AP.hex(":")  # type: ignore[index]
        stations = await ask(lab, what="stations")
        assert stations["stations"] == everything["stations"]
        assert (stations["access_points"], stations["channels"]) == ([], [])
        for wrong in ("satellites", 7, ["stations"]):
            with pytest.raises(VerbError, match="access_points, stations, channels"):
                await ask(lab, what=wrong)


async def test_snapshots_only_for_who_listens() -> None:
    bus = Bus()
    watcher = Watcher(Context("watcher", WatcherSettings(), bus))
    work = asyncio.create_task(watcher.run())
    try:
        await watcher.ctx.is_ready.wait()
        found = bus.subscribe(AccessPointFound, reader="test")
        bus.sender("test").publish(FrameBatch(frames=[beacon()]))
        async with asyncio.timeout(PATIENCE):
            await found.read()
        assert bus.latest(AirSnapshot) is None
        heard = bus.subscribe(AirSnapshot, reader="screen", policy=Policy.LATEST)
        async with asyncio.timeout(PATIENCE):
            event = await heard.read()
        assert isinstance(event, Event)
        assert [row.ssid for row in event.body.access_points] == [b"harbour"]
    finally:
        watcher.ctx.stop()
        await work


async def test_snapshots_do_not_pause_for_the_time_that_other_programs_took(monkeypatch: pytest.MonkeyPatch) -> None:
    steps = Snapshots.steps

    def preempted(self: Snapshots) -> Iterator[AirSnapshot | None]:
        time.sleep(0.2)  # the loop is held, and the processor is with others
        yield from steps(self)

    monkeypatch.setattr(Snapshots, "steps", preempted)
    monkeypatch.setattr("whimbrel.modules.watcher._SNAPSHOT_SHARE", 0.001)  # 0.2 s would be 200 s of pause
    async with run_module(Watcher) as lab:
        await lab.ready()
        heard = lab.ctx.bus.subscribe(AirSnapshot, reader="screen")
        async with asyncio.timeout(PATIENCE):
            await heard.read()
            await heard.read()


async def test_a_row_that_cannot_be_made_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("whimbrel.survey.access_point.AccessPoint.row", lambda *_: 1 / 0)
    async with run_module(Watcher) as lab:
        await lab.ready()
        lab.publish(FrameBatch(frames=[beacon()]))
        warned = asyncio.Event()
        lab.ctx.on_change = warned.set
        async with asyncio.timeout(PATIENCE):
            await warned.wait()
        assert "ZeroDivisionError" in lab.ctx.warnings["snapshot"]
        lab.publish(FrameBatch(frames=[beacon(bssid=b"\x00\x22\x33\x44\x55\x66")]))
        await lab.event(AccessPointFound, lambda found: found.bssid[5] == 0x66)


def flood(at: float = 1000.0) -> list[Frame]:
    beacons = [beacon(time=at + i / 10, tsf=i) for i in range(10)]
    return beacons + [frame(DEAUTH, b"\xff" * 6, AP, AP, b"\x07\0", time=at + 1 + i / 10) for i in range(40)]


async def alerts_of(lab: Lab) -> dict[str, AlertState]:
    return {state.alert.id: state for state in (await lab.event(AlertsStanding)).alerts}


async def test_a_restart_keeps_the_survey_the_alerts_and_what_was_seen() -> None:
    handover = Handover()
    async with run_module(Watcher, handover=handover) as lab:
        await lab.ready()
        lab.publish(FrameBatch(frames=flood()))
        first = await lab.event(Alert, lambda body: body.rule == "deauth-flood")
        lab.publish(AcknowledgeAlert(id=first.id))
        await lab.event(AlertAcknowledged)
        lab.ctx.replaced = True
        events = await lab.finish()
        assert not [event for event in events if isinstance(event.body, AlertClosed)], "nothing has ended"
    async with run_module(Watcher, handover=handover) as lab:
        known = await alerts_of(lab)
        assert (known[first.id].open, known[first.id].acknowledged) == (True, True)
        rows = (await ask(lab, what="access_points"))["access_points"]
        assert (rows[0]["bssid"], rows[0]["beacons"]) == (AP.hex(":"), 10)  # type: ignore[index]
        lab.publish(FrameBatch(frames=flood(1006.0)))
        lab.publish(FrameBatch(frames=[probe(time=1200.0)]))
        ended = await lab.event(AlertClosed)
        events = await lab.finish()
        assert (ended.id, ended.rule) == (first.id, "deauth-flood")
        assert ended.frames > first.frames, "the evidence is kept too, and goes on"
        assert not [event for event in lab.events if isinstance(event.body, (AccessPointFound, Alert))]
        assert handover.take(1) is None, "what was taken is gone, and the end of the daemon leaves nothing"


async def test_after_a_failure_the_air_is_learned_anew_and_the_alerts_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    handover = Handover()
    usual = Watcher._take
    failing = False

    async def take(watcher: Watcher, events: Sequence[Event | Lagged]) -> None:
        if failing:
            raise RuntimeError("mistake")
        await usual(watcher, events)

    monkeypatch.setattr(Watcher, "_take", take)
    async with run_module(Watcher, handover=handover) as lab:
        await lab.ready()
        lab.publish(FrameBatch(frames=flood()))
        first = await lab.event(Alert, lambda body: body.rule == "deauth-flood")
        failing = True
        lab.publish(FrameBatch(frames=flood()))
        with pytest.raises(RuntimeError, match="mistake"):
            await lab.event(AlertClosed)
    failing = False
    async with run_module(Watcher, handover=handover) as lab:
        assert (await alerts_of(lab))[first.id].open
        assert (await ask(lab, what="access_points"))["access_points"] == []


async def test_other_settings_hold_for_what_is_kept() -> None:
    handover = Handover()
    async with run_module(Watcher, WatcherSettings(access_points=10), handover=handover) as lab:
        await lab.ready()
        lab.publish(FrameBatch(frames=flood()))
        first = await lab.event(Alert, lambda body: body.rule == "deauth-flood")
        lab.publish(FrameBatch(frames=[beacon(bssid=bytes((0, 0, 0, 0, 0, n)), time=1010.0) for n in range(9)]))
        await lab.event(AccessPointFound, lambda found: found.bssid[5] == 8)
        lab.ctx.replaced = True
        await lab.finish()
    off = DetectionSettings(**{"deauth-flood": RuleSettings(enabled=False)})
    async with run_module(Watcher, WatcherSettings(access_points=3, detections=off), handover=handover) as lab:
        assert (await lab.event(AlertClosed)).id == first.id
        assert len((await ask(lab, what="access_points"))["access_points"]) == 3  # type: ignore[arg-type]


async def test_a_rule_that_is_switched_on_judges_the_networks_that_are_known() -> None:
    handover = Handover()
    off = DetectionSettings(**{"open-network": RuleSettings(enabled=False)})
    nowhere = Path(os.devnull)
    async with run_module(Watcher, WatcherSettings(detections=off, remembered=nowhere), handover=handover) as lab:
        await lab.ready()
        lab.publish(FrameBatch(frames=[beacon(security=b"", tsf=1)]))
        await lab.event(AccessPointFound)
        lab.ctx.replaced = True
        await lab.finish()
    async with run_module(Watcher, WatcherSettings(remembered=nowhere), handover=handover) as lab:
        await lab.ready()
        lab.publish(FrameBatch(frames=[beacon(security=b"", tsf=n, time=1001.0 + n / 10) for n in range(40)]))
        await lab.event(Alert, lambda body: body.rule == "open-network")


async def test_a_pause_tells_what_the_air_was_like_at_its_beginning() -> None:
    async with run_module(Watcher) as lab:
        await lab.ready()
        lab.publish(FrameBatch(frames=[beacon(time=1000.0), to_ap(time=1001.0)]))
        lab.publish(ListeningChanged(paused=True))
        report = await lab.event(AirReport)
        assert (report.access_points, report.stations, report.frames) == (1, 1, 2)
        lab.publish(ListeningChanged(paused=False))
        events = await lab.finish()
    assert sum(isinstance(event.body, AirReport) for event in events) == 1
