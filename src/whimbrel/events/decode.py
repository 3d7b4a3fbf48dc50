"""Decodes JSON values of `whimbrel.events.encode` into the original types.

Records and named tuples are decoded by their annotations: unknown fields are dropped, and missing ones have their
defaults. No input raises anything but `DecodeError`.
"""

from __future__ import annotations

import enum
import functools
import math
import types
import typing
from collections import abc
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from whimbrel.errors import WhimbrelError
from whimbrel.events.base import KINDS, Event
from whimbrel.events.forms import form_of, is_name
from whimbrel.record import Record

T = TypeVar("T")
_Decoder = Callable[[Any, str], Any]
_LONGEST = 60
"""Characters of a value that an error shows."""


class DecodeError(WhimbrelError, ValueError):
    """An unexpected value; the message has its place, the expected value and the found one."""


class OtherBody(Record):
    """The body of an unknown kind, such as one from another package's module."""

    kind_name: str
    """Name of the kind."""
    values: Mapping[str, Any]
    """Its fields, as JSON has them."""


class FrameCounts(Record):
    """The summary of a `whimbrel.events.radio.FrameBatch`, because frames are never sent."""

    frames: int
    """How many there are."""
    malformed: int
    """How many of them could not be read to their end."""
    freq: int
    """MHz that the radio listened on; 0 if unknown."""
    subtypes: Mapping[str, int]
    """How many of each kind, by type and subtype as in ``0x0008``."""


def decode(hint: type[T], value: object) -> T:
    """Return `value` as the type `hint`, a class or an annotation (``tuple[Row, ...]``). Raises `DecodeError`."""
    found: T = decoder_of(hint)(value, "")
    return found


def decode_event(value: object) -> Event:
    """Return an event with its body; the body of an unknown kind is an `OtherBody`. Raises `DecodeError`."""
    fields = _object(value, "")
    # Not at the top: an answer without events needs none of them.
    from whimbrel.events import every, radio, recording  # noqa: F401  # every kind

    kind = _text(fields.get("kind"), "kind")
    body = _object(fields.get("body"), "body")
    if kind == radio.FrameBatch.kind:
        made: Any = _decoder(FrameCounts)(body, "body")
    elif kind in KINDS and kind != recording.AlertEvidence.kind:  # its frames are only counted
        made = decoder_of(KINDS[kind])(body, "body")
    else:
        made = OtherBody(kind_name=kind, values=body)
    return Event(
        _whole(fields.get("seq"), "seq"),
        _number(fields.get("time"), "time"),
        _text(fields.get("source"), "source"),
        made,
    )


def decoder_of(hint: Any) -> _Decoder:
    """Return the decoder of a type. Raises TypeError for an unsupported type."""
    return _decoder(hint)


@functools.cache
def _decoder(hint: Any) -> _Decoder:
    if hint in _SCALARS:
        return _SCALARS[hint]
    origin = typing.get_origin(hint)
    if origin is not None:
        return _generic(origin, typing.get_args(hint))
    if isinstance(hint, type):
        if issubclass(hint, Record):
            return _fields(hint, hint.fields, frozenset(name for name in hint.fields if hasattr(hint, name)))
        if hasattr(hint, "value_type"):
            return _change(hint)
        if issubclass(hint, tuple) and hasattr(hint, "_fields"):
            return _fields(hint, hint._fields, frozenset(getattr(hint, "_field_defaults", ())))
        if issubclass(hint, enum.Enum):
            return _enum(hint)
    raise TypeError(f"{hint!r} cannot be read from JSON")


def _generic(origin: Any, args: tuple[Any, ...]) -> _Decoder:
    if origin in (typing.Union, types.UnionType):
        return _union([_decoder(arg) for arg in args if arg is not type(None)], nothing=type(None) in args)
    if origin is typing.Literal:
        return _literal(args)
    if origin is tuple and (len(args) != 2 or args[1] is not Ellipsis):
        return _row([_decoder(arg) for arg in args])
    if origin in (tuple, list, frozenset, abc.Sequence):
        return _several(_decoder(args[0]), tuple if origin is abc.Sequence else origin)
    if origin in (dict, abc.Mapping):
        return _table(_decoder(args[1]))
    raise TypeError(f"{origin!r} cannot be read from JSON")


def _fields(cls: Any, names: tuple[str, ...], optional: frozenset[str]) -> _Decoder:
    hints = typing.get_type_hints(cls)
    decoders: dict[str, _Decoder] = {}

    def read(value: Any, path: str) -> Any:
        if not decoders:  # not before: a type may hold itself
            decoders.update({name: _decoder(hints[name]) for name in names})
        given = _object(value, path)
        state: dict[str, Any] = {}
        for name, decoder in decoders.items():
            key = f"{name}_hex" if is_name(name) and f"{name}_hex" in given else name
            if key in given:
                state[name] = decoder(given[key], f"{path}.{key}" if path else key)
            elif name not in optional:
                raise DecodeError(f"{path or 'the answer'}: {name} is missing")
        return cls(**state)

    return read


def _change(cls: Any) -> _Decoder:
    """Return the decoder of a `whimbrel.events.air.Change`; its values have the type of the property."""

    def read(value: Any, path: str) -> Any:
        given = _object(value, path)
        field = _text(given.get("field"), f"{path}.field")
        decoder = _decoder(cls.value_type(field))
        values = []
        for name in ("old", "new"):
            key = f"{name}_hex" if is_name(field) and f"{name}_hex" in given else name
            if key not in given:
                raise DecodeError(f"{path}: {name} is missing")
            values.append(decoder(given[key], f"{path}.{key}"))
        return cls(field, *values)

    return read


def _enum(cls: type[enum.Enum]) -> _Decoder:
    if hasattr(cls, "parse"):
        return _parsed(cls.parse)
    members = {form_of(member): member for member in cls}

    def read(value: Any, path: str) -> Any:
        if isinstance(value, (str, int)) and value in members:
            return members[value]
        raise _unfit(path, "one of " + ", ".join(map(str, members)), value)

    return read


def _parsed(parse: Callable[[str], Any]) -> _Decoder:
    def read(value: Any, path: str) -> Any:
        text = _text(value, path)
        try:
            return parse(text)
        except ValueError as error:
            raise DecodeError(f"{path}: {error}, found {text[:_LONGEST]!r}") from error

    return read


def _union(arms: list[_Decoder], *, nothing: bool) -> _Decoder:
    def read(value: Any, path: str) -> Any:
        if value is None and nothing:
            return None
        for arm in arms[:-1]:
            try:
                return arm(value, path)
            except DecodeError:
                continue
        return arms[-1](value, path)

    return read


def _literal(choices: tuple[Any, ...]) -> _Decoder:
    def read(value: Any, path: str) -> Any:
        if isinstance(value, (str, int)) and value in choices:
            return value
        raise _unfit(path, "one of " + ", ".join(map(str, choices)), value)

    return read


def _row(items: list[_Decoder]) -> _Decoder:
    def read(value: Any, path: str) -> Any:
        if not isinstance(value, list) or len(value) != len(items):
            raise _unfit(path, f"a list of {len(items)}", value)
        return tuple(item(each, f"{path}[{i}]") for i, (item, each) in enumerate(zip(items, value, strict=True)))

    return read


def _several(item: _Decoder, make: Any) -> _Decoder:
    def read(value: Any, path: str) -> Any:
        if not isinstance(value, list):
            raise _unfit(path, "a list", value)
        return make([item(each, f"{path}[{i}]") for i, each in enumerate(value)])

    return read


def _table(item: _Decoder) -> _Decoder:
    def read(value: Any, path: str) -> Any:
        return {key: item(each, f"{path}.{key}") for key, each in _object(value, path).items()}

    return read


def _object(value: Any, path: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _unfit(path, "an object", value)
    return value


def _text(value: Any, path: str) -> str:
    if not isinstance(value, str):
        raise _unfit(path, "text", value)
    return value


def _truth(value: Any, path: str) -> bool:
    if not isinstance(value, bool):
        raise _unfit(path, "true or false", value)
    return value


def _whole(value: Any, path: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise _unfit(path, "a whole number", value)
    return value


def _number(value: Any, path: str) -> float:
    if not isinstance(value, bool) and isinstance(value, (int, float)):
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
        if math.isfinite(number):
            return number
    raise _unfit(path, "a number", value)


def _octets(value: Any, path: str) -> bytes:
    """Read hexadecimal digits, or an address with its colons."""
    try:
        return bytes.fromhex(_text(value, path).replace(":", ""))
    except DecodeError:
        raise
    except ValueError as error:
        raise _unfit(path, "hexadecimal digits", value) from error


def _anything(value: Any, path: str) -> Any:
    return value


def _unfit(path: str, expected: str, value: Any) -> DecodeError:
    found = "nothing" if value is None else f"{type(value).__name__} {str(value)[:_LONGEST]!r}"
    return DecodeError(f"{path or 'the answer'}: expected {expected}, found {found}")


_SCALARS: dict[Any, _Decoder] = {
    bool: _truth,
    int: _whole,
    float: _number,
    str: _text,
    bytes: _octets,
    object: _anything,
    Any: _anything,
    type(None): _anything,
}
