"""The page's own files: nothing that makes markup of a text, nothing from outside, small, and each import is there."""

from __future__ import annotations

import gzip
import hashlib
import re
import shutil
import subprocess
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest

from whimbrel.web import assets

STATIC = Path(str(files("whimbrel.web").joinpath("static")))
UPLOT = {
    "uplot.min.js": "19c8d4c6ad88929a79f4ae49d6f7161566dfd0ba3d15cc495e974f787eb78f1f",
    "uplot.min.css": "df630c6a8d6f8eeaff264b50f73ce5b114f646ffd9a0bb74f049b0a00135fa04",
    "uplot.LICENSE.txt": "8f989229699b4fe2f1a0432d0e9edc338a8a911e250e2d1b01ecd770a5f5b1bd",
}
FIRST_LOAD = 150_000
"""Octets of the first view: the page, its styles and scripts, as they are transferred."""

MARKUP = re.compile(
    r"\b(innerHTML|outerHTML|insertAdjacentHTML|setHTML\w*|parseHTML\w*|DOMParser|createContextualFragment|srcdoc|eval|Function)\b"
    r"|document\.write|javascript:|set(?:Timeout|Interval)\(\s*[\"'`]"
)
OUTSIDE = re.compile(r"(?:https?:|wss?:)?//[a-z0-9-]+\.[a-z]", re.IGNORECASE)
IMPORT = re.compile(r"""(?:^(?:import|export)\s(?:[^"';]*?\sfrom\s)?|\bimport\()"(\./[^"]+)\"""", re.MULTILINE)
STATIC_IMPORT = re.compile(r"""^(?:import|export)\s(?:[^"';]*?\sfrom\s)?"(\./[^"]+)\"""", re.MULTILINE)


def own(*endings: str) -> list[Path]:
    return sorted(path for path in STATIC.iterdir() if path.suffix in endings and not path.name.startswith("uplot."))


@pytest.mark.parametrize("path", own(".js"), ids=lambda path: path.name)
def test_no_script_makes_markup_of_text(path: Path) -> None:
    assert [line.strip() for line in path.read_text().splitlines() if MARKUP.search(line)] == []


@pytest.mark.parametrize(
    "bad",
    ["a.innerHTML = b", "node.insertAdjacentHTML('x', y)", "document.write(x)", "setTimeout('x()', 1)", "eval(x)"],
)
def test_the_check_for_markup_finds_some(bad: str) -> None:
    assert MARKUP.search(bad)


@pytest.mark.parametrize("path", own(".js", ".css", ".html", ".svg"), ids=lambda path: path.name)
def test_no_file_refers_to_another_host_and_none_is_long(path: Path) -> None:
    text = path.read_text().replace('"http://www.w3.org/2000/svg"', "")
    assert OUTSIDE.findall(text) == []
    assert len(text.splitlines()) < 400
    assert "@import" not in text


def test_the_page_has_neither_script_nor_style_in_line() -> None:
    for path in own(".html", ".svg"):
        text = path.read_text()
        assert not re.search(r"<script(?![^>]*\ssrc=)|<style|\sstyle=|\son\w+=", text), path.name
    for path in own(".js"):
        assert not re.search(r"""\bstyle:\s*["'`]|setAttribute\(\s*["']style""", path.read_text()), path.name


def test_each_import_and_each_file_named_by_the_page_is_there() -> None:
    names = {path.name for path in STATIC.iterdir()}
    for path in own(".js"):
        for name in IMPORT.findall(path.read_text()):
            assert name.removeprefix("./") in names, f"{path.name} imports {name}"
    for path in own(".js", ".html", ".css"):
        for name in re.findall(r"/assets/([\w.-]+)", path.read_text()):
            assert name in names, f"{path.name} names {name}"


def test_each_file_is_used() -> None:
    text = "".join(path.read_text() for path in own(".js", ".html"))
    unused = {path.name for path in own(".js", ".css", ".svg") if f'/{path.name}"' not in text}
    assert unused == set()


@pytest.mark.parametrize("path", own(".js"), ids=lambda path: path.name)
def test_node_takes_each_script(path: Path) -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("there is no node")
    command = [node, "--input-type=module", "--check"]
    done = subprocess.run(command, input=path.read_bytes(), capture_output=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr.decode()


@pytest.mark.parametrize("path", own(".js"), ids=lambda path: path.name)
def test_no_script_imports_what_it_does_not_use(path: Path) -> None:
    text = path.read_text()
    body = re.sub(r"^import\s[^;]*;", "", text, flags=re.MULTILINE)
    for names in re.findall(r"^import\s\{([^}]*)\}", text, flags=re.MULTILINE):
        for name in filter(None, map(str.strip, names.split(","))):
            assert re.search(rf"\b{re.escape(name.split(' as ')[-1])}\b", body), f"{name} is not used"


def loaded_first(name: str, seen: set[str]) -> Iterator[str]:
    if name in seen:
        return
    seen.add(name)
    yield name
    for other in STATIC_IMPORT.findall((STATIC / name).read_text()):
        yield from loaded_first(other.removeprefix("./"), seen)


def test_the_first_load_is_small() -> None:
    index = (STATIC / assets.INDEX).read_text()
    seen: set[str] = set()
    scripts = [*loaded_first("main.js", seen), *loaded_first("view_here.js", seen)]
    others = [name for name in re.findall(r"/assets/([\w.-]+)", index) if name != "main.js"]
    loaded = assets.load()
    octets = sum(len(loaded[name].content) for name in [assets.INDEX, *scripts, *others])
    assert "uplot.min.js" not in scripts
    assert octets < FIRST_LOAD / 3
    assert sum(len(loaded[name].plain()) for name in [assets.INDEX, *scripts, *others]) < FIRST_LOAD


def test_the_plotting_library_is_the_one_that_its_note_names() -> None:
    for name, digest in UPLOT.items():
        assert hashlib.sha256((STATIC / name).read_bytes()).hexdigest() == digest, name
    assert "uPlot 1.6.32" in (STATIC / "uplot.README.txt").read_text()
    assert b"v1.6.32" in (STATIC / "uplot.min.js").read_bytes()[:200]
    assert "MIT License" in (STATIC / "uplot.LICENSE.txt").read_text()
    assert len(gzip.compress((STATIC / "uplot.min.js").read_bytes(), 9)) < 30_000
