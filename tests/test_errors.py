"""Every exception class of the project is in the one tree in `whimbrel.errors`."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

import whimbrel
from whimbrel import errors
from whimbrel.drivers.nl80211.codec import NetlinkError
from whimbrel.errors import WhimbrelError

SOURCES = Path(whimbrel.__path__[0])


def _defined() -> list[type[BaseException]]:
    for path in sorted(SOURCES.rglob("*.py")):
        if path.stem != "__main__":
            inside = path.relative_to(SOURCES.parent).with_suffix("")
            importlib.import_module(".".join(inside.parts).removesuffix(".__init__"))
    found: dict[type[BaseException], None] = {}
    waiting: list[type[BaseException]] = [BaseException]
    while waiting:
        for cls in waiting.pop().__subclasses__():
            if cls not in found:
                found[cls] = None
                waiting.append(cls)
    return [cls for cls in found if cls.__module__.partition(".")[0] == "whimbrel"]


def _name(cls: type[BaseException]) -> str:
    return f"{cls.__module__}.{cls.__qualname__}".removeprefix("whimbrel.")


def _line(cls: type[BaseException]) -> str:
    refined = ", ".join(base.__name__ for base in cls.__bases__ if base.__module__ == "builtins")
    return _name(cls) + (f" ({refined})" if refined else "")


def _drawn(cls: type[BaseException], indent: str = "    ") -> list[str]:
    below = sorted((each for each in cls.__subclasses__() if each in DEFINED), key=_name)
    lines = []
    for each in below:
        last = each is below[-1]
        lines += [
            f"{indent}{'└' if last else '├'}── {_line(each)}",
            *_drawn(each, f"{indent}{' ' if last else '│'}   "),
        ]
    return lines


DEFINED = _defined()


@pytest.mark.parametrize("cls", DEFINED, ids=_name)
def test_it_stands_in_the_tree(cls: type[BaseException]) -> None:
    assert issubclass(cls, WhimbrelError), f"derive {_name(cls)} from whimbrel.errors.WhimbrelError"


def test_the_tree_is_drawn() -> None:
    drawn = [line for line in (errors.__doc__ or "").splitlines() if "──" in line]
    assert drawn == _drawn(WhimbrelError), "draw this in the docstring of whimbrel/errors.py"


def test_an_error_is_also_the_one_that_it_refines() -> None:
    error = NetlinkError(16, "setting the channel", "busy")
    assert isinstance(error, OSError)
    assert (error.errno, str(error)) == (16, "setting the channel: EBUSY (busy)")
