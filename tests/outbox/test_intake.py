"""The intake: every alert once, whatever the bus lost, a restart missed, or came twice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.lab.alerts import alert, incident
from tests.lab.waiting import until

from whimbrel.bus import Bus
from whimbrel.events.alerts import AlertClosed, AlertState, AlertUpdated, ReportAlerts
from whimbrel.events.base import Event
from whimbrel.events.incidents import AlertsStanding, IncidentState
from whimbrel.module import Context, NoSettings
from whimbrel.outbox import intake as intake_file
from whimbrel.outbox.intake import AlertIntake, key_of
from whimbrel.outbox.store import Outbox, OutboxEntry


def entries(event: Event) -> Iterator[OutboxEntry]:
    yield OutboxEntry(f"{event.body.kind} {event.body.id}", key=key_of(event.body))


class Rig:
    def __init__(self, folder: Path) -> None:
        self.path = folder / "box.db"
        self.standing: list[AlertState] = []
        self.incidents: list[IncidentState] = []
        self.outbox: Outbox
        self.bus: Bus

    @asynccontextmanager
    async def running(self, *before: object) -> AsyncIterator[Any]:
        self.bus = Bus()
        self.outbox = Outbox(self.path, 1000)
        await self.outbox.open()
        ctx: Context[Any] = Context("mqtt", NoSettings(), self.bus)
        requests = self.bus.subscribe(ReportAlerts, reader="watcher")
        watcher = self.bus.sender("watcher")
        for body in before:
            watcher.publish(body)

        intake = AlertIntake(ctx, self.outbox, entries)

        async def take_in() -> None:
            async for _ in intake.run():
                pass

        async def answer() -> None:
            async for _ in requests:
                watcher.publish(AlertsStanding(alerts=tuple(self.standing), incidents=tuple(self.incidents)))

        tasks = [asyncio.create_task(take_in()), asyncio.create_task(answer())]
        try:
            yield watcher.publish
        finally:
            ctx.stop()
            requests.close()
            await asyncio.gather(*tasks)
            ctx.release()
            await self.outbox.close()

    async def until_there(self, *expected: str) -> None:
        def there() -> list[str]:
            return [entry.data for entry in self.outbox._peek("", 0.0, 1000)]

        await until(lambda: there() == list(expected), f"{expected} in the outbox")


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    return Rig(tmp_path)


async def test_what_happens_is_put_in_once(rig: Rig) -> None:
    async with rig.running() as publish:
        for body in (
            alert(1),
            alert(1),
            alert(1, AlertUpdated, count=20),
            alert(1, AlertClosed),
            alert(1, AlertClosed),
        ):
            publish(body)
        await rig.until_there("alert 1", "alert-updated 1", "alert-closed 1")


async def test_from_the_first_start_on_only_what_comes_is_told(rig: Rig) -> None:
    rig.standing = [AlertState(alert(1), open=True, acknowledged=False)]
    async with rig.running() as publish:
        publish(alert(2))
        await rig.until_there("alert 2")


async def test_what_had_ended_before_the_first_start_is_told_at_no_later_one(rig: Rig) -> None:
    rig.standing = [AlertState(alert(number), open=False, acknowledged=False) for number in (1, 2)]
    rig.incidents = [IncidentState(incident(1), open=False)]
    async with rig.running() as publish:
        publish(alert(3))
        await rig.until_there("alert 3")
    rig.standing.append(AlertState(alert(3), open=False, acknowledged=False))
    for _ in range(2):
        async with rig.running():
            await rig.until_there("alert 3", "alert-closed 3")


async def test_what_a_restart_missed_is_put_in_by_the_numbers(rig: Rig) -> None:
    async with rig.running() as publish:
        publish(incident(1))
        publish(alert(1))
        await rig.until_there("incident-opened 1", "alert 1")
    rig.standing = [
        AlertState(alert(1), open=False, acknowledged=False),
        AlertState(alert(2), open=True, acknowledged=False),
    ]
    rig.incidents = [IncidentState(incident(1), open=True), IncidentState(incident(2), open=True)]
    async with rig.running():
        await rig.until_there("incident-opened 1", "alert 1", "alert-closed 1", "incident-opened 2", "alert 2")


async def test_what_has_no_duration_gets_no_end(rig: Rig) -> None:
    async with rig.running() as publish:
        publish(alert(1, lasting=False))
        await rig.until_there("alert 1")
    rig.standing = [AlertState(alert(number, lasting=False), open=False, acknowledged=False) for number in (1, 2)]
    async with rig.running() as publish:
        await rig.until_there("alert 1", "alert 2")
        publish(alert(3))
        await rig.until_there("alert 1", "alert 2", "alert 3")


async def test_what_the_bus_lost_is_asked_for(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake_file, "_CAPACITY", 4)
    async with rig.running() as publish:
        publish(alert(1))
        await rig.until_there("alert 1")
        rig.standing = [AlertState(alert(number), open=True, acknowledged=False) for number in range(1, 21)]
        for number in range(2, 21):
            publish(alert(number))
        await until(lambda: rig.outbox.waiting == 20)
        found = [entry.data for entry in await rig.outbox.peek("", now=0.0, limit=100)]
        assert sorted(found, key=lambda text: int(text.split()[1])) == [f"alert {number}" for number in range(1, 21)]


async def test_numbers_that_begin_again_hide_nothing(rig: Rig) -> None:
    async with rig.running() as publish:
        publish(alert(500))
        await rig.until_there("alert 500")
    rig.standing = [AlertState(alert(1, first=5.0), open=True, acknowledged=False)]
    async with rig.running() as publish:
        await rig.until_there("alert 500", "alert 1")
        publish(alert(2, first=6.0))
        await rig.until_there("alert 500", "alert 1", "alert 2")


async def test_what_was_told_long_before_a_start_hides_nothing(rig: Rig) -> None:
    first, second = (AlertState(alert(number), open=True, acknowledged=False) for number in (1, 2))
    async with rig.running() as publish:
        publish(alert(1))
        await rig.until_there("alert 1")
    rig.standing = [first, second]
    async with rig.running(AlertsStanding(alerts=(first,), incidents=())):
        await rig.until_there("alert 1", "alert 2")
