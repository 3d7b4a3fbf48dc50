"""Modules by name: the project's own, those that other packages install, and names that are neither."""

from __future__ import annotations

import importlib.metadata
import sys
import tomllib
from pathlib import Path

import pytest
from tests.lab.fresh import fresh

from whimbrel.config.registry import (
    BUILT_IN,
    DEFAULT_MODULES,
    GROUP,
    OF_THE_DAEMON,
    BrokenModule,
    UnknownModule,
    find_module,
    module_names,
)
from whimbrel.module import Module, Side

PYPROJECT = Path(__file__).resolve().parents[2] / "pyproject.toml"


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Install a package of two modules, one of which is broken, as pip leaves it."""
    info = tmp_path / "sandpiper-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: sandpiper\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        f"[{GROUP}]\nsandpiper = sandpiper:Sandpiper\nlapwing = sandpiper.lapwing:Lapwing\nplover = sandpiper:plover\n"
    )
    (tmp_path / "sandpiper.py").write_text(
        "from whimbrel.module import Module\nclass Sandpiper(Module): pass\ndef plover(): pass\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "sandpiper", raising=False)


def test_the_names_of_the_project_are_those_that_it_installs() -> None:
    declared = tomllib.loads(PYPROJECT.read_text(encoding="utf-8"))["project"]["entry-points"][GROUP]
    assert declared == BUILT_IN
    assert set(DEFAULT_MODULES) <= BUILT_IN.keys()


@pytest.mark.parametrize("name", BUILT_IN)
def test_every_module_of_the_project_is_found(name: str) -> None:
    assert issubclass(find_module(name), Module)


def test_what_is_built_in_is_found_without_asking_what_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.metadata, "entry_points", None)
    assert find_module("logger").__name__ == "Logger"


@pytest.mark.usefixtures("installed")
def test_a_module_of_another_package_is_found_by_name() -> None:
    assert find_module("sandpiper").__name__ == "Sandpiper"
    assert {"sandpiper", *BUILT_IN} <= set(module_names())


@pytest.mark.usefixtures("installed")
def test_an_unknown_name_brings_up_the_nearest_of_all() -> None:
    with pytest.raises(UnknownModule, match=r"'sandpipe' \(did you mean sandpiper\?\)"):
        find_module("sandpipe")
    with pytest.raises(UnknownModule, match=r"\(did you mean watcher\?\)"):
        find_module("watchr")
    with pytest.raises(UnknownModule, match=r"there are .*control.*sniffer"):
        find_module("")


@pytest.mark.usefixtures("installed")
def test_a_module_that_cannot_be_loaded_says_why() -> None:
    with pytest.raises(BrokenModule, match=r"sandpiper\.lapwing:Lapwing cannot be imported: ModuleNotFoundError"):
        find_module("lapwing")
    with pytest.raises(BrokenModule, match=r"sandpiper:plover is no whimbrel\.module\.Module"):
        find_module("plover")


def test_reach_reads_no_settings_of_modules_that_are_the_daemons_alone() -> None:
    sides = {name: find_module(name).side for name in BUILT_IN}
    assert {name for name, side in sides.items() if side is Side.DAEMON} - OF_THE_DAEMON == {"logger", "control"}
    assert all(sides[name] is Side.DAEMON for name in OF_THE_DAEMON)
    code = (
        "import sys, pathlib; from whimbrel.config import load; from whimbrel.config.registry import OF_THE_DAEMON;"
        "found = load(pathlib.Path('PATH'), apart=OF_THE_DAEMON); print(*found.modules);"
        "print(*(name for name in sys.modules if name.startswith(('whimbrel.survey', 'whimbrel.detections', 'PIL'))))"
    )
    path = Path(__file__).parents[2] / "config" / "demo.yaml"
    assert fresh(code.replace("PATH", str(path))).stdout == "logger control web\n\n"


def test_reading_settings_imports_nothing_that_is_only_needed_for_mistakes() -> None:
    code = (
        "import sys; from whimbrel.config import loads; loads('modules: {logger: {level: info}, control: }');"
        "print(*({'difflib', 'cattrs', 'importlib.metadata', 'scapy'} & {*sys.modules}))"
    )
    assert fresh(code).stdout == "\n"
