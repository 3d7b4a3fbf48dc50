"""Follows each page of docs/contributing to the letter, as a newcomer would: `python -m tools.trial detection screen`.

In a scratch clone, the example of the page is written; then the files that have changed must be those of the page's
table, and its tests must pass. Then each file is left out in turn, and the test that the table names must fail.
"""

from __future__ import annotations

import argparse
import fnmatch
import os
import re
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
PAGES = ROOT / "docs" / "contributing"
KINDS = ("detection", "screen", "driver", "setting", "command", "module")

_NEW = re.compile(r"^`(?P<path>[^`]+)`:\n\n```\w*\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
_CHANGED = re.compile(r"^In `(?P<path>[^`]+)`:\n\n```diff\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
_ROW = re.compile(r"^\| `(?P<path>[^`]+)` \| (?P<what>.*?) \| (?P<fails>.*?) ?\|$", re.MULTILINE)
_PYTEST = re.compile(r"^\.venv/bin/python (-m pytest .*?)$", re.MULTILINE)


class Row(NamedTuple):
    """A line of the table of files."""

    path: str
    fails: tuple[str, ...]
    """What the output has where the file is left out; empty where nothing more is promised."""


class Page(NamedTuple):
    """What a page says to do."""

    new: Mapping[str, str]
    hunks: tuple[tuple[str, str], ...]
    rows: tuple[Row, ...]
    tests: tuple[str, ...]


def read(text: str) -> Page:
    """Take a page apart."""
    return Page(
        new={match["path"]: match["text"] for match in _NEW.finditer(text)},
        hunks=tuple((match["path"], match["text"]) for match in _CHANGED.finditer(text)),
        rows=tuple(Row(match["path"], tuple(re.findall("`([^`]+)`", match["fails"]))) for match in _ROW.finditer(text)),
        tests=tuple(shlex.split(" ".join(_PYTEST.findall(text)[:1]))),
    )


def patched(text: str, hunk: str) -> str:
    """Return a file's text with one hunk, which has no line numbers. Raises ValueError where it does not fit once."""
    lines = hunk.splitlines(keepends=True)
    before = "".join(line[1:] for line in lines if not line.startswith("+"))
    after = "".join(line[1:] for line in lines if not line.startswith("-"))
    if text.count(before) != 1:
        raise ValueError(f"this stands there {text.count(before)} times:\n{before}")
    return text.replace(before, after)


class Scratch:
    """A clone in which a page is tried."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "whimbrel"
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(self.root)], check=True)
        (self.root / ".venv").symlink_to(ROOT / ".venv")
        self._environment = os.environ | {"PYTHONPATH": str(self.root / "src")}

    def follow(self, page: Page) -> None:
        """Write what the page says. Raises ValueError where a hunk does not fit."""
        for path, text in page.new.items():
            (self.root / path).parent.mkdir(parents=True, exist_ok=True)
            (self.root / path).write_text(text, encoding="utf-8")
        for path, hunk in page.hunks:
            file = self.root / path
            file.write_text(patched(file.read_text(encoding="utf-8"), hunk), encoding="utf-8")
        self.python("-m", "ruff", "format", "--quiet", *page.new)
        self.python("-m", "tools.generated")
        if any(row.path.endswith(".png") for row in page.rows):
            self.python("-m", "tools.screenshots")

    def python(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run a program of the clone."""
        command = [str(self.root / ".venv" / "bin" / "python"), *arguments]
        return subprocess.run(
            command, cwd=self.root, env=self._environment, check=check, capture_output=True, text=True
        )

    def changed(self) -> set[str]:
        """Return the files that are not as they were committed."""
        told = subprocess.run(
            ["git", "-C", str(self.root), "status", "--porcelain", "--untracked-files=all"],
            check=True, capture_output=True, text=True,
        ).stdout  # fmt: skip
        return {line[3:] for line in told.splitlines()} - {".venv"}

    def left_out(self, path: str) -> bytes:
        """Put a file back to what it was, or take it away; return what it held."""
        file = self.root / path
        now = file.read_bytes()
        git = ["git", "-C", str(self.root)]
        if subprocess.run([*git, "ls-files", path], check=True, capture_output=True).stdout:
            subprocess.run([*git, "checkout", "--quiet", "--", path], check=True)
        else:
            file.unlink()
        return now


def problems(name: str, folder: Path) -> Iterator[str]:
    """Try a page, and yield what is wrong with it."""
    page = read((PAGES / f"{name}.md").read_text(encoding="utf-8"))
    scratch = Scratch(folder)
    scratch.follow(page)
    changed = scratch.changed()
    rows = [
        Row(path, row.fails) for row in page.rows for path in sorted(fnmatch.filter(changed, row.path)) or [row.path]
    ]
    listed = {row.path for row in rows}
    yield from (f"{path} has changed, and the table does not have it" for path in sorted(changed - listed))
    yield from (f"{path} is in the table, and has not changed" for path in sorted(listed - changed))
    for linter in (("ruff", "check"), ("ruff", "format", "--check"), ("mypy",)):
        if (done := scratch.python("-m", *linter, check=False)).returncode:
            yield f"{' '.join(linter)} says:\n{done.stdout[-2000:]}"
    if (done := scratch.python(*page.tests, check=False)).returncode:
        yield f"its tests do not pass:\n{done.stdout[-3000:]}"
        return
    for row in rows:
        if row.fails:
            kept = scratch.left_out(row.path)
            # pytest does not begin where a file that it is to run is not there.
            there = [word for word in page.tests if word != row.path or row.path not in page.new]
            named = [words for words in row.fails if words.startswith("test_")]
            done = scratch.python(*there, *(["-k", " or ".join(named)] if named else []), check=False)
            if done.returncode == 0:
                yield f"{row.path} is left out, and no test fails"
            elif not any(words in done.stdout for words in row.fails):
                yield f"{row.path} is left out, and {row.fails} is not what fails:\n{done.stdout[-1500:]}"
            (scratch.root / row.path).write_bytes(kept)


def main(argv: list[str] | None = None) -> int:
    """Try pages, and say of each whether it holds what it promises."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pages", nargs="*", metavar="PAGE", help=f"of {', '.join(KINDS)}; all without any")
    failed = False
    for name in parser.parse_args(argv).pages or KINDS:
        with tempfile.TemporaryDirectory() as folder:
            found = list(problems(name, Path(folder)))
        failed |= bool(found)
        sys.stdout.write("".join(f"{name}: {each}\n" for each in found or ["holds what it promises"]))
        sys.stdout.flush()
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
