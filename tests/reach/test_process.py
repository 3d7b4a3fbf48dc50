"""The second process in this one: it runs its modules only, waits for the daemon, and follows its settings."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, ClassVar

import pytest
from tests.lab.alerts import AlertingDaemon
from tests.lab.fresh import fresh
from tests.lab.ports import free_port
from tests.lab.waiting import until

from whimbrel.config import Configuration, load
from whimbrel.config.registry import BUILT_IN
from whimbrel.events.alerts import Alert
from whimbrel.events.base import Event
from whimbrel.events.reach import DaemonReached, DaemonUnreachable
from whimbrel.events.system import ModulesState, ModuleStatus, SettingsReloaded
from whimbrel.module import Module, Side
from whimbrel.notify import Notifier
from whimbrel.reach.process import Reach, main, socket_of
from whimbrel.settings import frozen, setting


@frozen
class TellerSettings:
    """Settings."""

    loud: bool = setting(False, help="Whether.")


class Teller(Module[TellerSettings]):
    """Collects alerts."""

    Settings = TellerSettings
    side: ClassVar[Side] = Side.REACH
    heard: ClassVar[list[Event]] = []

    async def run(self) -> None:
        alerts = self.ctx.subscribe(Alert)
        self.ctx.ready()
        async for event in alerts:
            assert isinstance(event, Event)
            self.heard.append(event)


class Manager(Notifier):
    def __init__(self) -> None:
        super().__init__()
        self.told: list[dict[str, str]] = []

    def tell(self, **fields: str) -> None:
        self.told.append(fields)


class Rig:
    def __init__(self, path: Path) -> None:
        self.file = path / "whimbrel.yaml"
        self.daemon = AlertingDaemon(path / "s")
        self.manager = Manager()
        self.write("{}")

    def write(self, teller: str, more: str = "") -> None:
        self.file.write_text(
            f"reach: {{retry: 10ms}}\nmodules:\n  control: {{socket: {self.daemon.path}}}\n  teller: {teller}\n{more}"
        )

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Reach]:
        reach = Reach(load(self.file), notifier=self.manager)
        task = asyncio.create_task(reach.run())
        await until(lambda: reach.ready, ended=task.done)
        try:
            yield reach
        finally:
            reach.stop("the test is over")
            assert await task == 0


@pytest.fixture
def rig(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Rig:
    monkeypatch.setitem(BUILT_IN, "teller", f"{__name__}:Teller")
    monkeypatch.setattr("whimbrel.config.registry._load", _load)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.delenv("WHIMBREL_SOCKET", raising=False)
    Teller.heard.clear()
    return Rig(tmp_path)


def _load(name: str, target: str) -> Any:
    import importlib

    if name == "teller":
        return Teller
    module, _, attribute = target.partition(":")
    return getattr(importlib.import_module(module), attribute)


async def test_each_process_runs_the_modules_of_its_side(rig: Rig) -> None:
    configuration = load(rig.file)
    assert list(configuration.of(Side.DAEMON).modules) == ["control"]
    assert list(configuration.of(Side.REACH).modules) == ["teller"]
    async with rig.running() as reach:
        assert list(reach.supervisor.guardians) == ["logger", "panel", "teller", "feed"]
        await until(lambda: "waits for the daemon" in reach.status_line())
        async with rig.daemon:
            await until(lambda: reach.status_line() == "hears the daemon: teller")
            assert {"READY": "1"} in rig.manager.told


async def test_a_module_hears_of_alerts_whenever_the_daemon_is_there(rig: Rig) -> None:
    async with rig.running() as reach:
        rig.daemon.raise_alert()
        await until(lambda: reach.bus.latest(DaemonUnreachable))
        for number in (1, 2, 3):
            async with rig.daemon:
                await until(lambda expected=number: len(Teller.heard) == expected)  # type: ignore[misc]
            rig.daemon.raise_alert()
        assert [event.body.id for event in Teller.heard] == ["1", "2", "3"]
        assert {event.source for event in Teller.heard} == {"watcher"}


async def test_only_events_of_this_process_are_written(rig: Rig, capfd: pytest.CaptureFixture[str]) -> None:
    async with rig.running(), rig.daemon:
        rig.daemon.raise_alert()
        await until(lambda: Teller.heard)
    written = capfd.readouterr().err
    assert "reaches out with settings of" in written
    assert "is heard" in written
    assert "Stations are thrown out" not in written


async def test_new_settings_of_the_daemon_are_read_here_too(rig: Rig) -> None:
    async with rig.daemon, rig.running() as reach:
        await until(lambda: reach.bus.latest(DaemonReached))
        rig.write("{loud: true}")
        rig.daemon.publish(SettingsReloaded(changed=()), source="daemon")
        await until(lambda: reach.supervisor.guardians["teller"].settings.loud)
        await until(lambda: reach.supervisor.guardians["teller"].starts == 2 or reach.ready)


async def test_states_of_modules_are_those_of_both_processes(rig: Rig) -> None:
    status = ModuleStatus("watcher", "ready", "", 1.0, True, 1, 0, ())
    async with rig.daemon, rig.running() as reach:
        reach.bus.subscribe(ModulesState, reader="page")
        await until(lambda: rig.daemon.bus.wanted(ModulesState))
        rig.daemon.publish(ModulesState(modules=(status,)))

        def named() -> list[str]:
            newest = reach.bus.latest(ModulesState)
            return [each.module for each in newest.body.modules] if newest else []

        await until(lambda: named() == ["watcher", "logger", "panel", "teller", "feed"])


async def test_it_ends_with_what_it_is_tied_to(rig: Rig) -> None:
    reading, writing = os.pipe()
    try:
        reach = Reach(load(rig.file), notifier=rig.manager, tied=reading)
        task = asyncio.create_task(reach.run())
        await until(lambda: reach.ready)
        os.close(writing)
        assert await task == 0
        assert any("the daemon's run has ended" in fields.get("STATUS", "") for fields in rig.manager.told)
    finally:
        os.close(reading)


def test_without_a_module_for_it_there_is_nothing_to_do(rig: Rig) -> None:
    rig.file.write_text("modules: {control: }")
    assert main(load(rig.file)) == 0


def test_the_socket_is_that_of_the_control_module_unless_it_is_named(
    rig: Rig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def found(text: str) -> Path:
        rig.file.write_text(text)
        configuration: Configuration = load(rig.file)
        return socket_of(configuration)

    assert found("modules: {control: {socket: /a/b}}") == Path("/a/b")
    assert found("reach: {socket: /c}\nmodules: {control: {socket: /a/b}}") == Path("/c")
    assert found("modules: {teller: }") == Path("/run/whimbrel/control.sock")
    monkeypatch.setenv("WHIMBREL_SOCKET", "/d")
    assert found("modules: {control: {socket: /a/b}}") == Path("/d")


async def test_it_only_looks_where_nothing_more_is_allowed(rig: Rig) -> None:
    async with rig.daemon, rig.running() as reach:
        await until(lambda: reach.bus.latest(DaemonReached))
        module = rig.daemon.control
        await until(lambda: len(module._looking.tasks) >= 1 and not module._full.tasks)


@pytest.mark.parametrize(
    ("module", "library"), [("mqtt", "paho"), ("metrics", "prometheus_client"), ("web", "aiohttp"), ("notify", "")]
)
def test_a_library_is_imported_when_its_module_runs_and_no_other(module: str, library: str, tmp_path: Path) -> None:
    """What the process has imported once the module runs; the classes of all the others are known to it."""
    more = f"port: {free_port()}" if module in {"metrics", "web"} else ""
    (tmp_path / "w.yaml").write_text(f"reach: {{socket: {tmp_path}/none}}\nmodules: {{{module}: {{{more}}}}}\n")
    code = (
        "import asyncio, sys\n"
        "from pathlib import Path\n"
        "from whimbrel.config import load\n"
        "from whimbrel.config.registry import BUILT_IN, OF_THE_DAEMON, find_module\n"
        "from whimbrel.reach.process import Reach\n"
        "for name in BUILT_IN.keys() - OF_THE_DAEMON:\n    find_module(name)\n"
        "async def run():\n"
        "    reach = Reach(load(Path(sys.argv[1])))\n"
        "    task = asyncio.ensure_future(reach.run())\n"
        "    while not (reach.ready and sys.modules.keys() >= set(sys.argv[2:])) and not task.done():\n"
        "        await asyncio.sleep(0.01)\n"
        "    print(*({'paho', 'prometheus_client', 'aiohttp', 'apprise', 'segno', 'jinja2'} & {*sys.modules}))\n"
        "    reach.stop('done')\n    await task\n"
        "asyncio.run(run())\n"
    )
    state = os.environ | {"STATE_DIRECTORY": str(tmp_path)}
    wanted = [library] * bool(library)
    assert fresh(code, str(tmp_path / "w.yaml"), *wanted, environment=state).stdout.split() == wanted
