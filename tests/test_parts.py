"""Every part is whole: registered, tested, read, drawn, described. Each failure says what to do, and in which file."""

from __future__ import annotations

import ast
import functools
import importlib
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from tools.screenshots.gallery import SHOTS, render
from tools.structure import graph, sources
from tools.structure.sources import path_of

from whimbrel.cli.commands import SUMMARIES
from whimbrel.config.loader import SECTIONS
from whimbrel.config.registry import BUILT_IN, find_module
from whimbrel.detections.base import Detection
from whimbrel.detections.registry import all_detections
from whimbrel.drivers.ports import FrameSource, Keypad, Panel, Tuner
from whimbrel.drivers.registry import KEYPADS, PANELS, SOURCES, TUNERS, Port
from whimbrel.module import Module
from whimbrel.screens.page import View
from whimbrel.screens.screen import Screen
from whimbrel.settings import settings_of
from whimbrel.settings.fields import is_settings

ROOT = Path(__file__).resolve().parents[1]

DRIVERS: dict[tuple[type, str], Port[Any]] = {
    (FrameSource, "SOURCES"): SOURCES,
    (Tuner, "TUNERS"): TUNERS,
    (Keypad, "KEYPADS"): KEYPADS,
    (Panel, "PANELS"): PANELS,
}
"""What a driver of each port must be able to do, by the name of the registry's table."""
# By whimbrel.drivers.linux.tuning:make_tuner.
MADE_BY_OTHERS = {"whimbrel.drivers.nl80211.tuner:RadioTuner", "whimbrel.drivers.nl80211.tuner:Nl80211Tuner"}
"""Drivers that the registry names by the function that makes them."""


@functools.cache
def _texts() -> dict[str, str]:
    return sources.in_folder(ROOT / "src")


def _classes(module: str) -> Iterator[type]:
    """Yield the classes that are written in a module."""
    for value in vars(importlib.import_module(module)).values():
        if isinstance(value, type) and value.__module__ == module:
            yield value


@pytest.mark.parametrize("module", sorted(name for name in _texts() if name.startswith("whimbrel.detections.")))
def test_a_detection_is_registered(module: str) -> None:
    written = [cls for cls in _classes(module) if issubclass(cls, Detection) and "rule" in vars(cls)]
    forgotten = [cls.__name__ for cls in written if cls not in all_detections()]
    name = module.removeprefix("whimbrel.detections.")
    assert not forgotten, (
        f"{path_of(module)}: put {', '.join(forgotten)} into DETECTIONS at its end, and {name!r} into FILES of "
        "src/whimbrel/detections/registry.py"
    )


@functools.cache
def _declared(mark: str) -> frozenset[str]:
    """Return the rules that tests of detections name with `mark`; ``tests/detections/conftest.py`` holds them to it."""
    return frozenset(
        argument.value
        for path in sorted((ROOT / "tests" / "detections").rglob("test_*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == f"pytest.mark.{mark}"
        for argument in node.args
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
    )


@pytest.mark.parametrize("rule", [detection.rule for detection in all_detections()])
def test_a_rule_has_a_test_that_raises_it_and_one_that_does_not(rule: str) -> None:
    module = next(detection.__module__ for detection in all_detections() if detection.rule == rule)
    family, _, name = module.removeprefix("whimbrel.detections.").partition(".")
    where = f"tests/detections/{family}/test_{name}.py"
    for mark, what in (("raises_alert", "a test that raises it"), ("spares", "a test of harmless air that it hears")):
        assert rule in _declared(mark), f'{where}: mark {what} with @pytest.mark.{mark}("{rule}")'


def test_marks_name_rules_that_there_are() -> None:
    known = {detection.rule for detection in all_detections()}
    strange = (_declared("raises_alert") | _declared("spares")) - known
    assert not strange, f"tests/detections: no rule is called {', '.join(sorted(strange))}; correct these marks"


def _kinds(base: type[Screen | View]) -> Iterator[type[Screen | View]]:
    for cls in base.__subclasses__():
        yield cls
        yield from _kinds(cls)


@functools.cache
def _pages() -> dict[str, str]:
    """Return the file of each page by its name: of all that makes a screen, and of each kind of screen and of view."""
    texts = {name: text for name, text in _texts().items() if graph.package_of(name) == "screens"}
    for name in texts:
        importlib.import_module(name)
    kinds = [cls for base in (Screen, View) for cls in _kinds(base) if cls.__module__ in texts]
    made = {Screen.__name__, *(cls.__name__ for cls in kinds)}
    return {f"{cls.__name__}.draw": path_of(cls.__module__) for cls in kinds if not cls.__subclasses__()} | {
        node.name: path_of(name)
        for name, text in texts.items()
        for node in ast.parse(text).body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
        if node.returns is not None and ast.unparse(node.returns) in made
    }


@functools.cache
def _drawn() -> frozenset[str]:
    """Return the pages of which the gallery has a picture: tests/screens/test_golden.py compares every one."""
    drawn = set()

    def note(frame: FrameType, event: str, _argument: object) -> None:
        code = frame.f_code
        if event == "call" and "/whimbrel/screens/" in code.co_filename:
            drawn.add(code.co_name)
            if "self" in frame.f_locals:
                drawn.add(f"{type(frame.f_locals['self']).__name__}.{code.co_name}")

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        for shot in SHOTS.values():
            render(shot)
    finally:
        sys.setprofile(before)
    return frozenset(drawn)


@pytest.mark.parametrize("page", sorted(_pages()))
def test_a_page_has_a_golden_picture(page: str) -> None:
    assert page in _drawn(), (
        f"{_pages()[page]}: no picture shows {page}; add a Shot to tools/screenshots/gallery.py, run "
        "`make screenshots`, look at it, and commit it"
    )


def test_a_page_is_opened_from_somewhere() -> None:
    factories = {page for page in _pages() if "." not in page}
    mention = re.compile(rf"(?<!def )\b(?:{'|'.join(factories)})\b(?!`)")
    wrong = [f"{_pages()[each]} has {each}" for each in factories.difference(*map(mention.findall, _texts().values()))]
    assert not wrong, f"{'; '.join(wrong)}: nothing opens it; give it a line in src/whimbrel/screens/menu.py"


def test_an_offered_page_is_there() -> None:
    for name, text in _texts().items():
        for target in re.findall(r'"(whimbrel\.screens\.[\w.]+:\w+)"', text):
            assert target.partition(":")[2] in _pages(), f"{path_of(name)}: nothing is called {target}"


@pytest.mark.parametrize("module", sorted(name for name in _texts() if name.startswith("whimbrel.modules.")))
def test_a_module_is_registered(module: str) -> None:
    for cls in _classes(module):
        if issubclass(cls, Module):
            target = f"{module}:{cls.__name__}"
            assert target in BUILT_IN.values(), (
                f"{path_of(module)}: add {target} to BUILT_IN of src/whimbrel/config/registry.py, and to the entry "
                "points whimbrel.modules of pyproject.toml"
            )


@pytest.mark.parametrize("module", sorted(name for name in _texts() if graph.package_of(name) == "drivers"))
def test_a_driver_is_registered(module: str) -> None:
    for cls in _classes(module):
        for (kind, table), port in DRIVERS.items():
            wanted = {name for name, value in vars(kind).items() if callable(value) and not name.startswith("_")}
            if module != "whimbrel.drivers.ports" and all(hasattr(cls, name) for name in wanted):
                target = f"{module}:{cls.__name__}"
                assert target in {driver.target for driver in port.drivers.values()} | MADE_BY_OTHERS, (
                    f"{path_of(module)}: {cls.__name__} does all that a {kind.__name__} must do; add a Driver with the "
                    f"target {target} to {table} of src/whimbrel/drivers/registry.py"
                )


def test_the_settings_choose_from_every_port() -> None:
    chosen = {
        port.name: (f"{cls.__module__}.{cls.__qualname__}.{key}", settings_of(cls)[key].metadata["choices"])
        for cls in (find_module(name).Settings for name in BUILT_IN)
        for key, port in getattr(cls, "ports", {}).items()
    }
    for port in (SOURCES, TUNERS, KEYPADS, PANELS):
        where, names = chosen[port.name]
        assert set(port.drivers) <= set(names), f"{where} does not allow every {port.noun}: declare it by choice()"


def _sections(settings: type, path: str) -> Iterator[tuple[str, str]]:
    """Yield path and name of every setting below a class of settings."""
    for name, attribute in settings_of(settings).items():
        below = f"{path}.{name}"
        yield below, name
        if is_settings(type(attribute.default)):
            yield from _sections(type(attribute.default), below)


@functools.cache
def _settings() -> dict[str, str]:
    modules = {name: find_module(name).Settings for name in BUILT_IN}
    return dict(
        each
        for top, settings in [*SECTIONS.items(), *((f"modules.{name}", cls) for name, cls in modules.items())]
        for each in _sections(settings, top)
    )


@functools.cache
def _attributes() -> frozenset[str]:
    """Return the names that stand behind a dot anywhere in the sources."""
    return frozenset(name for text in _texts().values() for name in re.findall(r"\.(\w+)", text))


def test_a_setting_is_read() -> None:
    # A section that a driver is chosen for is found by the driver's name, and one of a detection by its rule.
    by_name = {driver for port in DRIVERS.values() for driver in port.drivers} | {cls.rule for cls in all_detections()}
    unread = [path for path, name in _settings().items() if name not in by_name | _attributes()]
    assert not unread, f"nothing reads {', '.join(unread)}: use it where it is declared, or take it out"


@functools.cache
def _words_of_commands() -> frozenset[str]:
    """Return every text that a test of commands or of the whole process has in a call or in a list: command lines."""
    return frozenset(
        word.value
        for folder in ("cli", "process", "deploy")
        for path in (ROOT / "tests" / folder).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        for word in (node.args if isinstance(node, ast.Call) else node.elts if isinstance(node, ast.List) else ())
        if isinstance(word, ast.Constant) and isinstance(word.value, str)
    )


@pytest.mark.parametrize("name", SUMMARIES)
def test_a_command_is_run_by_a_test(name: str) -> None:
    assert name in _words_of_commands(), f"no test runs `whimbrel {name}`: write tests/cli/commands/test_{name}.py"


def test_the_readme_has_every_command() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    missing = [name for name in SUMMARIES if not re.search(rf"^\|.*`(?:whimbrel )?{name}\b", readme, re.MULTILINE)]
    assert not missing, f"README.md: add a line about {', '.join(missing)} to the table of commands"


def test_nothing_is_left_to_do() -> None:
    left = [
        f"{path_of(module)}:{number}"
        for module, text in _texts().items()
        if "TODO" in text
        for number, line in enumerate(text.splitlines(), 1)
        if "TODO" in line
    ]
    assert not left, f"write what these lines say is to be done: {', '.join(left)}"


_COUNTED = "detections rules drivers modules commands screens pages events settings verbs"
PROSE = [str(path.relative_to(ROOT)) for path in sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])]
_MANY = r"(?:\d{2,}|eleven|twelve|\w+teen|(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)(?:-\w+)?)"


@pytest.mark.parametrize("path", PROSE)
def test_prose_counts_no_parts(path: str) -> None:
    text = (ROOT / path).read_text(encoding="utf-8")
    found = re.findall(rf"\b{_MANY} (?:{'|'.join(_COUNTED.split())})\b", text, re.IGNORECASE)
    assert not found, f"{path} says {', '.join(found)}: that is wrong with the next one; say it without a number"
