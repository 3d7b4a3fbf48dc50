"""The file of the alerts: numbers go on, whatever happens to the process, to the file or to the card."""

from __future__ import annotations

import asyncio
import json
import os
import threading
from pathlib import Path
from typing import Any

import pytest
from tests.lab.waiting import until
from tests.survey.air import AP, beacon, frame

from whimbrel.bus import Lagged
from whimbrel.events.alerts import AcknowledgeAlert, Alert, AlertAcknowledged, ReportAlerts
from whimbrel.events.incidents import AlertsStanding
from whimbrel.events.radio import FrameBatch
from whimbrel.modules.watcher import Watcher, WatcherSettings
from whimbrel.testing import PATIENCE, Lab, run_module
from whimbrel.verbs.alerts import ACKNOWLEDGE, ALERTS
from whimbrel.watching import alert_store
from whimbrel.wifi.frames import Frame
from whimbrel.wifi.kinds import DEAUTH


def flood(at: float = 1000.0) -> list[Frame]:
    beacons = [beacon(time=at + i / 10) for i in range(10)]
    return beacons + [frame(DEAUTH, b"\xff" * 6, AP, AP, b"\x07\0", time=at + 1 + i / 10) for i in range(40)]


def settings(file: Path) -> WatcherSettings:
    return WatcherSettings(learned=Path(os.devnull), remembered=file)


async def raised(lab: Lab, at: float = 1000.0) -> Alert:
    lab.publish(FrameBatch(frames=flood(at)))
    return await lab.event(Alert, lambda body: body.rule == "deauth-flood")


async def standing(lab: Lab) -> dict[str, Any]:
    return {state.alert.id: state for state in (await lab.event(AlertsStanding)).alerts}


async def test_alerts_numbers_and_acknowledgements_outlast_the_process(tmp_path: Path) -> None:
    file = tmp_path / "state" / "alerts.json"
    async with run_module(Watcher, settings(file)) as lab:
        await lab.ready()
        first = await raised(lab)
        lab.publish(AcknowledgeAlert(id=first.id))
        await lab.event(AlertAcknowledged)
        await lab.finish()
    async with run_module(Watcher, settings(file)) as lab:
        known = await standing(lab)
        kept = known[first.id].alert
        assert (kept.rule, kept.bssid, kept.ssid, kept.first, kept.count) == (first.rule, AP, b"harbour", 1001.0, 40)
        assert known[first.id].acknowledged
        assert not known[first.id].open
        second = await raised(lab, 5000.0)
        assert (int(second.id), second.again) == (max(map(int, known)) + 1, 1)


async def test_a_lost_process_loses_no_number(tmp_path: Path) -> None:
    file, copy = tmp_path / "alerts.json", tmp_path / "copy.json"
    async with run_module(Watcher, settings(file)) as lab:
        await lab.ready()
        first = await raised(lab)
        await until(lambda: f'"id": "{first.id}"' in file.read_text(), "it in the file, behind its number")
        copy.write_bytes(file.read_bytes())
    async with run_module(Watcher, settings(copy)) as lab:
        known = await standing(lab)
        assert known[first.id].open, "nobody has said that it is over"
        later = flood(1010.0)
        for made in later:
            made.bssid = made.ta = b"\2\2\2\2\2\2"
        lab.publish(FrameBatch(frames=later))
        other = await lab.event(Alert, lambda body: body.bssid == b"\2\2\2\2\2\2")
        assert int(other.id) > max(map(int, known))


@pytest.mark.parametrize("ahead", [1, 7, 100])
async def test_no_number_is_told_that_is_not_on_the_card(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ahead: int
) -> None:
    """However many alerts there are between two looks at the file."""
    file = tmp_path / "alerts.json"
    monkeypatch.setattr(alert_store, "_AHEAD", ahead)
    told: list[int] = []
    too_early: list[int] = []
    async with run_module(Watcher, settings(file)) as lab:
        publish = lab.ctx.publish

        def look(body: object, at: float | None = None) -> Any:
            if isinstance(body, Alert):
                told.append(int(body.id))
                if not file.exists() or json.loads(file.read_text())["next"] <= told[-1]:
                    too_early.append(told[-1])
            return publish(body, at)

        monkeypatch.setattr(lab.ctx, "publish", look)
        await lab.ready()
        for number in range(150):
            frames = flood(1000.0 + number * 100)
            for made in frames:
                made.bssid = made.ta = b"\0\x11\0\0" + number.to_bytes(2, "big")
            lab.publish(FrameBatch(frames=frames))
            if number % 50 == 49:  # more of them would not fit into what may wait for the watcher
                await until(lambda: len(told) > number)  # noqa: B023
    assert too_early == []
    assert len(set(told)) == len(told)


async def test_nobody_is_answered_about_an_alert_before_its_event(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A slow card takes a second for its number: acknowledged meanwhile, it would be new to its listeners."""
    card_takes, begun, write = threading.Event(), threading.Event(), alert_store._replace

    def slow(path: Path, value: dict[str, Any]) -> None:
        begun.set()
        card_takes.wait(PATIENCE)
        write(path, value)

    monkeypatch.setattr(alert_store, "_replace", slow)
    async with run_module(Watcher, settings(tmp_path / "alerts.json")) as lab:
        await lab.ready()
        heard = lab.bus.subscribe(Alert, AlertAcknowledged, AlertsStanding, reader="listener")
        lab.publish(FrameBatch(frames=flood()))
        await until(begun.is_set)
        lab.publish(ReportAlerts())
        listing = asyncio.create_task(lab.ctx.verbs.ask(ALERTS, {}))
        seeing = asyncio.create_task(lab.ctx.verbs.ask(ACKNOWLEDGE, {"alert": "all"}))
        for _ in range(10):
            await asyncio.sleep(0)  # turns for whoever would answer now
        assert not listing.done()
        assert not seeing.done()
        card_takes.set()
        numbers = [row.id for row in (await listing).alerts]
        assert numbers == list((await seeing).acknowledged)
        assert numbers
        told: list[object] = []
        while not {AlertAcknowledged, AlertsStanding} <= set(told):
            told += [type(event.body) for event in await heard.read_all() if not isinstance(event, Lagged)]
        assert told[0] is Alert


async def test_where_the_card_takes_nothing_alerts_are_told_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    async with run_module(Watcher, settings(tmp_path / "file" / "alerts.json")) as lab:
        await lab.ready()
        assert int((await raised(lab)).id) > 0
        await until(lambda: "a restart would forget" in lab.ctx.warnings.get("remembered", ""))


async def test_in_quiet_air_nothing_is_written(tmp_path: Path) -> None:
    file = tmp_path / "alerts.json"
    async with run_module(Watcher, settings(file)) as lab:
        await lab.ready()
        lab.publish(FrameBatch(frames=[frame(DEAUTH, AP, AP, AP, b"\x07\0")]))
        await lab.finish()
    assert not file.exists()


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text[: len(text) // 2],
        lambda text: text.replace('"version": 1', '"version": 99'),
        lambda text: text.replace('"critical"', '"worst"'),
        lambda text: text.replace("{", "[", 1),
        lambda text: "\0" * len(text),
        lambda text: "[" * 100_000,
    ],
)
async def test_a_damaged_file_is_set_aside_and_said(tmp_path: Path, damage: Any) -> None:
    file = tmp_path / "alerts.json"
    async with run_module(Watcher, settings(file)) as lab:
        await lab.ready()
        await raised(lab)
        await lab.finish()
    text = file.read_text()
    number = json.loads(text)["next"]
    damaged = damage(text)
    file.write_text(damaged)
    async with run_module(Watcher, settings(file)) as lab:
        assert await standing(lab) == {}
        assert "damaged" in lab.warned["remembered"]
        assert (tmp_path / "alerts.json.damaged").read_text() == damaged
        again = await raised(lab)
        assert int(again.id) >= number or '"next"' not in damaged
        await until(lambda: not lab.ctx.warnings)


async def test_a_file_that_cannot_be_written_is_a_warning(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    async with run_module(Watcher, settings(tmp_path / "file" / "alerts.json")) as lab:
        await lab.ready()
        await raised(lab)
        await until(lambda: "a restart would forget" in lab.ctx.warnings.get("remembered", ""))


async def test_nothing_is_kept_where_nothing_is_to_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path))
    async with run_module(Watcher, settings(Path(os.devnull))) as lab:
        await lab.ready()
        await raised(lab)
        await lab.finish()
    assert not (tmp_path / alert_store.NAME).exists()


async def test_writes_are_few(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written = []
    monkeypatch.setattr(alert_store, "_LOOK", 0.001)
    monkeypatch.setattr(alert_store, "_replace", lambda _path, value: written.append(value["next"]))
    async with run_module(Watcher, settings(tmp_path / "alerts.json")) as lab:
        await lab.ready()
        await raised(lab)
        await until(lambda: len(written) == 2, "the numbers, and the alert")
        for n in range(20):  # other access points are attacked, one after the other
            attacked = flood(1100.0 + 10 * n)
            for made in attacked:
                made.bssid = made.ta = bytes((2, 0, 0, 0, 0, n))
            lab.publish(FrameBatch(frames=attacked))
            await lab.event(Alert, lambda body, n=n: body.bssid == bytes((2, 0, 0, 0, 0, n)))  # type: ignore[misc]
        assert len(written) == 2
        await lab.finish()
    assert len(written) == 3
