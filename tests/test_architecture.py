"""What the architecture promises, held against the code: each failure says what to do, and in which file."""

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

import attrs
import pytest
from tools.screenshots.gallery import SHOTS, render
from tools.structure import graph, sources
from tools.structure.drawing import PURE

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

ROOT = Path(__file__).resolve().parents[1]
HERE = "tests/test_architecture.py"

_BASE = "errors record text"
_TABLE = {
    # Pure: values in, values out.
    "errors": "",
    "record": "",
    "text": "",
    "screen_offers": "",
    "wifi": _BASE,
    "capture": f"{_BASE} wifi",
    "rows": f"{_BASE} wifi",
    "events": f"{_BASE} rows wifi",
    "verbs": f"{_BASE} events rows wifi",
    "gestures": f"{_BASE} events",
    "hearing": f"{_BASE} events wifi",
    "survey": f"{_BASE} events rows wifi",
    "wording": f"{_BASE} events wifi",
    "settings": f"{_BASE} wifi wording",
    "tuning": f"{_BASE} settings wifi",
    "screens": f"{_BASE} events rows screen_offers wifi wording",
    "detections": f"{_BASE} events hearing settings survey wifi wording",
    # The loop, and what a module is.
    "command": _BASE,
    "notify": _BASE,
    "stall": _BASE,
    "tasks": _BASE,
    "whimbrel": "",
    "bus": f"{_BASE} events",
    "losses": f"{_BASE} bus events stall",
    "system": f"{_BASE} bus",
    "report": f"{_BASE} rows survey wifi",
    "module": f"{_BASE} bus events screen_offers stall verbs",
    "testing": f"{_BASE} bus events module",
    "control": f"{_BASE} module",
    "client": f"{_BASE} control events verbs",
    "config": f"{_BASE} bus module settings wording",
    "journal": f"{_BASE} detections events module wifi wording",
    "drivers": f"{_BASE} capture events module settings wifi wording",
    # What the modules are made of.
    "radio": f"{_BASE} bus command drivers events module tuning verbs wifi",
    "watching": f"{_BASE} bus config detections events module settings verbs wifi wording",
    "display": f"{_BASE} drivers events module rows screen_offers screens settings wording",
    "modules": f"{_BASE} bus command control detections display drivers events gestures hearing journal module radio "
    "screens settings survey system tasks tuning verbs watching whimbrel wifi wording",
    # The process.
    "supervisor": f"{_BASE} bus config events module screen_offers stall verbs",
    "daemon": f"{_BASE} bus config events losses module notify settings supervisor verbs whimbrel",
    "cli": f"{_BASE} bus capture client config control daemon detections drivers events journal module modules report "
    "rows settings survey verbs watching whimbrel wifi wording",
    "__main__": "cli",
}
ALLOWED = {package: frozenset(imports.split()) for package, imports in _TABLE.items()}
"""What each package may import of the project: packages further up, which lie below it."""

_HARMLESS = """
    __future__ ast attrs binascii bisect collections contextlib difflib enum functools gzip hashlib importlib inspect
    itertools json math operator re struct types typing unicodedata PIL yaml zlib
"""
OUTSIDE = frozenset(_HARMLESS.split())
"""What the pure packages may import from elsewhere: none of it is a clock, a file, a socket, a thread or a loop."""
_EFFECTS = """
    open print input exec eval breakpoint read_text read_bytes write_text write_bytes exists is_file is_dir stat iterdir
    mkdir unlink time time_ns monotonic monotonic_ns perf_counter sleep today utcnow getenv urandom call_later
    create_task run_until_complete
"""
EFFECTS = frozenset(_EFFECTS.split())
"""Functions and methods that read a clock or have an effect, by their names."""
EXCEPTIONS = {
    "whimbrel.wifi.vendors": {"mmap", "pathlib", "open"},  # the project's own table, mapped
    "whimbrel.screens.faces": {"mmap", "pathlib", "open"},  # the project's own fonts, mapped
    "whimbrel.screens.home": {"open"},  # a tile opens its screen
    "whimbrel.settings.scalars": {"pathlib"},  # a path is a type of settings, and is not opened
    "whimbrel.wording.quantities": {"time"},  # the calendar of a given moment
    "whimbrel.detections.document": {"sys"},  # a program: prints a page
    "whimbrel.events.document": {"sys"},  # a program: prints a page
}
"""What single files of the pure packages may import or call beyond that."""

DRIVERS: dict[tuple[type, str], Port[Any]] = {
    (FrameSource, "SOURCES"): SOURCES,
    (Tuner, "TUNERS"): TUNERS,
    (Keypad, "KEYPADS"): KEYPADS,
    (Panel, "PANELS"): PANELS,
}
"""What a driver of each port must be able to do, by the name of the registry's table."""
MADE_BY_OTHERS = {"whimbrel.drivers.nl80211.tuner:Nl80211Tuner"}  # by whimbrel.drivers.linux.tuning:make_tuner
"""Drivers that the registry names by the function that makes them."""


@functools.cache
def _texts() -> dict[str, str]:
    return sources.in_folder(ROOT / "src")


@functools.cache
def _files() -> dict[str, frozenset[str]]:
    return graph.files(_texts())


def _classes(module: str) -> Iterator[type]:
    """Yield the classes that are written in a module."""
    for value in vars(importlib.import_module(module)).values():
        if isinstance(value, type) and value.__module__ == module:
            yield value


def _path(module: str) -> str:
    path = Path("src", *module.split("."))
    return str(path / "__init__.py" if (ROOT / path).is_dir() else path.with_suffix(".py"))


@pytest.mark.parametrize("package", sorted({graph.package_of(name) for name in _texts()}))
def test_a_package_imports_what_lies_below_it(package: str) -> None:
    assert package in ALLOWED, f"say in the table of {HERE} what the package {package} may import"
    wrong = [
        f"{_path(name)} imports {wanted}"
        for name, imports in _files().items()
        if graph.package_of(name) == package
        for wanted in sorted(imports)
        if graph.package_of(wanted) not in ALLOWED[package] | {package}
    ]
    assert not wrong, (
        f"{'; '.join(wrong)}: {package} may import {', '.join(sorted(ALLOWED[package])) or 'nothing'}. Move what is "
        "wanted to a package below both, or hand it in as an argument; only where it does lie below, add it to the "
        f"table of {HERE}"
    )


def test_what_is_allowed_makes_no_circle() -> None:
    gone = set(ALLOWED) - {graph.package_of(name) for name in _texts()}
    assert not gone, f"take {', '.join(gone)} out of the table of {HERE}: there is no such package"
    circle = graph.circle(ALLOWED)
    assert not circle, f"the table of {HERE} lets a package look up: {' → '.join(circle)}"


def test_no_file_imports_itself_over_others() -> None:
    circle = graph.circle(_files())
    assert not circle, (
        f"{' → '.join(map(_path, circle))}: make one file of what is one thing, or move what both need to a third"
    )


@pytest.mark.parametrize("package", sorted(PURE))
def test_a_pure_package_imports_only_pure_ones(package: str) -> None:
    impure = ALLOWED[package] - PURE
    assert not impure, f"{package} is pure (tools/structure/drawing.py): take {impure} out of the table of {HERE}"


@pytest.mark.parametrize("module", sorted(name for name in _texts() if graph.package_of(name) in PURE))
def test_a_pure_file_has_no_clock_no_file_and_no_loop(module: str) -> None:
    allowed = EXCEPTIONS.get(module, set())
    found = [(f"{_path(module)}:{line}: {what}", name) for line, what, name in _effects(_texts()[module])]
    wrong = [words for words, name in found if name not in allowed]
    assert not wrong, (
        f"{'; '.join(wrong)}: a pure package is given the time and the bytes by its caller; do this in a package that "
        f"is not pure (drivers, modules). An import without an effect goes into OUTSIDE of {HERE}, a method that is "
        "only called like one that has one into EXCEPTIONS there"
    )


def _effects(text: str) -> Iterator[tuple[int, str, str]]:
    """Yield line, words and name of each import and call that a pure file must not have."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call) and (name := _called(node)) in EFFECTS:
            yield node.lineno, f"calls {name}", name
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            modules = [node.module or ""] if isinstance(node, ast.ImportFrom) else [each.name for each in node.names]
            for module in modules:
                top = module.partition(".")[0]
                if top not in OUTSIDE | {graph.PROJECT}:
                    yield node.lineno, f"imports {module}", top


def _called(node: ast.Call) -> str:
    """Return the name of a function or method that is called; empty where it has none."""
    if isinstance(node.func, ast.Attribute):
        return node.func.attr
    return node.func.id if isinstance(node.func, ast.Name) else ""


@pytest.mark.parametrize("module", sorted(name for name in _texts() if name.startswith("whimbrel.detections.")))
def test_a_detection_is_registered(module: str) -> None:
    written = [cls for cls in _classes(module) if issubclass(cls, Detection) and "rule" in vars(cls)]
    forgotten = [cls.__name__ for cls in written if cls not in all_detections()]
    name = module.removeprefix("whimbrel.detections.")
    assert not forgotten, (
        f"{_path(module)}: put {', '.join(forgotten)} into DETECTIONS at its end, and {name!r} into FILES of "
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


def _pages() -> dict[str, str]:
    """Return the file of each page by its name: of all that makes a screen, and of each kind of screen and of view."""
    texts = {name: text for name, text in _texts().items() if graph.package_of(name) == "screens"}
    for name in texts:
        importlib.import_module(name)
    kinds = [cls for base in (Screen, View) for cls in _kinds(base) if cls.__module__ in texts]
    made = {Screen.__name__, *(cls.__name__ for cls in kinds)}
    return {f"{cls.__name__}.draw": _path(cls.__module__) for cls in kinds if not cls.__subclasses__()} | {
        node.name: _path(name)
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


@pytest.mark.parametrize("factory", sorted(page for page in _pages() if "." not in page))
def test_a_page_is_opened_from_somewhere(factory: str) -> None:
    users = [name for name, text in _texts().items() if re.search(rf"(?<!def )\b{factory}\b(?!`)", text)]
    assert users, f"{_pages()[factory]}: nothing opens {factory}; give it a line in src/whimbrel/screens/menu.py"


@pytest.mark.parametrize("module", sorted(name for name in _texts() if name.startswith("whimbrel.modules.")))
def test_a_module_is_registered(module: str) -> None:
    for cls in _classes(module):
        if issubclass(cls, Module):
            target = f"{module}:{cls.__name__}"
            assert target in BUILT_IN.values(), (
                f"{_path(module)}: add {target} to BUILT_IN of src/whimbrel/config/registry.py, and to the entry "
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
                    f"{_path(module)}: {cls.__name__} does all that a {kind.__name__} must do; add a Driver with the "
                    f"target {target} to {table} of src/whimbrel/drivers/registry.py"
                )


def test_the_settings_choose_from_every_port() -> None:
    chosen = {
        port.name: (f"{cls.__module__}.{cls.__qualname__}.{key}", attrs.fields_dict(cls)[key].metadata["choices"])
        for cls in (find_module(name).Settings for name in BUILT_IN)
        for key, port in getattr(cls, "ports", {}).items()
    }
    for port in (SOURCES, TUNERS, KEYPADS, PANELS):
        where, names = chosen[port.name]
        assert set(port.drivers) <= set(names), f"{where} does not allow every {port.noun}: declare it by choice()"


def _sections(settings: type, path: str) -> Iterator[tuple[str, str]]:
    """Yield path and name of every setting below a class of settings."""
    for attribute in getattr(settings, "__attrs_attrs__"):  # noqa: B009  # classes of options have it too, and are none of attrs
        below = f"{path}.{attribute.name}"
        yield below, attribute.name
        if hasattr(type(attribute.default), "__attrs_attrs__"):
            yield from _sections(type(attribute.default), below)
        elif (section := getattr(attribute.default, "factory", None)) and hasattr(section, "__attrs_attrs__"):
            yield from _sections(section, below)


def _settings() -> dict[str, str]:
    modules = {name: find_module(name).Settings for name in BUILT_IN}
    return dict(
        each
        for top, settings in [*SECTIONS.items(), *((f"modules.{name}", cls) for name, cls in modules.items())]
        for each in _sections(settings, top)
    )


@pytest.mark.parametrize("path", sorted(_settings()))
def test_a_setting_is_read(path: str) -> None:
    name = _settings()[path]
    # A section that a driver is chosen for is found by the driver's name, and one of a detection by its rule.
    if name in {driver for port in DRIVERS.values() for driver in port.drivers} | {
        cls.rule for cls in all_detections()
    }:
        return
    read = any(re.search(rf"\.{name}\b", text) for text in _texts().values())
    assert read, f"nothing reads {path}: use it where it is declared, or take it out"


def test_the_readme_has_every_command() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    missing = [name for name in SUMMARIES if not re.search(rf"^\|.*`(?:whimbrel )?{name}\b", readme, re.MULTILINE)]
    assert not missing, f"README.md: add a line about {', '.join(missing)} to the table of commands"


@pytest.mark.parametrize("module", sorted(_texts()))
def test_nothing_is_left_to_do(module: str) -> None:
    left = [number for number, line in enumerate(_texts()[module].splitlines(), 1) if "TODO" in line]
    assert not left, f"{_path(module)}: write what line {', '.join(map(str, left))} says is to be done"


_COUNTED = "detections rules drivers modules commands screens pages events settings verbs"
PROSE = ["README.md", "CHANGELOG.md", *(f"docs/{path.name}" for path in sorted((ROOT / "docs").glob("*.md")))]
_MANY = r"(?:\d{2,}|eleven|twelve|\w+teen|(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)(?:-\w+)?)"


@pytest.mark.parametrize("path", PROSE)
def test_prose_counts_no_parts(path: str) -> None:
    text = (ROOT / path).read_text(encoding="utf-8")
    found = re.findall(rf"\b{_MANY} (?:{'|'.join(_COUNTED.split())})\b", text, re.IGNORECASE)
    assert not found, f"{path} says {', '.join(found)}: that is wrong with the next one; say it without a number"
