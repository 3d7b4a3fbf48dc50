"""Checks of the architecture: each failure has advice and names the file."""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from tools.structure import graph, sources
from tools.structure.drawing import PURE
from tools.structure.sources import path_of

ROOT = Path(__file__).resolve().parents[1]
HERE = "tests/test_architecture.py"

_BASE = "errors record text"
_TABLE = {
    # Pure: values in, values out.
    "errors": "",
    "files": "",
    "image": "",
    "late": "",
    "bundle": "",
    "bundling": "bundle",
    "record": "",
    "text": "",
    "screen_offers": "",
    "geo": "record",
    "hat": "",
    "wifi": _BASE,
    "capture": f"{_BASE} wifi",
    "rows": f"{_BASE} geo wifi",
    "events": f"{_BASE} geo rows wifi",
    "verbs": f"{_BASE} events geo rows wifi",
    "receivers": f"{_BASE} events rows",
    "gestures": f"{_BASE} events",
    "hearing": f"{_BASE} events wifi",
    "position": f"{_BASE} events geo rows survey wifi",
    "survey": f"{_BASE} events rows wifi",
    "wording": f"{_BASE} events geo rows wifi",
    "reporting": f"{_BASE} events rows verbs wifi wording",
    "settings": f"{_BASE} late wifi wording",
    "tuning": f"{_BASE} settings wifi",
    "screens": f"{_BASE} events rows screen_offers wifi wording",
    "exporting": f"{_BASE} geo rows wifi",
    "detections": f"{_BASE} events geo hearing late settings survey wifi wording",
    # The loop, and the base class of modules.
    "command": _BASE,
    "lean": "late",
    "notify": _BASE,
    "stall": _BASE,
    "precedence": _BASE,
    "tasks": f"{_BASE} precedence",
    "whimbrel": "bundle",
    "bus": f"{_BASE} events rows",
    "losses": f"{_BASE} bus events stall",
    "system": f"{_BASE} bus events reach_files",
    "capture_numbers": f"{_BASE} rows survey wifi",
    "answering": f"{_BASE} events verbs",
    "module": f"{_BASE} answering bus events late screen_offers stall verbs",
    "testing": f"{_BASE} bus events module",
    "control": f"{_BASE} bus events module verbs wording",
    "client": f"{_BASE} control events verbs",
    "secret": f"{_BASE} files module",
    "tls": "errors module secret",
    "outbox": f"{_BASE} bus events module",
    "config": f"{_BASE} bus files late module settings wording",
    "journal": f"{_BASE} detections events module wifi wording",
    "drivers": f"{_BASE} capture events image late module settings wifi wording",
    # The parts of the modules.
    "radio": f"{_BASE} bus command drivers events module settings tuning verbs wifi",
    "recording": f"{_BASE} capture events geo settings whimbrel wifi wording",
    "watching": f"{_BASE} bus config detections events files geo late module position rows settings survey verbs wifi "
    "wording",
    "reach_files": "files watching",
    "jobs": f"{_BASE} files module",
    "resting": "",
    "root_job": f"{_BASE} events late module screen_offers verbs",
    "copying": f"{_BASE} bus events files jobs module recording resting root_job screen_offers verbs watching",
    "updating": "errors",
    "timekeeping": f"{_BASE} events jobs module resting root_job screen_offers verbs",
    "securing": f"{_BASE} bus events jobs module resting root_job screen_offers updating verbs",
    "broker": f"{_BASE} events module outbox receivers settings tls",
    "metering": f"{_BASE} events receivers rows wifi",
    "siem": f"{_BASE} detections events settings tls wording",
    "web": f"{_BASE} bus command control events files module secret settings system tls verbs watching "
    "whimbrel wording",
    "telling": f"{_BASE} command events settings wording",
    "history": f"{_BASE} detections events geo module rows settings verbs watching wifi",
    "display": f"{_BASE} drivers events module receivers rows screen_offers screens settings wifi wording",
    "modules": f"{_BASE} broker bus capture command control copying detections display drivers events faults geo "
    "gestures hearing history journal late metering module outbox position precedence radio reach_files receivers "
    "recording screen_offers secret securing settings siem survey system tasks telling timekeeping tls tuning verbs "
    "watching web whimbrel wifi wording",
    "splash": f"{_BASE} config display drivers module screens settings whimbrel",
    "provisioning": f"{_BASE} config files module modules secret settings watching",
    # The process.
    "faults": f"{_BASE} bus events",
    "guardian": f"{_BASE} events module verbs",
    "supervisor": f"{_BASE} answering bus config events faults guardian module screen_offers stall verbs",
    "last_good": f"{_BASE} config files settings watching",
    "process": f"{_BASE} answering bus config events faults guardian last_good lean losses module notify settings "
    "supervisor",
    "running": f"{_BASE} faults process",
    "daemon": f"{_BASE} bus config events module notify process receivers rows running settings timekeeping verbs "
    "whimbrel wording",
    "reach": f"{_BASE} answering bus client config control events files module modules notify process "
    "reach_files receivers running settings tasks verbs watching whimbrel",
    "cli": f"{_BASE} bus capture capture_numbers client config control daemon detections drivers events exporting geo "
    "image history journal last_good late lean module modules process provisioning reach receivers reporting rows "
    "settings survey system verbs watching web whimbrel wifi wording",
    "__main__": "cli",
}
ALLOWED = {package: frozenset(imports.split()) for package, imports in _TABLE.items()}
"""The allowed imports of each package: packages further up in this table, which are lower layers."""

_HARMLESS = """
    __future__ ast binascii bisect collections contextlib csv datetime difflib enum functools gzip hashlib
    importlib inspect itertools json math operator re struct types typing unicodedata PIL xml yaml zlib
"""
OUTSIDE = frozenset(_HARMLESS.split())
"""The allowed imports of the pure packages from elsewhere: no clock, file, socket, thread or loop."""
_EFFECTS = """
    open print input exec eval breakpoint read_text read_bytes write_text write_bytes exists is_file is_dir stat iterdir
    mkdir unlink time time_ns monotonic monotonic_ns perf_counter sleep today utcnow getenv urandom call_later
    create_task run_until_complete now
"""
EFFECTS = frozenset(_EFFECTS.split())
"""Functions and methods that read a clock or have an effect, by their names."""
EXCEPTIONS = {
    "whimbrel.wifi.frames": {"scapy"},  # dissects a frame at a user's request; imported only then
    "whimbrel.wifi.vendors": {"mmap", "pathlib", "open"},  # the project's own table, mapped
    "whimbrel.screens.faces": {"mmap", "pathlib", "open"},  # the project's own fonts, mapped
    "whimbrel.screens.home": {"open"},  # a tile opens its screen
    "whimbrel.settings.classes": {"eval"},  # the annotation of a settings class, which names a type
    "whimbrel.settings.scalars": {"pathlib"},  # a path is a type of settings, and is not opened
    "whimbrel.tuning.hopper": {"now"},  # which channel is next
    "whimbrel.wording.quantities": {"time"},  # the calendar of a given moment
    "whimbrel.reporting.page": {"jinja2"},  # reads the project's own templates
    "whimbrel.detections.document": {"sys"},  # a program: prints a page
    "whimbrel.events.document": {"sys"},  # a program: prints a page
}
"""Further allowed imports and calls of single files in the pure packages."""


@functools.cache
def _texts() -> dict[str, str]:
    return sources.in_folder(ROOT / "src")


@functools.cache
def _files() -> dict[str, frozenset[str]]:
    return graph.files(_texts())


@pytest.mark.parametrize("package", sorted({graph.package_of(name) for name in _texts()}))
def test_a_package_imports_what_lies_below_it(package: str) -> None:
    assert package in ALLOWED, f"say in the table of {HERE} what the package {package} may import"
    wrong = [
        f"{path_of(name)} imports {wanted}"
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


def test_the_architecture_names_every_package() -> None:
    table = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8").split("## Packages")[1].split("###")[0]
    cells = " ".join(line.split("|")[1] for line in table.splitlines() if line.startswith("| `"))
    named = {name.removesuffix("/").removesuffix(".py") for name in re.findall("`([^`]+)`", cells)}
    there = {graph.package_of(name) for name in _texts()} - {"__main__", graph.PROJECT}
    assert named == there, (
        f"docs/architecture.md, Packages: add {', '.join(there - named) or 'none'}, take out "
        f"{', '.join(named - there) or 'none'}"
    )


def test_what_is_allowed_makes_no_circle() -> None:
    gone = set(ALLOWED) - {graph.package_of(name) for name in _texts()}
    assert not gone, f"take {', '.join(gone)} out of the table of {HERE}: there is no such package"
    circle = graph.circle(ALLOWED)
    assert not circle, f"the table of {HERE} lets a package look up: {' → '.join(circle)}"


def test_no_file_imports_itself_over_others() -> None:
    circle = graph.circle(_files())
    assert not circle, (
        f"{' → '.join(map(path_of, circle))}: make one file of what is one thing, or move what both need to a third"
    )


def test_a_name_of_a_class_means_one_thing() -> None:
    places: dict[str, list[str]] = {}
    for module, text in _texts().items():
        for node in ast.parse(text).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                places.setdefault(node.name, []).append(path_of(module))
    twice = [f"{name} in {' and '.join(paths)}" for name, paths in places.items() if len(paths) > 1]
    assert not twice, f"{'; '.join(twice)}: give each class the name of the one thing that it is, or make one of both"


@pytest.mark.parametrize("package", sorted(PURE))
def test_a_pure_package_imports_only_pure_ones(package: str) -> None:
    impure = ALLOWED[package] - PURE
    assert not impure, f"{package} is pure (tools/structure/drawing.py): take {impure} out of the table of {HERE}"


@pytest.mark.parametrize("module", sorted(name for name in _texts() if graph.package_of(name) in PURE))
def test_a_pure_file_has_no_clock_no_file_and_no_loop(module: str) -> None:
    allowed = EXCEPTIONS.get(module, set())
    found = [(f"{path_of(module)}:{line}: {what}", name) for line, what, name in _effects(_texts()[module])]
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
    """Return the name of a called function or method; empty if it has none."""
    if isinstance(node.func, ast.Attribute):
        return node.func.attr
    return node.func.id if isinstance(node.func, ast.Name) else ""
