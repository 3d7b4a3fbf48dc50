"""Whether a body holds what its class says: asked once, where a module of another package publishes it.

A field of another type, or one that cannot be shown, would otherwise fell whoever listens, and be taken for that
module's mistake. Values of this project's own modules are checked by mypy, and cost nothing here.
"""

from __future__ import annotations

import enum
import functools
import math
import types
import typing
from collections import abc
from collections.abc import Callable
from typing import Any

from whimbrel.errors import WhimbrelError
from whimbrel.events.base import Body
from whimbrel.record import Record

MAX_ITEMS = 65536
"""Limit of values in one body."""
MAX_DEPTH = 8
"""Limit of values within values."""

_Check = Callable[[Any, str, "_Room"], None]
_PLAIN = (str, bytes, int, float, bool, type(None))


class NonsenseError(WhimbrelError, TypeError):
    """A body that no listener could use; the message says which field, and the sender is at fault."""


class _Room:
    """Counts values, so that a body without end is refused and not followed."""

    __slots__ = ("left",)

    def __init__(self) -> None:
        self.left = MAX_ITEMS

    def take(self, path: str) -> None:
        self.left -= 1
        if self.left < 0 or path.count(".") + path.count("[") > MAX_DEPTH * 2:
            raise NonsenseError(f"{path}: more than {MAX_ITEMS} values, or too many within each other")


def check_body(body: object, at: float | None = None) -> None:
    """Raise `NonsenseError` unless every field of `body` has its declared type and `at` is a time."""
    kind = type(body)
    if at is not None and not (type(at) in (int, float) and math.isfinite(at)):
        raise NonsenseError(f"{kind.__name__}: expected a time in seconds, found {_shown(at)}")
    try:
        if isinstance(body, Body):
            _check_record(body, kind.__name__, _Room())
        else:
            _check_plain(body, kind.__name__, _Room())
        repr(body)  # which raises where it returns no text, too
    except NonsenseError:
        raise
    except BaseException as error:
        raise NonsenseError(f"{kind.__name__}: {type(error).__name__} where it is read") from error


@functools.cache
def _of(hint: Any) -> _Check:
    """Return the check of an annotation."""
    if hint is float:
        return _number
    if hint in _PLAIN or hint is type(None):
        return _exactly(hint)
    if hint is Any or hint is object:
        return _check_plain
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        return _union([_of(arg) for arg in args])
    if origin is typing.Literal:
        return _choice(args)
    if origin is tuple and (len(args) != 2 or args[1] is not Ellipsis):
        return _row([_of(arg) for arg in args])
    if origin in (tuple, frozenset, list, abc.Sequence, set):
        return _several(_of(args[0]), (tuple, list) if origin is abc.Sequence else (origin,))
    if origin in (dict, abc.Mapping):
        return _table(_of(args[0]), _of(args[1]))
    if isinstance(hint, type):
        return _instance(hint)
    return _check_plain


def _instance(cls: type) -> _Check:
    names = _names(cls)
    checks: dict[str, _Check] = {}

    def check(value: Any, path: str, room: _Room) -> None:
        room.take(path)
        if not isinstance(value, cls):
            raise _unfit(path, cls.__name__, value)
        if names and not checks:  # not before: a type may hold itself
            hints = typing.get_type_hints(cls)
            checks.update({name: _of(hints.get(name, Any)) for name in names})
        for name, inner in checks.items():
            inner(getattr(value, name), f"{path}.{name}", room)

    return check


def _names(cls: type) -> tuple[str, ...]:
    """Return the names of the fields of a class of this project; of others nothing is known."""
    if issubclass(cls, enum.Enum):
        return ()
    if issubclass(cls, Record):
        return cls.fields
    return tuple(getattr(cls, "_fields", ())) or tuple(name for name in getattr(cls, "__slots__", ()) if name[0] != "_")


def _exactly(cls: type) -> _Check:
    def check(value: Any, path: str, room: _Room) -> None:
        room.take(path)
        # A subclass could be anything: an enum of numbers and this project's own names are what there is of use.
        if type(value) is not cls and not (isinstance(value, cls) and isinstance(value, enum.Enum)):
            raise _unfit(path, "nothing" if cls is type(None) else cls.__name__, value)

    return check


def _number(value: Any, path: str, room: _Room) -> None:
    room.take(path)
    if type(value) not in (int, float):
        raise _unfit(path, "a number", value)


def _union(arms: list[_Check]) -> _Check:
    def check(value: Any, path: str, room: _Room) -> None:
        for arm in arms[:-1]:
            try:
                return arm(value, path, room)
            except NonsenseError:
                continue
        return arms[-1](value, path, room)

    return check


def _choice(choices: tuple[Any, ...]) -> _Check:
    def check(value: Any, path: str, room: _Room) -> None:
        room.take(path)
        if type(value) not in _PLAIN or value not in choices:
            raise _unfit(path, "one of " + ", ".join(map(str, choices)), value)

    return check


def _row(items: list[_Check]) -> _Check:
    def check(value: Any, path: str, room: _Room) -> None:
        room.take(path)
        if not isinstance(value, tuple) or len(value) != len(items):
            raise _unfit(path, f"{len(items)} values", value)
        for i, (item, each) in enumerate(zip(items, value, strict=True)):
            item(each, f"{path}[{i}]", room)

    return check


def _several(item: _Check, kinds: tuple[type, ...]) -> _Check:
    def check(value: Any, path: str, room: _Room) -> None:
        room.take(path)
        if not isinstance(value, kinds):
            raise _unfit(path, kinds[0].__name__, value)
        _each(value, item, path, room)

    return check


def _each(values: Any, item: _Check, path: str, room: _Room) -> None:
    for i, each in enumerate(values):
        item(each, f"{path}[{i}]", room)


def _table(key: _Check, item: _Check) -> _Check:
    def check(value: Any, path: str, room: _Room) -> None:
        room.take(path)
        if not isinstance(value, abc.Mapping):
            raise _unfit(path, "a mapping", value)
        for name, each in value.items():
            key(name, f"{path}[]", room)
            item(each, f"{path}[{_shown(name)}]", room)

    return check


def _check_plain(value: Any, path: str, room: _Room) -> None:
    """Check what nothing is declared of: plain values, what this project defines, and collections of these."""
    room.take(path)
    if type(value) in _PLAIN or isinstance(value, enum.Enum):
        return
    if isinstance(value, Record):
        _check_record(value, path, room)
    elif isinstance(value, (tuple, list, frozenset, set)):
        _each(value, _check_plain, path, room)
    elif isinstance(value, abc.Mapping):
        for name, each in value.items():
            _check_plain(name, f"{path}[]", room)
            _check_plain(each, f"{path}[]", room)
    else:
        repr(value)


def _check_record(value: Any, path: str, room: _Room) -> None:
    kind: Any = type(value)
    _of(kind)(value, path, room)


def _shown(value: object) -> str:
    try:
        return repr(value)[:60]
    except BaseException:  # noqa: BLE001  # a value that cannot even be shown is what is looked for
        return f"a {type(value).__name__} that cannot be shown"


def _unfit(path: str, expected: str, value: object) -> NonsenseError:
    return NonsenseError(f"{path}: expected {expected}, found {_shown(value)}")
