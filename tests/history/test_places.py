"""What was heard where, over the end of the process: watcher and history on one bus, one run after the other."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.history.rows import NOW
from tests.lab.waiting import until
from tests.survey.air import beacon

from whimbrel.bus import Bus
from whimbrel.detections.guarded import GuardedNetwork
from whimbrel.events.history import HistoryErased
from whimbrel.events.position import PositionChanged, ZonesDrawn
from whimbrel.events.radio import ClockStepped, FrameBatch
from whimbrel.geo import Kept, Position, Zone, ZoneKind, moved
from whimbrel.history.queries import Reader
from whimbrel.history.settings import HistorySettings
from whimbrel.history.store import Store, StoreError
from whimbrel.module import Context, VerbError
from whimbrel.modules.history import HistoryKeeper
from whimbrel.modules.watcher import Watcher, WatcherSettings
from whimbrel.rows import SightingRow
from whimbrel.settings import Duration, Ssid
from whimbrel.testing import Lab
from whimbrel.verbs.history import ERASE
from whimbrel.verbs.places import EARLIER, SIGHTINGS

CENTRE = (59.0, 18.0)


def address(number: int) -> bytes:
    return b"\x00\x50\x00\x00\x00" + bytes((number,))


def home(keep: Kept = Kept.NOTHING) -> Zone:
    return Zone(name="home", kind=ZoneKind.HOME, latitude=CENTRE[0], longitude=CENTRE[1], radius=100.0, keep=keep)


class Carried:
    """A device that is carried around: its modules, and the file that it leaves behind."""

    def __init__(self, folder: Path, bus: Bus, *zones: Zone, **history: Any) -> None:
        self.file = folder / "history.db"
        settings = HistorySettings(file=self.file, commit=Duration(1.0), **history)
        guarded = (GuardedNetwork(ssid=Ssid(b"harbour")),)
        watch = WatcherSettings(learned=folder / "guarded.yaml", remembered=Path("/dev/null"), guarded=guarded)
        keeping = Context("history", settings, bus)
        watching = Context("watcher", watch, bus, keeping.verbs)
        bus.sender("position").publish(ZonesDrawn(zones=zones))
        self.history = Lab(keeping, HistoryKeeper(keeping))
        self.watched = Watcher(watching)
        self.watcher = Lab(watching, self.watched)

    def hear(self, number: int, time: float, *, east: float, rssi: int = -60, name: bytes = b"other") -> None:
        """Hear an access point for two seconds at a position."""
        heard = [beacon(bssid=address(number), time=time + second, rssi=rssi, name=name) for second in (0, 1, 2)]
        self.watcher.publish(FrameBatch(frames=heard))
        latitude, longitude = moved(*CENTRE, east, 0)
        position = Position(latitude=latitude, longitude=longitude, error=8.0, time=time + 2)
        self.watcher.publish(PositionChanged(position=position, until=time + 7))

    async def ask(self, verb: Any, **request: Any) -> Any:
        answer = self.watcher.ctx.verbs.find(verb.name)
        assert answer is not None
        return await answer(request)

    async def sightings(self) -> dict[bytes, SightingRow]:
        return {row.bssid: row for row in (await self.ask(SIGHTINGS)).sightings}

    def there(self) -> dict[bytes, SightingRow]:
        """What the watcher has in memory."""
        places = self.watched._placing.places
        return {} if places is None else {bssid: one.row() for bssid, one in places.sightings.entries.items()}

    def kept(self) -> dict[bytes, SightingRow]:
        try:
            with Reader(self.file) as reader:
                return {row.bssid: row for row in reader.sightings()}
        except sqlite3.Error:
            return {}


@asynccontextmanager
async def carried(folder: Path, *zones: Zone, **history: Any) -> AsyncIterator[Carried]:
    device = Carried(folder, Bus(), *zones, **history)
    try:
        await device.history.ready()
        await device.watcher.ready()
        yield device
    finally:
        for lab in (device.watcher, device.history):
            lab.ctx.stop()
            await asyncio.wait([lab._task], timeout=60)
            lab.ctx.release()


async def test_what_was_heard_where_outlasts_the_process_and_goes_on(tmp_path: Path) -> None:
    async with carried(tmp_path) as device:
        device.hear(1, NOW, east=500, rssi=-70)
        device.hear(2, NOW + 10, east=600)
        await until(lambda: len(device.kept()) == 2, "both on the card")
    async with carried(tmp_path) as device:
        there = await device.sightings()
        assert set(there) == {address(1), address(2)}
        assert (there[address(1)].rssi, there[address(1)].samples) == (-70, 1)
        device.hear(1, NOW + 90000, east=700, rssi=-50)
        await until(lambda: heard_twice(device), "the second sighting")
        found = (await device.sightings())[address(1)]
        assert (found.first, found.last, found.rssi) == (NOW, NOW + 90002, -50)
        # Ten times the amplitude at 700 m: the average leans there.
        assert moved(*CENTRE, 500 + 200 * 10 / 11, 0)[1] == pytest.approx(found.longitude, abs=1e-5)
        await until(lambda: device.kept()[address(1)] == found, "the second sighting on the card")


def heard_twice(device: Carried) -> bool:
    there = device.there().get(address(1))
    return there is not None and there.samples == 2


async def test_positions_that_come_before_the_history_is_asked_are_put_together(tmp_path: Path) -> None:
    async with carried(tmp_path) as device:
        device.hear(1, NOW, east=500)
        await until(lambda: len(device.kept()) == 1, "it on the card")
    async with carried(tmp_path) as device:
        device.hear(1, NOW + 90000, east=500)
        device.hear(3, NOW + 90000, east=500)
        await until(lambda: heard_twice(device), "both sightings")
        assert (await device.sightings())[address(1)].first == NOW
        assert list(await device.sightings()) == [address(1), address(3)]


async def test_a_clock_that_is_set_moves_what_this_process_has_stamped(tmp_path: Path) -> None:
    async with carried(tmp_path) as device:
        device.hear(1, NOW, east=500)
        await until(lambda: len(device.kept()) == 1, "it on the card")
    async with carried(tmp_path) as device:
        device.hear(1, 5000.0, east=500)  # a board without a clock begins long ago
        device.hear(2, 5000.0, east=500)
        await until(lambda: heard_twice(device), "both sightings")
        await until(lambda: len(device.kept()) == 2, "both on the card")
        device.watcher.publish(ClockStepped(delta=NOW))
        await until(lambda: device.kept()[address(2)].last == NOW + 5002, "the clock in the file")
        await until(lambda: is_moved(device), "the clock in the watcher")
        assert (await device.sightings())[address(1)].first == NOW
        assert device.kept()[address(1)].first == NOW
        assert device.kept()[address(1)].last == NOW + 5002


def is_moved(device: Carried) -> bool:
    there = device.there()
    return {there[address(1)].last, there[address(2)].first} == {NOW + 5002, NOW + 5000}


@pytest.mark.parametrize(
    "wish", [{"device": address(1).hex(":")}, {"ssid": "harbour"}, {"before": NOW + 50}, {"everything": True}]
)
async def test_what_is_erased_is_gone_from_file_and_memory(tmp_path: Path, wish: dict[str, Any]) -> None:
    async with carried(tmp_path) as device:
        device.hear(1, NOW, east=500, name=b"harbour")
        device.hear(2, NOW + 100, east=600)
        await until(lambda: len(device.kept()) == 2, "both on the card")
        await device.ask(ERASE, **wish)
        left = set() if "everything" in wish else {address(2)}
        assert set(device.kept()) == left
        assert (await device.history.event(HistoryErased)).rows > 0
        await until(lambda: set(device.there()) == left, "the watcher to forget it")
        assert address(1) not in device.file.read_bytes()
    async with carried(tmp_path) as device:
        assert set(await device.sightings()) == left


@pytest.mark.parametrize(("keep", "left"), [(Kept.NOTHING, {3}), (Kept.GUARDED, {1, 3})])
async def test_a_home_that_is_drawn_later_erases_what_lies_in_it(tmp_path: Path, keep: Kept, left: set[int]) -> None:
    async with carried(tmp_path) as device:
        device.hear(1, NOW, east=0, name=b"harbour")
        device.hear(2, NOW, east=50)
        device.hear(3, NOW + 100, east=600)
        await until(lambda: len(device.kept()) == 3, "all on the card")
    async with carried(tmp_path, home(keep)) as device:
        await until(lambda: set(device.kept()) == set(map(address, left)), "the rest of the file")
        assert set(await device.sightings()) == set(map(address, left))


async def test_an_erasure_that_the_card_refuses_is_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with carried(tmp_path) as device:
        device.hear(1, NOW, east=0)
        await until(lambda: len(device.kept()) == 1, "it on the card")
    erase = Store.erase_sightings
    refused: list[list[bytes]] = []

    def fail(store: Store, gone: list[bytes]) -> None:
        if not refused:
            refused.append(gone)
            raise StoreError("the card is full")
        erase(store, gone)

    monkeypatch.setattr(Store, "erase_sightings", fail)
    async with carried(tmp_path, home()) as device:
        await until(lambda: refused and not device.kept(), "the second attempt")


async def test_none_are_kept_where_the_settings_say_so_and_what_was_kept_is_not_told(tmp_path: Path) -> None:
    async with carried(tmp_path) as device:
        device.hear(1, NOW, east=500)
        await until(lambda: len(device.kept()) == 1, "it on the card")
    async with carried(tmp_path, sightings=0) as device:
        assert (await device.ask(EARLIER)).sightings == ()
        assert await device.sightings() == {}


async def test_a_wrong_request(tmp_path: Path) -> None:
    async with carried(tmp_path) as device:
        for wrong in ("7", True, -1, None):
            with pytest.raises(VerbError, match='"after": expected'):
                await device.ask(EARLIER, after=wrong)
