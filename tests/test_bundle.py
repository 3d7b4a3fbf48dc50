from __future__ import annotations

import functools
import importlib.util
import inspect
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

import whimbrel
from whimbrel import bundle
from whimbrel.bundle import Bundle
from whimbrel.bundling import write

SOURCE = "WORD = 'bundled'\n\n\ndef fail() -> None:\n    raise ValueError(WORD)\n"


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """Return the folder of a package with a module and a package in it."""
    folder = tmp_path / "package"
    (folder / "inner").mkdir(parents=True)
    (folder / "__init__.py").write_text("")
    (folder / "module.py").write_text(SOURCE)
    (folder / "inner" / "__init__.py").write_text("PLACE = __path__\n")
    (folder / "inner" / "leaf.py").write_text("WORD = 'leaf'\n")
    return folder


@pytest.fixture
def found(package: Path) -> Bundle:
    """Return its bundle."""
    path = package / "__pycache__" / "whimbrel.bundle"
    assert write(path, package) == 4
    return Bundle(str(path), str(package))


def load(found: Bundle, name: str) -> ModuleType:
    spec = found.find_spec(name)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    assert spec.loader is not None
    spec.loader.exec_module(module)
    return module


def test_modules_are_those_of_the_sources(found: Bundle, package: Path) -> None:
    module = load(found, "whimbrel.module")
    assert module.WORD == "bundled"
    assert module.__file__ == str(package / "module.py")
    assert inspect.getsource(module) == SOURCE
    with pytest.raises(ValueError, match="bundled") as raised:
        module.fail()
    assert raised.traceback[-1].path == package / "module.py"


def test_a_package_finds_what_is_in_it(found: Bundle, package: Path) -> None:
    assert [str(package / "inner")] == load(found, "whimbrel.inner").PLACE
    assert load(found, "whimbrel.inner.leaf").WORD == "leaf"


def test_a_changed_source_is_not_loaded_from_the_bundle(found: Bundle, package: Path) -> None:
    module = package / "module.py"
    told = module.stat()
    os.utime(module, ns=(told.st_atime_ns, told.st_mtime_ns + 1))
    assert found.find_spec("whimbrel.module") is None
    (package / "inner" / "leaf.py").write_text("WORD = 'another leaf'\n")
    assert found.find_spec("whimbrel.inner.leaf") is None
    (package / "inner" / "__init__.py").unlink()
    assert found.find_spec("whimbrel.inner") is None


@pytest.mark.parametrize("name", ["whimbrel.none", "json", "whimbrel", ""])
def test_others_are_left_to_python(found: Bundle, name: str) -> None:
    assert (found.find_spec(name) is not None) == (name == "whimbrel")


@pytest.mark.parametrize("kept", [0, 3, len(bundle.HEAD), len(bundle.HEAD) + 4, len(bundle.HEAD) + 40])
def test_a_truncated_bundle_is_not_used(
    found: Bundle, package: Path, monkeypatch: pytest.MonkeyPatch, kept: int
) -> None:
    path = package / "__pycache__" / "whimbrel.bundle"
    path.write_bytes(path.read_bytes()[:kept])
    finders = list(sys.meta_path)
    monkeypatch.setattr(sys, "meta_path", finders)
    monkeypatch.setattr(bundle.Bundle, "__init__", functools.partialmethod(Bundle.__init__, str(path), str(package)))
    bundle.use()
    assert not any(isinstance(finder, Bundle) for finder in finders)


def test_a_bundle_of_another_python_is_not_used(found: Bundle, package: Path) -> None:
    path = package / "__pycache__" / "whimbrel.bundle"
    octets = bytearray(path.read_bytes())
    octets[len(bundle.HEAD) - 1] ^= 1
    path.write_bytes(octets)
    with pytest.raises(ValueError, match="no bundle of this Python"):
        Bundle(str(path), str(package))


def test_a_damaged_module_is_loaded_from_its_source(found: Bundle, package: Path) -> None:
    path = package / "__pycache__" / "whimbrel.bundle"
    octets = path.read_bytes()
    path.write_bytes(octets[: len(bundle.HEAD) + 400] + bytes(len(octets) - len(bundle.HEAD) - 400))
    assert load(Bundle(str(path), str(package)), "whimbrel.module").WORD == "bundled"


def test_the_whole_package_runs_from_its_bundle(tmp_path: Path) -> None:
    folder = tmp_path / "whimbrel"
    folder.mkdir()
    for name in ("__init__.py", "bundle.py", "bundling.py", "late.py"):
        (folder / name).write_bytes((Path(whimbrel.__file__).parent / name).read_bytes())
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}

    def run(*arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "-B", *arguments], env=environment, capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    shown = "import whimbrel.late as late; print(type(late.__spec__.loader).__name__, late.__file__)"
    source = folder / "late.py"
    assert run("-c", shown) == f"SourceFileLoader {source}"
    run("-m", "whimbrel.bundling")
    assert run("-c", shown) == f"_Loader {source}"
    source.write_text(source.read_text() + "\n")
    assert run("-c", shown) == f"SourceFileLoader {source}"
    run("-m", "whimbrel.bundling", "--remove")
    assert not list((folder / "__pycache__").glob("*.bundle"))
