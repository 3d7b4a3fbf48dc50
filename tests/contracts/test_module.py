"""The contract of every module: start, report missing things, and end when asked."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.lab.ports import free_port

from whimbrel.config import Configuration, loads
from whimbrel.config.registry import BUILT_IN, find_module
from whimbrel.module import Module, Stage
from whimbrel.settings import settings_of
from whimbrel.testing import run_module

BENCHES: dict[str, Callable[[Path], str]] = {
    "sniffer": lambda _folder: "source: sim, tuner: sim",
    "sniffer2": lambda _folder: "source: sim, tuner: sim",
    "watcher": lambda folder: f"learned: {folder}/guarded.yaml",
    "logger": lambda _folder: "to: stderr",
    "control": lambda folder: f"socket: {folder}/control.sock",
    "display": lambda _folder: "driver: none",
    "buttons": lambda _folder: "driver: none",
    "system": lambda _folder: "",
    "history": lambda folder: f"file: {folder}/history.db",
    "recorder": lambda folder: f"folder: {folder}/recordings",
    "position": lambda folder: f"gpsd: {folder}/gpsd.sock",
    "mqtt": lambda folder: f"file: {folder}/mqtt.db, port: 1, retry: 60s",
    "metrics": lambda _folder: f"port: {free_port()}",
    "syslog": lambda folder: f"file: {folder}/syslog.db, port: 1, retry: 60s",
    "web": lambda _folder: f"port: {free_port()}",
    "notify": lambda folder: f"file: {folder}/notify.db, command: ['true']",
}
"""Settings with which each module works on every machine, in a folder of the test's."""


def configured(name: str, folder: Path) -> Configuration:
    if name not in BENCHES:
        pytest.fail(
            f"the module {name!r} is registered and has no bench for the contract of modules: say under its name in "
            f"BENCHES of tests/contracts/test_module.py with which settings it works on every machine",
            pytrace=False,
        )
    return loads(f"modules: {{{name}: {{{BENCHES[name](folder)}}}}}")


@pytest.mark.parametrize("name", BUILT_IN)
def test_it_is_declared_in_full(name: str) -> None:
    module = find_module(name)
    assert module.__doc__, f"write a docstring for {module.__qualname__}: what the module is for"
    assert module.run is not Module.run, f"{module.__qualname__} has no run"
    assert isinstance(module.stage, Stage)
    for attribute in settings_of(module.Settings).values():
        assert attribute.metadata.get("help"), f"declare {module.Settings.__qualname__}.{attribute.name} by setting()"


@pytest.mark.parametrize("name", BUILT_IN)
async def test_it_becomes_ready_and_ends_when_it_is_asked_to(name: str, tmp_path: Path) -> None:
    configuration = configured(name, tmp_path)
    async with run_module(configuration.classes[name], configuration.modules[name], name=name) as lab:
        await lab.ready()
        assert lab.module.dead() is None
        if lab.module.stage is not Stage.SOURCE:  # those are cancelled, as the block does at its end
            await lab.finish()


@pytest.mark.parametrize("name", BUILT_IN)
def test_what_it_names_of_the_machine_are_settings_of_its_own(name: str, tmp_path: Path) -> None:
    configuration = configured(name, tmp_path)
    module, settings = configuration.classes[name], configuration.modules[name]
    for path in [path for path, _ in module.claims(settings)] + [
        finding[0] for finding in module.check(settings) if isinstance(finding, tuple)
    ]:
        value = settings
        for key in path.split("."):
            value = getattr(value, key.partition("[")[0])
