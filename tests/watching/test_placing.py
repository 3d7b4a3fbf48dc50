from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.survey.air import AP, beacon

from whimbrel.detections.guarded import GuardedNetwork
from whimbrel.events.air import AccessPointFound
from whimbrel.events.position import PositionChanged, ZonesDrawn
from whimbrel.events.radio import ClockStepped, FrameBatch
from whimbrel.geo import Kept, Position, Zone, ZoneKind, moved
from whimbrel.module import Handover, VerbError
from whimbrel.modules.watcher import Watcher, WatcherSettings
from whimbrel.settings import Ssid
from whimbrel.testing import Lab, run_module

CENTRE = (59.0, 18.0)


def place(east: float, time: float, *zones: Zone) -> PositionChanged:
    north_of, east_of = moved(*CENTRE, east, 0)
    position = Position(latitude=north_of, longitude=east_of, error=8.0, time=time)
    return PositionChanged(position=position, until=time + 5, zones=zones)


def home(radius: float = 100.0, keep: Kept = Kept.NOTHING) -> Zone:
    return Zone(name="home", kind=ZoneKind.HOME, latitude=59.0, longitude=18.0, radius=radius, keep=keep)


def settings(tmp_path: Path, **more: Any) -> WatcherSettings:
    return WatcherSettings(learned=tmp_path / "guarded.yaml", remembered=Path("/dev/null"), **more)


async def ask(lab: Lab, verb: str, **request: Any) -> Any:
    answer = lab.ctx.verbs.find(verb)
    assert answer is not None
    return await answer(request)


def address(number: int) -> bytes:
    return b"\x00\x50\x00\x00" + number.to_bytes(2, "big")


async def hear(lab: Lab, time: float, *bssids: bytes) -> None:
    lab.publish(FrameBatch(frames=[beacon(bssid=bssid, time=time, name=b"harbour") for bssid in bssids]))


async def taken(lab: Lab, time: float) -> None:
    """Wait until the watcher has taken in what was published, by an access point that has no position."""
    marker = b"\x00\x77" + int(time).to_bytes(4, "big")
    lab.publish(FrameBatch(frames=[beacon(bssid=marker, time=time + 100)]))
    await lab.event(AccessPointFound, lambda found: found.bssid == marker)


async def test_what_was_heard_where_in_parts(tmp_path: Path) -> None:
    async with run_module(Watcher, settings(tmp_path, backlog=1000)) as lab:
        await lab.ready()
        assert (await ask(lab, "sightings")).sightings == ()
        assert (await ask(lab, "track")).points == ()
        await hear(lab, 1000.0, *map(address, range(150)))
        lab.publish(place(0, 1000.5))
        for step in range(1, 300):
            lab.publish(place(step * 20.0, 1000.5 + step))
        await taken(lab, 1400.0)
        found, after = [], 0
        while after is not None:
            answer = await ask(lab, "sightings", after=after)
            assert len(answer.sightings) <= 64
            found += answer.sightings
            after = answer.after
        assert [row.bssid for row in found] == [address(number) for number in range(150)]
        assert {row.strongest.longitude for row in found} == {18.0}
        first = await ask(lab, "track")
        assert (len(first.points), first.after) == (256, first.points[-1].time)
        rest = await ask(lab, "track", after=first.after)
        assert (len(rest.points), rest.after) == (300 - 256, None)
        for verb, wrong in (("sightings", "7"), ("sightings", True), ("track", None), ("track", "now")):
            with pytest.raises(VerbError, match='"after": expected'):
                await ask(lab, verb, after=wrong)


async def test_at_home_nothing_is_recorded(tmp_path: Path) -> None:
    async with run_module(Watcher, settings(tmp_path)) as lab:
        await lab.ready()
        await hear(lab, 1000.0, AP)
        lab.publish(place(0, 1000.5, home()))
        await taken(lab, 1001.0)
        assert (await ask(lab, "sightings")).sightings == ()
        assert (await ask(lab, "track")).points == ()


async def test_at_home_the_guarded_networks_may_be(tmp_path: Path) -> None:
    guarded = (GuardedNetwork(ssid=Ssid(b"harbour"), bssids=()),)
    async with run_module(Watcher, settings(tmp_path, guarded=guarded)) as lab:
        await lab.ready()
        lab.publish(FrameBatch(frames=[beacon(time=1000.0), beacon(bssid=address(1), name=b"other", time=1000.0)]))
        lab.publish(place(0, 1000.5, home(keep=Kept.GUARDED)))
        await taken(lab, 1001.0)
        assert [row.ssid for row in (await ask(lab, "sightings")).sightings] == [b"harbour"]
        assert (await ask(lab, "track")).points == ()


async def test_a_home_that_lies_within_all_positions_or_is_drawn_later(tmp_path: Path) -> None:
    async with run_module(Watcher, settings(tmp_path)) as lab:
        await lab.ready()
        for step, east in enumerate((-60.0, 60.0)):
            await hear(lab, 1000.0 + step * 60, AP)
            lab.publish(place(east, 1000.5 + step * 60))
        await taken(lab, 1100.0)
        assert len((await ask(lab, "sightings")).sightings) == 1
        assert len((await ask(lab, "track")).points) == 2
        lab.publish(ZonesDrawn(zones=(home(radius=55.0),)))
        await taken(lab, 1101.0)
        assert (await ask(lab, "sightings")).sightings == ()
        assert (await ask(lab, "track")).points == ()


async def test_a_restart_of_the_watcher_and_a_clock_that_is_set(tmp_path: Path) -> None:
    handover = Handover()
    async with run_module(Watcher, settings(tmp_path), handover=handover) as lab:
        await lab.ready()
        await hear(lab, 1000.0, AP)
        lab.publish(place(0, 1000.5))
        lab.publish(ClockStepped(delta=5000.0))
        await taken(lab, 7000.0)
        lab.ctx.replaced = True
        await lab.finish()
    async with run_module(Watcher, settings(tmp_path, sightings=7), handover=handover) as lab:
        await lab.ready()
        (row,) = (await ask(lab, "sightings")).sightings
        assert (row.first, row.strongest.time) == (6000.0, 6000.0)
        assert [point.time for point in (await ask(lab, "track")).points] == [6000.5]
