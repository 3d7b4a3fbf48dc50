"""The history as the daemon runs it: beside the watcher, on a card that works, and on one that does not."""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.history.rows import AP, NOW, STA, access_point, alert, channel, opened, sample
from tests.lab.fresh import fresh
from tests.lab.waiting import until
from tests.survey.air import RSN, SAE, WPS, beacon, frame

from whimbrel.bus import Bus
from whimbrel.detections.guarded import GuardedNetwork
from whimbrel.events.alerts import (
    AcknowledgeAlert,
    Alert,
    AlertAcknowledged,
    NetworksGuarded,
    ReportAlerts,
)
from whimbrel.events.device import AirSnapshot, TimeJudged
from whimbrel.events.history import AlertKeeping, HistoryWritten, PastKnown, SinceLastTime
from whimbrel.events.incidents import AlertsStanding
from whimbrel.events.position import PositionChanged, ZonesDrawn
from whimbrel.events.radio import ClockStepped, FrameBatch, RadioClosed, RadioOpened
from whimbrel.geo import Position
from whimbrel.history import entries, writer
from whimbrel.history.alerts import AlertRows
from whimbrel.history.queries import Reader
from whimbrel.history.schema import MIGRATIONS
from whimbrel.history.settings import HistorySettings
from whimbrel.history.store import Store, StoreError
from whimbrel.module import Context, Handover, NotReady, VerbError
from whimbrel.modules.history import HistoryKeeper
from whimbrel.modules.watcher import Watcher, WatcherSettings
from whimbrel.settings import Duration, Ssid
from whimbrel.testing import Lab, run_module
from whimbrel.verbs.alerts import ACKNOWLEDGE, ALERTS, Acknowledged
from whimbrel.verbs.history import ERASE, HISTORY
from whimbrel.wifi.frames import Frame
from whimbrel.wifi.kinds import DEAUTH

SOON = Duration(1.0)


def settings(folder: Path, **more: Any) -> HistorySettings:
    return HistorySettings(file=folder / "history.db", commit=SOON, **more)


class Card:
    """A folder that can be taken away and brought back from one moment to the next."""

    def __init__(self, tmp_path: Path) -> None:
        self.folder = tmp_path / "mounted"
        self._card, self._nothing = tmp_path / "card", tmp_path / "nothing"
        self._card.mkdir()
        self._nothing.touch()
        self.put_in()

    def put_in(self) -> None:
        self._lead_to(self._card)

    def take_out(self) -> None:
        self._lead_to(self._nothing)

    def _lead_to(self, target: Path) -> None:
        link = self.folder.with_suffix(".new")
        link.symlink_to(target)
        link.replace(self.folder)


async def heard(lab: Lab, air: AirSnapshot) -> None:
    """Answer the next request for a sample with `air`, and wait until it is processed."""
    await until(lambda: lab.bus.is_taken(AirSnapshot), "a request for a sample")
    lab.publish(air)
    await lab.event(SinceLastTime, lambda body: not body.first)


async def written(lab: Lab, upto: int = 0) -> HistoryWritten:
    return await lab.event(HistoryWritten, lambda body: body.upto >= upto and not body.problem)


async def ask(lab: Lab, verb: Any, **request: Any) -> Any:
    answer = lab.ctx.verbs.find(verb.name)
    assert answer is not None
    return await answer(request)


async def test_what_is_heard_is_there_the_next_time(tmp_path: Path) -> None:
    async with run_module(HistoryKeeper, settings(tmp_path, place="home")) as lab:
        assert not (await lab.event(SinceLastTime)).known
        await lab.ready()
        lab.publish(RadioOpened(driver="sim", description="simulated"))
        now = lab.bus.clock()
        await heard(lab, sample([access_point(last=now)], channels=[channel(9)]))
        event = lab.publish(alert(7, first=now))
        await written(lab, event.seq)
        rows = await ask(lab, HISTORY, what="sessions access_points alerts")
        assert [row.bssid for row in rows.access_points] == [AP]
        assert [row.id for row in rows.alerts] == ["7"]
        await lab.finish()
    async with run_module(HistoryKeeper, settings(tmp_path)) as lab:
        told = await lab.event(SinceLastTime)
        assert (told.known, told.found, told.alerts, told.unseen, told.place) == (True, 1, 1, 1, "home")
        keeping = await lab.event(AlertKeeping, lambda body: body.state == "open")
        assert [state.alert.id for state in keeping.alerts] == ["7"]
        with Reader(tmp_path / "history.db") as reader:
            *_, before = reader.sessions()  # the next one may be in the file by now
        assert (before.radio, before.frames, before.place, before.clock) == ("simulated", 9, "home", True)


async def test_an_alert_and_what_was_seen_go_to_the_card_at_once(tmp_path: Path) -> None:
    async with run_module(HistoryKeeper, HistorySettings(file=tmp_path / "history.db", commit=Duration(3600.0))) as lab:
        await lab.ready()
        raised = lab.publish(alert(1))
        await written(lab, raised.seq)
        seen = lab.publish(AlertAcknowledged(id="1", rule="deauth-flood", title=""))
        await written(lab, seen.seq)
        with Reader(tmp_path / "history.db") as reader:
            assert [(row.id, row.acknowledged) for row in reader.alerts()] == [("1", True)]


async def test_it_asks_what_was_raised_before_it_was_there(tmp_path: Path) -> None:
    async with run_module(HistoryKeeper, settings(tmp_path)) as lab:
        await lab.event(ReportAlerts)
        from whimbrel.events.alerts import AlertState

        event = lab.publish(AlertsStanding(alerts=(AlertState(alert(3), open=True, acknowledged=True),), incidents=()))
        await written(lab, event.seq)
        with Reader(tmp_path / "history.db") as reader:
            assert [(row.id, row.acknowledged) for row in reader.alerts()] == [("3", True)]


async def test_a_clock_that_is_set_moves_the_session(tmp_path: Path) -> None:
    async with run_module(HistoryKeeper, settings(tmp_path)) as lab:
        await lab.ready()
        await heard(lab, sample([access_point(last=200.0)], channels=[channel(9)]))
        event = lab.publish(alert(1, first=150.0))
        await written(lab, event.seq)
        with Reader(tmp_path / "history.db") as reader:
            assert not reader.access_points()[0].last.clock
            assert [row.clock for row in reader.alerts()] == [False]
        lab.publish(ClockStepped(delta=NOW))
        await heard(lab, sample([access_point(last=NOW + 260.0)], channels=[channel(19)]))
        await lab.finish()
    with Reader(tmp_path / "history.db") as reader:
        (row,) = reader.access_points()
        assert (row.first.time, row.last.time, row.first.clock) == (NOW + 140.0, NOW + 260.0, True)
        assert [(row.first, row.clock) for row in reader.alerts()] == [(NOW + 150.0, True)]


async def test_an_estimate_is_marked_until_somebody_tells_the_time(tmp_path: Path) -> None:
    def marks() -> list[bool]:
        with Reader(tmp_path / "history.db") as reader:
            (session,), (raised,), (found,) = reader.sessions(), reader.alerts(), reader.access_points()
        assert (session.clock, raised.clock, found.first.clock) == (True,) * 3, "it is a date, all the same"
        return [session.estimate, raised.estimate, found.first.estimate]

    async with run_module(HistoryKeeper, settings(tmp_path)) as lab:
        lab.publish(TimeJudged(known=False))
        await lab.ready()
        await heard(lab, sample([access_point(last=NOW)], channels=[channel(9)]))
        event = lab.publish(alert(1, first=NOW))
        await written(lab, event.seq)
        assert marks() == [True] * 3
        ahead = lab.ctx.bus.clock
        lab.ctx.bus.clock = lambda: ahead() + 86400.0
        lab.publish(ClockStepped(delta=86400.0))
        lab.publish(TimeJudged(known=True, by="network"))
        await lab.finish()
    assert marks() == [False] * 3
    with Reader(tmp_path / "history.db") as reader:
        assert reader.alerts()[0].first == NOW + 86400.0, "what was heard before has the right time"


async def test_a_clock_that_is_set_before_the_first_radio_leaves_no_estimate(tmp_path: Path) -> None:
    async with run_module(HistoryKeeper, settings(tmp_path)) as lab:
        lab.publish(TimeJudged(known=False))
        await lab.ready()
        ahead = lab.ctx.bus.clock
        lab.ctx.bus.clock = lambda: ahead() + 86400.0
        lab.publish(TimeJudged(known=True, by="network"))
        event = lab.publish(alert(1, first=NOW + 86400.0))
        await written(lab, event.seq)
        await lab.finish()
    with Reader(tmp_path / "history.db") as reader:
        (session,), (raised,) = reader.sessions(), reader.alerts()
    assert not session.estimate
    assert not raised.estimate
    assert session.ended - session.began < 3600.0, "nobody listened for that day"


async def test_a_clock_that_is_set_back_is_not_known_any_more(tmp_path: Path) -> None:
    async with run_module(HistoryKeeper, settings(tmp_path)) as lab:
        await lab.ready()
        await heard(lab, sample([access_point(last=NOW + 60.0)], channels=[channel(9)]))
        lab.publish(ClockStepped(delta=-NOW))
        event = lab.publish(alert(1, first=70.0))
        await written(lab, event.seq)
        with Reader(tmp_path / "history.db") as reader:
            assert [row.clock for row in reader.sessions()] == [False]
            assert not reader.access_points()[0].last.clock


async def test_a_damaged_file_is_set_aside_and_said(tmp_path: Path) -> None:
    (tmp_path / "history.db").write_bytes(b"not a database " * 1000)
    async with run_module(HistoryKeeper, settings(tmp_path)) as lab:
        await lab.ready()
        assert "starts empty" in lab.ctx.warnings["damaged"]
        assert (tmp_path / "history.db.damaged").exists()


async def test_without_a_place_for_its_file_it_waits_and_the_watcher_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    lab = None
    with pytest.raises(NotReady, match="cannot open"):
        async with run_module(HistoryKeeper, HistorySettings(file=tmp_path / "file" / "history.db")) as lab:
            await lab.ready()
    assert lab is not None
    newest = lab.ctx.latest(AlertKeeping)
    assert newest is not None
    assert newest.body.state == "closed"


async def test_a_file_of_a_later_version_is_left_alone_and_said(tmp_path: Path) -> None:
    store = opened(tmp_path / "history.db")
    store.database.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    store.close()
    with pytest.raises(NotReady, match="later Whimbrel"):
        async with run_module(HistoryKeeper, settings(tmp_path)) as lab:
            await lab.ready()


async def test_another_history_in_the_place_of_its_file_is_opened_by_the_next_run(tmp_path: Path) -> None:
    other = opened(tmp_path / "other.db")
    other.write([entries.session((number, NOW - 60, NOW, 1, "0", "", "", 10, 0, 0, 0)) for number in (1, 2)])
    other.close()

    async def go_on(lab: Lab) -> None:
        await lab.ready()
        lab.publish(alert(1))
        await lab.event(HistoryWritten, lambda body: not body.problem)
        take_away(tmp_path / "history.db")
        (tmp_path / "other.db").rename(tmp_path / "history.db")
        lab.publish(alert(2))
        await lab.event(HistoryWritten, lambda body: body.replaced)
        await lab._task

    with pytest.raises(NotReady, match="another history than before"):
        async with run_module(HistoryKeeper, settings(tmp_path)) as lab:
            await go_on(lab)
    with Reader(tmp_path / "history.db") as reader:
        assert ([row.id for row in reader.sessions()], reader.alerts()) == ([2, 1], [])


async def test_a_card_that_is_gone_is_said_and_nothing_is_lost_when_it_comes_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "_RETRY", 0.02)
    monkeypatch.setattr(writer, "_RETRY_MAX", 0.02)
    card = Card(tmp_path)
    async with run_module(HistoryKeeper, settings(card.folder)) as lab:
        await lab.ready()
        await written(lab)
        card.take_out()
        lab.publish(alert(1))
        await until(lambda: "nothing is written now" in lab.ctx.warnings.get("card", ""))
        lab.publish(alert(2))
        with pytest.raises(VerbError, match="cannot be read now"):
            await ask(lab, HISTORY)
        card.put_in()
        await until(lambda: "card" not in lab.ctx.warnings)
        rows = await ask(lab, HISTORY, what="alerts")
        assert [row.id for row in rows.alerts] == ["2", "1"]
        assert "not-kept" not in lab.ctx.warnings


async def test_what_a_card_does_not_take_for_long_is_counted_and_the_newest_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "_RETRY", 0.02)
    monkeypatch.setattr(writer, "_RETRY_MAX", 0.02)
    card = Card(tmp_path)
    async with run_module(HistoryKeeper, settings(card.folder)) as lab:
        await lab.ready()
        await written(lab)
        lab.module._writer._most = 100  # type: ignore[attr-defined]  # fewer than the settings allow
        card.take_out()
        for number in range(1, 251):
            lab.publish(alert(number))
        await until(lambda: lab.module._not_kept >= 100)  # type: ignore[attr-defined]
        assert "entries of the history are lost" in lab.ctx.warnings["not-kept"]
        card.put_in()
        await until(lambda: "card" not in lab.ctx.warnings)
        rows = await ask(lab, HISTORY, what="alerts")
        assert {int(row.id) for row in rows.alerts} >= set(range(160, 251)), "the newest"


async def test_what_is_erased_is_gone_and_not_kept_again(tmp_path: Path) -> None:
    async with run_module(HistoryKeeper, settings(tmp_path)) as lab:
        await lab.ready()
        await heard(lab, sample([access_point()]))
        event = lab.publish(alert(1))
        await written(lab, event.seq)
        erased = await ask(lab, ERASE, device=STA.hex(":"))
        assert erased.rows == 1
        event = lab.publish(alert(1, last=NOW + 5))
        event = lab.publish(alert(2, receiver=None))
        await written(lab, event.seq)
        rows = await ask(lab, HISTORY, what="alerts access_points")
        assert [row.id for row in rows.alerts] == ["2"]
        assert len(rows.access_points) == 1
        assert (await ask(lab, ERASE, everything=True)).rows >= 3
        with pytest.raises(VerbError):
            await ask(lab, ERASE)


async def test_what_is_erased_stays_so_over_a_restart_of_the_history(tmp_path: Path) -> None:
    bus = Bus()
    async with watched(tmp_path, bus, tmp_path / "alerts.json") as (history, watcher):
        await watcher.ready()
        await raised(watcher, NOW)
        assert (await ask(history, ERASE, everything=True)).rows > 0
        await watcher.event(AlertsStanding, lambda body: not body.alerts)
        assert (await ask(watcher, ALERTS)).alerts == ()
        history.ctx.stop()
        again = Context("again", history.ctx.settings, bus, history.ctx.verbs)
        await history.finish()
        history.ctx.release()
        lab = Lab(again, HistoryKeeper(again))
        await lab.ready()
        await watcher.event(AlertsStanding)
        event = lab.publish(alert(900))
        await written(lab, event.seq)
        assert [row.id for row in (await ask(lab, HISTORY, what="alerts")).alerts] == ["900"]
        await lab.finish()
        again.release()


async def test_a_restart_of_the_module_goes_on_with_its_session(tmp_path: Path) -> None:
    handover = Handover()
    async with run_module(HistoryKeeper, settings(tmp_path), handover=handover) as lab:
        await lab.ready()
        await written(lab)
        lab.ctx.replaced = True
        await lab.finish()
    async with run_module(HistoryKeeper, settings(tmp_path), handover=handover) as lab:
        await lab.ready()
        rows = await ask(lab, HISTORY)
        assert [row.id for row in rows.sessions] == [1]


async def test_detections_are_told_of_the_guarded_networks(tmp_path: Path) -> None:
    async with run_module(HistoryKeeper, settings(tmp_path)) as lab:
        await lab.ready()
        await heard(lab, sample([access_point(first=NOW - 7200, last=NOW - 3600)]))
        await heard(lab, sample([access_point(first=NOW - 7200, last=NOW)]))
        await written(lab)
        lab.publish(NetworksGuarded(ssids=(b"harbour",), bssids=(AP,)))
        past = await lab.event(PastKnown, lambda body: bool(body.networks))
        assert {(network.ssid, network.bssid) for network in past.networks} == {(b"harbour", AP)}


@asynccontextmanager
async def watched(folder: Path, bus: Bus, remembered: Path) -> AsyncIterator[tuple[Lab, Lab]]:
    """Run history and watcher on one bus."""
    chosen = WatcherSettings(
        learned=Path(os.devnull), remembered=remembered, guarded=(GuardedNetwork(ssid=Ssid(b"harbour")),)
    )
    history = Context("history", settings(folder), bus)
    watcher = Context("watcher", chosen, bus, history.verbs)
    labs = Lab(history, HistoryKeeper(history)), Lab(watcher, Watcher(watcher))
    try:
        yield labs
    finally:
        for ctx, lab in ((watcher, labs[1]), (history, labs[0])):
            ctx.stop()
            await asyncio.wait([lab._task], timeout=60)
            ctx.release()


def flood(at: float) -> FrameBatch:
    beacons = [beacon(time=at + i / 10) for i in range(10)]
    return FrameBatch(
        frames=beacons + [frame(DEAUTH, b"\xff" * 6, AP, AP, b"\x07\0", time=at + 1 + i / 10) for i in range(40)]
    )


async def raised(lab: Lab, at: float) -> Alert:
    lab.publish(flood(at))
    return await lab.event(Alert, lambda body: body.rule == "deauth-flood")


async def test_the_history_takes_the_alerts_over_from_the_file_and_numbers_go_on(tmp_path: Path) -> None:
    file = tmp_path / "alerts.json"
    alone = WatcherSettings(learned=Path(os.devnull), remembered=file)
    async with run_module(Watcher, alone) as lab:
        await lab.ready()
        first = await raised(lab, NOW)
        await lab.finish()
    assert first.id in {row["id"] for row in json.loads(file.read_text())["alerts"]}

    async with watched(tmp_path, Bus(), file) as (history, watcher):
        await watcher.ready()
        await until(lambda: not json.loads(file.read_text())["alerts"], "the file to have numbers alone")
        with Reader(tmp_path / "history.db") as reader:
            assert first.id in {row.id for row in reader.alerts()}
        second = await raised(watcher, NOW + 9000)
        assert int(second.id) > int(first.id)
        assert (second.again, second.key) == (1, first.key)
        answer = await ask(watcher, ACKNOWLEDGE, alert=second.id)
        assert answer.acknowledged == (second.id,)
        with Reader(tmp_path / "history.db") as reader:
            assert [row.acknowledged for row in reader.alerts(number=int(second.id))] == [True]
        assert history.module.dead() is None
        found = await ask(history, HISTORY, what="incidents")
        assert {second.incident} <= {row.id for row in found.incidents}

    async with watched(tmp_path, Bus(), file) as (_history, watcher):
        known = {state.alert.id: state for state in (await watcher.event(AlertsStanding)).alerts}
        assert {first.id, second.id} <= known.keys()
        assert known[second.id].acknowledged
        assert known[second.id].alert.incident == second.incident
        assert not known[first.id].acknowledged
        third = await raised(watcher, NOW + 20000)
        assert int(third.id) > int(second.id)
        assert third.again == 2


async def announced(lab: Lab, path: Path, began: float, ended: float, **said: Any) -> None:
    """Hear an access point from one time to another, and wait until the history has both."""

    def heard_until(time: float) -> bool:
        with Reader(path) as reader:
            # Later times are written every quarter of an hour.
            return any(0 <= time + 2 - row.last.time < 900 for row in reader.access_points())

    def at(time: float) -> Frame:
        return beacon(time=time, tsf=round((time - NOW) * 1e6) + 1, **said)

    lab.publish(FrameBatch(frames=[at(began), at(began + 2)]))
    await until(lambda: heard_until(began), "the history to have its beginning")
    lab.publish(FrameBatch(frames=[at(began + 10 * number) for number in range(1, round((ended - began) / 10) + 1)]))
    await until(lambda: heard_until(ended), "the history to have its end")


@pytest.mark.parametrize(
    ("rule", "before", "after"),
    [
        ("protection-fell", [{"security": SAE}], {"security": RSN}),
        ("weakness-returned", [{"elements": WPS}, {}], {"elements": WPS}),
    ],
)
async def test_what_only_earlier_days_can_tell(
    tmp_path: Path, rule: str, before: list[dict[str, Any]], after: dict[str, Any]
) -> None:
    """Two processes, thirty days apart."""
    path = tmp_path / "history.db"
    async with watched(tmp_path, Bus(), tmp_path / "alerts.json") as (_history, watcher):
        await watcher.ready()
        for number, said in enumerate(before):
            await announced(watcher, path, NOW + number * 4000, NOW + number * 4000 + 3000, **said)
    async with watched(tmp_path, Bus(), tmp_path / "alerts.json") as (history, watcher):
        await watcher.ready()
        await history.event(PastKnown, lambda body: bool(body.networks))
        later = NOW + 30 * 86400
        frames = [beacon(time=later + n / 2, tsf=1 + n * 500_000, **after) for n in range(200)]
        watcher.publish(FrameBatch(frames=frames))
        found = await watcher.event(Alert, lambda body: body.rule == rule)
        assert found.bssid == AP


def take_away(path: Path) -> None:
    for end in ("", "-wal", "-shm"):
        Path(f"{path}{end}").unlink(missing_ok=True)


async def test_a_file_that_goes_while_it_is_written_is_followed_by_one_with_all_that_is_remembered(
    tmp_path: Path,
) -> None:
    path = tmp_path / "history.db"
    async with watched(tmp_path, Bus(), tmp_path / "alerts.json") as (history, watcher):
        await watcher.ready()
        first = await raised(watcher, NOW)

        def kept() -> set[bytes | str]:
            try:
                with Reader(path) as reader:
                    rows = [*reader.alerts()] if reader.sessions() else []
                    return {row.id for row in rows} | {row.bssid for row in reader.access_points()}
            except sqlite3.Error:
                return set()

        await until(lambda: {first.id, AP} <= kept(), "alert and access point in the file")
        take_away(path)
        other = flood(NOW + 100)
        for made in other.frames:
            made.bssid = made.ta = b"\0\x11\0\0\0\1"
        watcher.publish(other)
        second = await watcher.event(Alert, lambda body: body.bssid == b"\0\x11\0\0\0\1")
        await until(lambda: {first.id, second.id, AP} <= kept(), "all of it in the next file")
        assert "begins anew" in history.ctx.warnings["damaged"]


async def test_a_session_that_ends_before_its_first_sample_is_kept_with_all_that_was_heard(tmp_path: Path) -> None:
    bus = Bus()
    long = HistorySettings(file=tmp_path / "history.db", commit=Duration(3600.0))
    chosen = WatcherSettings(learned=Path(os.devnull), remembered=tmp_path / "alerts.json")
    history = Context("history", long, bus)
    watcher = Context("watcher", chosen, bus, history.verbs)
    labs = Lab(history, HistoryKeeper(history)), Lab(watcher, Watcher(watcher))
    for lab in labs:
        await lab.ready()
    bus.sender("position").publish(ZonesDrawn(zones=()))
    first = await raised(labs[1], NOW)
    there = Position(latitude=59.0, longitude=18.0, error=8.0, time=NOW + 1)
    labs[1].publish(PositionChanged(position=there, until=NOW + 6))
    labs[1].publish(RadioClosed(reason="", received=50, dropped=7))
    for lab in reversed(labs):
        await lab.finish()
        lab.ctx.release()
    with Reader(tmp_path / "history.db") as reader:
        (session,) = reader.sessions()
        assert (session.frames, session.kernel_lost) == (50, 7)
        assert session.ended == NOW + 1 + 39 / 10
        assert [row.bssid for row in reader.access_points()] == [AP]
        assert [row.frames for row in reader.channels()] == [50]
        assert [row.bssid for row in reader.sightings()] == [AP]
        assert len(reader.evidence(int(first.id))) > 0


async def test_a_sample_that_writes_anything_writes_what_the_session_counts(tmp_path: Path) -> None:
    async with run_module(HistoryKeeper, settings(tmp_path)) as lab:
        await lab.ready()
        await heard(lab, sample([access_point()], channels=[channel(9)]))
        await heard(lab, sample([access_point(), access_point(b"\x00" * 5 + b"\x09")], channels=[channel(20)]))

        def frames() -> int:
            with Reader(tmp_path / "history.db") as reader:
                return reader.sessions()[0].frames

        await until(lambda: frames() == 20, "the frames of both samples, long before the session is due")


async def test_where_the_history_was_lost_numbers_go_on_all_the_same(tmp_path: Path) -> None:
    file = tmp_path / "alerts.json"
    async with watched(tmp_path, Bus(), file) as (_history, watcher):
        await watcher.ready()
        assert json.loads(file.read_text())["next"] > 100, "numbers are reserved before the first is given away"
        first = await raised(watcher, NOW)
    (tmp_path / "history.db").write_bytes(b"\0" * 10000)
    async with watched(tmp_path, Bus(), file) as (history, watcher):
        await watcher.ready()
        second = await raised(watcher, NOW + 9000)
        assert int(second.id) > int(first.id)
        await until(lambda: "damaged" in history.ctx.warnings)


async def test_an_acknowledgement_that_the_card_does_not_take_is_answered_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(store: Store, _entries: object) -> None:
        raise StoreError(f"cannot write {store.path}: the card is full")

    async with watched(tmp_path, Bus(), tmp_path / "alerts.json") as (history, watcher):
        await watcher.ready()
        first = await raised(watcher, NOW)
        with monkeypatch.context() as patched:
            patched.setattr(Store, "write", refuse)
            assert await ask(watcher, ACKNOWLEDGE, alert=first.id) == Acknowledged(acknowledged=(first.id,), safe=False)
            assert "the card is full" in history.ctx.warnings["card"]

        async def is_seen() -> bool:
            return any(row.acknowledged for row in (await ask(history, HISTORY, alert=first.id)).alerts)

        while not await is_seen():
            await history.event(HistoryWritten)


async def test_where_the_history_ends_the_file_has_the_alerts_again(tmp_path: Path) -> None:
    file = tmp_path / "alerts.json"
    async with watched(tmp_path, Bus(), file) as (history, watcher):
        await watcher.ready()
        first = await raised(watcher, NOW)
        watcher.publish(AcknowledgeAlert(id=first.id))
        await watcher.event(AlertAcknowledged)
        await history.finish()
    rows = json.loads(file.read_text())
    assert first.id in {row["id"] for row in rows["alerts"]}
    assert rows["seen"] == {first.id: 3}


async def test_acknowledgements_of_all_alerts_leave_turns_to_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = most = 0
    acknowledge = AlertRows.acknowledge

    def counted(rows: AlertRows, id_: str) -> Any:
        nonlocal taken
        taken += 1
        return acknowledge(rows, id_)

    async def watch() -> None:
        nonlocal most
        while True:
            before = taken
            await asyncio.sleep(0)
            most = max(most, taken - before)

    monkeypatch.setattr(AlertRows, "acknowledge", counted)
    async with run_module(HistoryKeeper, settings(tmp_path)) as lab:
        await lab.ready()
        watching = asyncio.create_task(watch())
        for number in range(1, 201):
            event = lab.publish(AlertAcknowledged(id=str(number), rule="deauth-flood", title=""))
        await written(lab, event.seq)
        watching.cancel()
    assert taken == 200
    assert most <= 8


async def test_evidence_is_kept_with_its_alert(tmp_path: Path) -> None:
    async with watched(tmp_path, Bus(), tmp_path / "alerts.json") as (history, watcher):
        await watcher.ready()
        alert_ = await raised(watcher, NOW)

        async def kept() -> int:
            return len((await ask(history, HISTORY, alert=alert_.id)).evidence)

        while not await kept():
            await history.event(HistoryWritten)
        rows = await ask(history, HISTORY, alert=alert_.id)
        assert {octets[0] for octets in (row.octets for row in rows.evidence)} == {0xC0}
        assert rows.alerts[0].kept == len(rows.evidence)


def test_it_takes_a_file_and_no_folder(tmp_path: Path) -> None:
    chosen = HistorySettings(file=tmp_path)
    assert [path for path, _ in HistoryKeeper.check(chosen)] == ["file"]
    assert list(HistoryKeeper.claims(chosen)) == [("file", f"file {tmp_path}")]
    assert list(HistoryKeeper.check(HistorySettings())) == list(HistoryKeeper.claims(HistorySettings())) == []


def test_sqlite_is_imported_where_the_module_is_on() -> None:
    code = "import sys, whimbrel.daemon, whimbrel.modules.watcher, whimbrel.cli; print('sqlite3' in sys.modules)"
    assert fresh(code).stdout == "False\n"
    assert sqlite3.sqlite_version_info >= (3, 24), "ON CONFLICT DO UPDATE"
