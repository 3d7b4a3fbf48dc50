"""GPIO lines on a machine without any, or without permission."""

from __future__ import annotations

import os
import subprocess
import sys
import types
from pathlib import Path
from typing import Any

import pytest

from whimbrel.drivers import lines
from whimbrel.module import NotReady

gpiozero = pytest.importorskip("gpiozero")


@pytest.fixture(autouse=True)
def nothing_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GPIOZERO_PIN_FACTORY", raising=False)
    monkeypatch.setattr(gpiozero.Device, "pin_factory", None)


@pytest.fixture
def device(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Have /dev in a folder, with one gpiochip."""
    chip = tmp_path / "gpiochip0"
    chip.touch()
    monkeypatch.setattr(lines, "Path", lambda path: tmp_path / Path(path).name)
    return chip


def test_no_gpio_at_all(device: Path) -> None:
    device.unlink()
    assert "this is no Raspberry Pi" in str(lines.problem())
    with pytest.raises(NotReady, match=r"no .*gpiochip0.*driver: keyboard"):
        lines.acquire()


def test_another_chip(device: Path) -> None:
    assert lines.problem() is None
    assert "gpiochip3" in str(lines.problem(3))


def test_no_permission(device: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)
    group = device.group()
    assert str(lines.problem()).startswith("no permission on ")
    assert str(lines.problem()).endswith(f"join the group {group}")


def test_gpiozero_is_missing(device: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert "apt install python3-gpiozero" in str(lines.problem())


def test_a_factory_of_somebody_else_is_used_and_left_open(monkeypatch: pytest.MonkeyPatch) -> None:
    closed = []
    factory = types.SimpleNamespace(close=lambda: closed.append(True))
    monkeypatch.setattr(gpiozero.Device, "pin_factory", factory)
    assert lines.problem() is None
    assert lines.acquire() is factory
    lines.release()
    assert not closed
    assert gpiozero.Device.pin_factory is factory


def test_lgpio_has_the_names_that_an_older_gpiozero_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    lgpio = types.SimpleNamespace(SET_PULL_UP=32, SET_PULL_DOWN=64, SET_PULL_NONE=128, SET_BIAS_DISABLE=7)
    monkeypatch.setitem(sys.modules, "lgpio", lgpio)
    lines._name_as_before()
    assert (lgpio.SET_BIAS_PULL_UP, lgpio.SET_BIAS_PULL_DOWN, lgpio.SET_BIAS_DISABLE) == (32, 64, 7)


def test_the_factory_named_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GPIOZERO_PIN_FACTORY", "mock")
    factory: Any = lines.acquire()
    assert type(factory).__name__ == "MockFactory"
    assert lines.acquire() is factory
    lines.release()
    assert gpiozero.Device.pin_factory is factory
    lines.release()
    assert gpiozero.Device.pin_factory is None


LGPIO = """
import os, sys, threading
os.chdir("/")
from whimbrel.drivers import lines
from whimbrel.module import NotReady
lines.problem = lambda chip=None: None
try:
    lines.acquire(11)
except NotReady as error:
    print(error)
print(os.getcwd())
print(os.path.exists(os.environ["LG_WD"] + "/.lgd-nfy0"))
import lgpio
print(lines.watched())
lgpio._notify_thread.is_alive = lambda: False
print(lines.watched())
with lines._inside(lines._work_folder()):
    pass
lines._mend_thread()
print(lines.watched(), os.getcwd())
os._exit(0)
"""


def run(environment: dict[str, str]) -> list[str]:
    plain = {key: value for key, value in os.environ.items() if key not in ("LG_WD", "RUNTIME_DIRECTORY")}
    done = subprocess.run(
        [sys.executable, "-u", "-c", LGPIO], env=plain | environment, capture_output=True, text=True, check=False
    )
    return done.stdout.splitlines() or [done.stderr]


def test_lgpio_works_in_the_runtime_directory_and_leaves_the_process_where_it_is(tmp_path: Path) -> None:
    pytest.importorskip("lgpio")
    said = run({"RUNTIME_DIRECTORY": f"{tmp_path}:/nowhere"})
    assert "gpiochip11 cannot be used" in said[0] or "finds no Raspberry Pi" in said[0]
    assert said[1:] == ["/", "True", "True", "False", "True /"]
    assert (tmp_path / ".lgd-nfy0").is_fifo()


def test_lgpio_without_a_runtime_directory() -> None:
    pytest.importorskip("lgpio")
    assert run({})[1:] == ["/", "True", "True", "False", "True /"]


def test_lgpio_has_nowhere_to_write() -> None:
    pytest.importorskip("lgpio")
    said = run({"LG_WD": "/proc/nowhere"})
    assert said[0].startswith("lgpio cannot write to /proc/nowhere")
