"""The files in `requirements` pin everything that pyproject.toml asks for, by hash; `make lock` writes them."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from tools import lock

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
FILES = (*lock.EXTRAS, "armel")


def pinned(name: str) -> dict[str, list[str]]:
    """Return the packages of a file, each with the versions that it has for some Python or machine."""
    found: dict[str, list[str]] = {}
    for line in (ROOT / lock.FOLDER / f"{name}.txt").read_text(encoding="utf-8").splitlines():
        if match := re.match(r"([a-z0-9-]+)==([^ ;]+)", line):
            found.setdefault(match[1], []).append(match[2])
    return found


@pytest.mark.parametrize("name", lock.EXTRAS)
def test_what_is_asked_for_is_pinned_at_a_version_that_fits(name: str) -> None:
    asked = [
        *PROJECT["dependencies"],
        *(line for extra in lock.EXTRAS[name] for line in PROJECT["optional-dependencies"][extra]),
    ]
    versions = pinned(name)
    for requirement in map(Requirement, asked):
        found = versions.get(canonicalize_name(requirement.name), [])
        assert any(requirement.specifier.contains(version) for version in found), f"make lock: {requirement}, {found}"


@pytest.mark.parametrize("name", FILES)
def test_each_pin_has_hashes_and_a_file_names_no_place(name: str) -> None:
    text = (ROOT / lock.FOLDER / f"{name}.txt").read_text(encoding="utf-8")
    for entry in re.split(r"\n(?=[a-z])", text)[1:]:
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", entry), entry
    assert "://" not in text
    assert "-url" not in text


def test_what_is_installed_together_agrees() -> None:
    development = pinned("dev")
    for name in ("fuzz", "mutate", "audit"):
        both = development.keys() & pinned(name).keys()
        assert both
        assert {package: pinned(name)[package] for package in both} == {
            package: development[package] for package in both
        }
    arm = pinned("armel")
    assert {package for package in arm if arm[package] != development[package]} == {"hypothesis"}


def test_every_file_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    outputs = {word for command in lock.commands() for word in command if word.startswith("--output-file=")}
    assert outputs == {f"--output-file={path.relative_to(ROOT)}" for path in (ROOT / lock.FOLDER).glob("*.txt")}
