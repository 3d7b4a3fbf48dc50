"""The board's GPIO lines with gpiozero: one pin factory for all users of lines in this process.

It is lgpio's if that is installed (Raspberry Pi OS), else our own (`pins`), because Debian has no lgpio.

gpiozero keeps the lines of all factories in one table, which a factory empties when it closes. So there is only one
factory, made for the first user and closed after the last. All functions may wait for the kernel, and the first
`acquire` imports gpiozero: call them from a thread.
"""

from __future__ import annotations

import atexit
import contextlib
import grp
import importlib.util
import os
import shutil
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from whimbrel.module import NotReady

_NO_GPIOZERO = "gpiozero is not installed: apt install python3-gpiozero"

_FLAGS = {"SET_BIAS_PULL_UP": "SET_PULL_UP", "SET_BIAS_PULL_DOWN": "SET_PULL_DOWN", "SET_BIAS_DISABLE": "SET_PULL_NONE"}


class _Shared:
    """The state shared by the users of the factory."""

    lock = threading.Lock()
    users = 0
    made = False
    """Whether the factory was made here, so that it is closed here too."""


def problem(chip: int | None = None) -> str | None:
    """Return why lines are unavailable on this machine, with advice; None if they are available. Imports nothing."""
    if _chosen_by_somebody():
        return None
    path = Path(f"/dev/gpiochip{chip or 0}")
    if not path.exists():
        return f"there is no {path}: this is no Raspberry Pi, or its GPIO is off; for keys, set driver: keyboard"
    if not os.access(path, os.R_OK | os.W_OK):
        return f"no permission on {path}: let the user that runs Whimbrel join the group {_group(path)}"
    if importlib.util.find_spec("gpiozero") is None:
        return _NO_GPIOZERO
    return None


def acquire(chip: int | None = None) -> Any:
    """Return the pin factory of this process; call `release` afterwards. Raises `NotReady`."""
    with _Shared.lock:
        if missing := problem(chip):
            raise NotReady(missing)
        try:
            from gpiozero import Device
        except ImportError as error:
            raise NotReady(_NO_GPIOZERO) from error
        if Device.pin_factory is None:
            Device.pin_factory = _make(chip)
            _Shared.made = True
        _mend_thread()
        _Shared.users += 1
        return Device.pin_factory


def release() -> None:
    """Release the pin factory; the last release closes it, which frees the lines. Never raises."""
    with _Shared.lock:
        _Shared.users -= 1
        if _Shared.users or not _Shared.made:
            return
        from gpiozero import Device

        factory, Device.pin_factory, _Shared.made = Device.pin_factory, None, False
        with contextlib.suppress(Exception):
            factory.close()


def watched() -> bool:
    """Return whether changes are still reported: lgpio has one thread for all lines, which an error ends."""
    thread = getattr(sys.modules.get("lgpio"), "_notify_thread", None)
    return thread is None or bool(thread.is_alive())


def _chosen_by_somebody() -> bool:
    """Return whether the pin factory was set by a test, or is named in gpiozero's environment variable."""
    devices = sys.modules.get("gpiozero.devices")
    return bool(os.environ.get("GPIOZERO_PIN_FACTORY") or (devices and devices.Device.pin_factory))


def _make(chip: int | None) -> Any:
    if os.environ.get("GPIOZERO_PIN_FACTORY"):
        from gpiozero import Device

        return Device._default_pin_factory()
    factory = _lgpios() if importlib.util.find_spec("lgpio") else _ours()
    from gpiozero.exc import PinUnknownPi

    try:
        return factory() if chip is None else factory(chip)
    except PinUnknownPi as error:
        raise NotReady(
            "gpiozero finds no Raspberry Pi here (/proc/cpuinfo names none); for keys, set driver: keyboard"
        ) from error
    except Exception as error:  # lgpio.error, which is only now importable
        raise NotReady(f"/dev/gpiochip{chip or 0} cannot be used: {error}") from error


def _ours() -> Callable[..., Any]:
    from whimbrel.drivers.pins import ChipFactory

    return ChipFactory


def _lgpios() -> Callable[..., Any]:
    with _inside(_work_folder()):
        try:
            _name_as_before()
            from gpiozero.pins.lgpio import LGPIOFactory
        except ImportError as error:
            raise NotReady(f"lgpio cannot be imported ({error}): reinstall it, or remove it") from error
    factory: Callable[..., Any] = LGPIOFactory
    return factory


def _name_as_before() -> None:
    """Add the names of lgpio's flags that gpiozero 1.6 (Debian 12 and 13) uses; lgpio 0.2 has renamed them."""
    import lgpio

    for before, now in _FLAGS.items():
        if not hasattr(lgpio, before):
            setattr(lgpio, before, getattr(lgpio, now))


def _mend_thread() -> None:
    """Start a new thread for lgpio if an error has ended it: without it, no line would ever report again."""
    if not watched():
        lgpio = sys.modules["lgpio"]
        with _inside(_work_folder()):
            lgpio._notify_thread = lgpio._callback_thread()  # type: ignore[attr-defined]


def _work_folder() -> Path:
    """Return the folder for lgpio's pipe, and set it for lgpio. Raises `NotReady` if it is not writable."""
    if not os.environ.get("LG_WD"):
        runtime = os.environ.get("RUNTIME_DIRECTORY", "").partition(":")[0]
        if not runtime:
            runtime = tempfile.mkdtemp(prefix="whimbrel-")
            atexit.register(shutil.rmtree, runtime, ignore_errors=True)
        os.environ["LG_WD"] = runtime
    folder = Path(os.environ["LG_WD"])
    if not os.access(folder, os.W_OK | os.X_OK):
        raise NotReady(
            f"lgpio cannot write to {folder}: set LG_WD, or RuntimeDirectory= of the unit, to a folder it can"
        )
    return folder


@contextlib.contextmanager
def _inside(folder: Path) -> Iterator[None]:
    """Work in `folder` temporarily: lgpio changes the directory of the whole process to it, and leaves it there."""
    before = os.open(".", os.O_PATH | os.O_DIRECTORY)
    try:
        os.chdir(folder)
        yield
    finally:
        os.fchdir(before)
        os.close(before)


def _group(path: Path) -> str:
    try:
        return grp.getgrgid(path.stat().st_gid).gr_name
    except (KeyError, OSError):
        return "that owns it"
