from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.lab import nmea
from tests.lab.child import Child
from tests.lab.ports import free_port, listens
from tests.lab.waiting import block_until, until

from whimbrel.config import loads
from whimbrel.config.loader import check
from whimbrel.events.position import PositionChanged, PositionLost, ZonesDrawn
from whimbrel.geo import ZoneKind, distance
from whimbrel.modules.position import PositionKeeper, PositionSettings, ZoneSettings
from whimbrel.position import gpsd
from whimbrel.settings import Duration
from whimbrel.testing import Lab, run_module

PROXY = "/usr/lib/systemd/systemd-socket-proxyd"
LONG = Duration(300.0)
"""Age of a fix where the test is not about it: the machine may be slow."""


def tpv(second: int, **more: Any) -> bytes:
    report = {"class": "TPV", "device": "/dev/a", "mode": 3, "time": f"2026-06-28T12:00:{second:02}.000Z"}
    return json.dumps({**report, "lat": 59.0, "lon": 18.0, "eph": 8.0, **more}).encode() + b"\n"


class Gpsd:
    """Replaces gpsd, and sends a test's reports to clients that have requested reports."""

    def __init__(self) -> None:
        self.asked: list[bytes] = []
        self.writers: list[asyncio.StreamWriter] = []
        self.changed = asyncio.Event()
        self._ended = False

    async def follow(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.asked.append(await reader.readline())
        self.writers.append(writer)
        if self._ended:
            writer.close()
        self.changed.set()

    async def say(self, *lines: bytes, connections: int = 1) -> None:
        await until(lambda: len(self.writers) >= connections, changed=self.changed)
        self.writers[-1].writelines(lines)

    def end(self) -> None:
        self._ended = True
        for writer in self.writers:
            writer.close()


@contextlib.asynccontextmanager
async def served(path: Path) -> AsyncIterator[Gpsd]:
    made = Gpsd()
    server = await asyncio.start_unix_server(made.follow, path)
    try:
        yield made
    finally:
        server.close()
        made.end()
        os.unlink(path)  # noqa: PTH108  # a name in memory


async def warned(lab: Lab, text: str, key: str = "gpsd") -> str:
    changed = asyncio.Event()
    lab.ctx.on_change = changed.set
    await until(lambda: text in lab.ctx.warnings.get(key, ""), changed=changed)
    return lab.ctx.warnings[key]


async def test_a_fix_comes_and_grows_old(tmp_path: Path) -> None:
    async with served(tmp_path / "gpsd") as there:
        settings = PositionSettings(gpsd=str(tmp_path / "gpsd"), oldest=Duration(0.5))
        async with run_module(PositionKeeper, settings) as lab:
            await there.say(b'{"class":"VERSION"}\n', tpv(0))
            changed = await lab.event(PositionChanged)
            assert there.asked == [gpsd.WATCH]
            assert (changed.position.latitude, changed.position.error, changed.regained) == (59.0, 8.0, True)
            lost = await lab.event(PositionLost)
            assert lost.position == changed.position
            assert "fallen silent" in await warned(lab, "no position")
            await there.say(tpv(20))
            assert (await lab.event(PositionChanged)).regained


async def test_lines_that_wait_leave_others_their_turns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = PositionSettings(gpsd=str(tmp_path / "gpsd"), oldest=LONG)
    async with served(tmp_path / "gpsd") as there, run_module(PositionKeeper, settings) as lab:
        await there.say(tpv(0))
        await lab.event(PositionChanged)
        taken: list[int] = []
        module = lab.module
        assert isinstance(module, PositionKeeper)
        turns = 0
        monkeypatch.setattr(module, "_take", lambda _report: taken.append(turns))
        await there.say(*[b'{"class":"SKY"}\n'] * 500)
        while len(taken) < 500:
            turns += 1
            await asyncio.sleep(0)
    # Some turns go into reading; at least one stands between two lines.
    assert max(taken.count(turn) for turn in set(taken)) <= 2


async def test_zones(tmp_path: Path) -> None:
    zones = (
        ZoneSettings(name="home", kind=ZoneKind.HOME, latitude=59.0, longitude=18.0),
        ZoneSettings(name="far", kind=ZoneKind.QUIET, latitude=58.0, longitude=18.0),
    )
    async with served(tmp_path / "gpsd") as there:
        settings = PositionSettings(gpsd=str(tmp_path / "gpsd"), oldest=LONG, zones=zones)
        async with run_module(PositionKeeper, settings) as lab:
            assert [zone.name for zone in (await lab.event(ZonesDrawn)).zones] == ["home", "far"]
            await there.say(tpv(0))
            assert [zone.name for zone in (await lab.event(PositionChanged)).zones] == ["home"]
    drawn = lab.bus.latest(ZonesDrawn)
    assert drawn is not None
    assert drawn.body.zones == ()


async def test_gpsd_comes_goes_and_comes_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("whimbrel.modules.position._FIRST_PAUSE", 0.01)
    path = tmp_path / "gpsd"
    async with run_module(PositionKeeper, PositionSettings(gpsd=str(path), oldest=LONG)) as lab:
        assert "is gpsd running" in await warned(lab, "No such file")
        async with served(path) as there:
            await there.say(tpv(0))
            await lab.event(PositionChanged)
            await until(lambda: not lab.ctx.warnings)
            there.end()
        async with served(path) as there:
            await there.say(tpv(1))
            assert not (await lab.event(PositionChanged)).regained


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n" * 16, "16 lines that are no reports"),
        (b"x" * (gpsd.LONGEST + 100), "line of over"),
    ],
)
async def test_something_else_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: bytes, told: str) -> None:
    monkeypatch.setattr("whimbrel.modules.position._FIRST_PAUSE", 0.01)
    settings = PositionSettings(gpsd=str(tmp_path / "gpsd"), oldest=LONG)
    async with served(tmp_path / "gpsd") as there, run_module(PositionKeeper, settings) as lab:
        await there.say(said)
        await warned(lab, told)
        await there.say(tpv(0), connections=2)
        await lab.event(PositionChanged)


async def test_what_gpsd_complains_of_forges_nothing(tmp_path: Path) -> None:
    settings = PositionSettings(gpsd=str(tmp_path / "gpsd"), oldest=LONG)
    async with served(tmp_path / "gpsd") as there, run_module(PositionKeeper, settings) as lab:
        await there.say(b'{"class":"ERROR","message":"two\\nlines"}\n', b'{"class":"DEVICES","devices":[]}\n')
        assert "two\\nlines" in await warned(lab, "gpsd says", "lines")
        await warned(lab, "no receiver")


@pytest.mark.parametrize("text", ["", "localhost", "localhost:0", "localhost:x", ":2947", "h:99999"])
def test_an_address_that_is_none(text: str) -> None:
    with pytest.raises(ValueError, match="gpsd: expected the path of a socket or HOST:PORT"):
        PositionSettings(gpsd=text)


def test_check_names_a_socket_that_is_missing(tmp_path: Path) -> None:
    configuration = loads(f"modules: {{position: {{gpsd: {tmp_path}/none}}}}")
    (problem,) = check(configuration)
    assert problem.path == "modules.position.gpsd"
    assert list(PositionKeeper.check(PositionSettings(gpsd="127.0.0.1:2947"))) == []


@pytest.fixture
def walk(tmp_path: Path) -> Iterator[int]:
    """Have gpsd read a walk from a receiver, over and over; yield its port."""
    gpsfake = shutil.which("gpsfake")
    if gpsfake is None or shutil.which("gpsd", path=f"{os.environ['PATH']}:/usr/sbin") is None:
        pytest.skip("gpsd or gpsfake is not installed (Debian: gpsd, gpsd-clients)")
    log = tmp_path / "walk.nmea"
    log.write_text(nmea.log((59.3 + step * 1e-5, 18.05) for step in range(600)))
    port = free_port()
    command = [gpsfake, "-q", "-n", "-u", "-c", "0.02", "-P", str(port), str(log)]
    environment = {**os.environ, "PATH": f"{os.environ['PATH']}:/usr/sbin"}
    said = (tmp_path / "gpsfake.log").open("wb")
    with said, Child(command, stdout=said, stderr=said, env=environment) as process:
        block_until(lambda: listens(port), "gpsd answers", ended=lambda: process.poll() is not None)
        yield port
        process.terminate()


async def test_a_walk_by_gpsd_itself(walk: int) -> None:
    async with run_module(PositionKeeper, PositionSettings(gpsd=f"127.0.0.1:{walk}", oldest=LONG)) as lab:
        await go(lab)


@pytest.fixture
def forwarded(walk: int, tmp_path: Path) -> Iterator[str]:
    """Have the program of whimbrel-position.service pass gpsd's reports on; yield its socket."""
    activate = shutil.which("systemd-socket-activate")
    if activate is None or not Path(PROXY).exists():
        pytest.skip("systemd's systemd-socket-activate or systemd-socket-proxyd is not installed")
    path = tmp_path / "position.sock"
    command = [activate, "-l", str(path), PROXY, f"127.0.0.1:{walk}"]
    with Child(command, stderr=subprocess.DEVNULL) as process:
        block_until(path.exists, ended=lambda: process.poll() is not None)
        yield str(path)
        process.terminate()


async def test_a_walk_through_the_socket_that_the_sandbox_allows(forwarded: str) -> None:
    async with run_module(PositionKeeper, PositionSettings(gpsd=forwarded, oldest=LONG)) as lab:
        await go(lab)


async def go(lab: Lab) -> None:
    first = (await lab.event(PositionChanged)).position
    assert first.longitude == pytest.approx(18.05, abs=1e-5)
    assert 59.29 < first.latitude < 59.31
    assert 0 < first.error < 100
    assert first.altitude == pytest.approx(47.0)
    moved = await lab.event(PositionChanged, lambda body: body.position.latitude != first.latitude)
    assert 0.5 < distance(first.latitude, first.longitude, moved.position.latitude, moved.position.longitude) < 700
