"""Every command is complete: its file, its arguments, its handler, and its verbs."""

from __future__ import annotations

import importlib
import pkgutil
from typing import Any

import pytest
from tests.cli.conftest import environment
from tests.lab.fresh import fresh

from whimbrel.cli import CommandParser, commands, exits
from whimbrel.cli.commands import SUMMARIES
from whimbrel.verbs.declare import Verb
from whimbrel.verbs.registry import VERBS


def command(name: str) -> Any:
    return importlib.import_module(f"whimbrel.cli.commands.{name.replace('-', '_')}")


def test_every_file_is_a_command_and_every_command_a_file() -> None:
    names = {module.name.replace("_", "-") for module in pkgutil.iter_modules(commands.__path__)}
    assert names == set(SUMMARIES)


@pytest.mark.parametrize("name", SUMMARIES)
def test_a_command_is_whole(name: str) -> None:
    module = command(name)
    assert callable(module.run)
    parser = CommandParser(prog=name, command=name)
    parser.fill()
    assert parser.get_default("run") is module.run
    assert parser.description
    assert parser.description.lower().startswith(SUMMARIES[name].lower())


@pytest.mark.parametrize("name", SUMMARIES)
def test_the_verbs_that_a_command_asks_are_those_that_it_declares(name: str) -> None:
    module = command(name)
    asked = {value for value in vars(module).values() if isinstance(value, Verb)}
    assert asked == set(getattr(module, "VERBS", ()))
    assert all(VERBS.get(verb.name) is verb for verb in asked)


def imported(*arguments: str) -> set[str]:
    """Return the modules that a command has imported at its end."""
    code = "import sys; from whimbrel.cli import main; main(); print(*sys.modules, file=sys.stderr)"
    return set(fresh(code, *arguments, environment=environment()).stderr.splitlines()[-1].split())


def test_the_help_imports_no_command() -> None:
    assert not [name for name in imported("--help") if name.startswith("whimbrel.cli.commands.")]


def test_one_command_imports_one_command_and_no_event_loop() -> None:
    loaded = imported("status", "--socket", "/nonexistent/socket")
    assert [name for name in loaded if name.startswith("whimbrel.cli.commands.")] == ["whimbrel.cli.commands.status"]
    assert "asyncio" not in loaded
    assert "attrs" not in loaded


def test_an_unknown_command_names_those_that_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    from whimbrel.cli import main

    assert main(["statsu"]) == exits.USAGE
    assert "status" in capsys.readouterr().err
