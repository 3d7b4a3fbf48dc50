"""Settings classes, with a key for each attribute, and the codecs of their types."""

from __future__ import annotations

import enum
import functools
import importlib
import types
import typing
from collections import abc
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from whimbrel.settings import scalars
from whimbrel.settings.codecs import (
    INVALID,
    ChoiceCodec,
    Codec,
    Invalid,
    ListCodec,
    ScalarCodec,
    SettingsReading,
    TableCodec,
    UnionCodec,
)
from whimbrel.settings.fields import NOTHING, Declaration, is_settings, settings_of, unvalidated, validate
from whimbrel.settings.nodes import MappingNode, Node, ScalarNode, describe
from whimbrel.settings.problems import child
from whimbrel.wording.suggestions import suggestion


class SettingsCodec(Codec):
    """A settings class, a key for each attribute."""

    def __init__(self, cls: type) -> None:
        self.cls = cls
        self.attributes: dict[str, Declaration] = dict(settings_of(cls))
        self.required = [name for name, each in self.attributes.items() if each.default is NOTHING]
        self.expected = f"settings by name ({', '.join(self.attributes)})" if self.attributes else "nothing to set"
        self._codecs: dict[str, Codec] = {}

    def _hint(self, name: str) -> Any:
        """Return the type of one attribute: to evaluate all annotations of a class costs a Zero milliseconds."""
        owner = next(cls for cls in self.cls.__mro__ if name in vars(cls).get("__annotations__", {}))
        hint = owner.__annotations__[name]
        if isinstance(hint, str):
            # `typing.get_type_hints` compiles it by itself, for which Python makes the classes of its syntax tree.
            hint = eval(hint, vars(importlib.import_module(owner.__module__)))  # noqa: S307  # a text of that module
        return hint

    def codec(self, name: str) -> Codec:
        """Return the codec of one attribute. Raises TypeError for an unsupported type."""
        if name not in self._codecs:
            meta = self.attributes[name].metadata
            choices = meta.get("choices")
            limits = _Limits(meta.get("low"), meta.get("high"), tuple(choices) if choices is not None else None)
            try:
                self._codecs[name] = _codec(self._hint(name), limits)
            except (NameError, TypeError) as error:
                raise TypeError(f"{self.cls.__qualname__}.{name}: {error}") from error
        return self._codecs[name]

    def read(self, node: Node, path: str, reading: SettingsReading) -> Any:
        """Return an instance, or INVALID."""
        if isinstance(node, ScalarNode) and node.null:
            node = MappingNode(node.line, node.column, [])
        if not isinstance(node, MappingNode):
            return reading.refuse(node, path, self.expected, describe(node))
        for key, _ in node.entries:
            reading.places[child(path, key.text)] = (key.line, key.column)
        try:
            wider = _wider_for(self.cls, node)
        except ValueError as error:
            return self._blame(error, "", node, path, reading)
        if wider is not self.cls:
            return settings_codec(wider).read(node, path, reading)
        values: dict[str, Any] = {}
        for key, inner in node.entries:
            below = child(path, key.text)
            if key.text in self.attributes:
                values[key.text] = self.codec(key.text).read(seen_at(inner, key), below, reading)
            else:
                values[key.text] = reading.refuse(key, below, *unknown("a setting", key.text, self.attributes))
        for name in self.required:
            if name not in values:
                expected = self.codec(name).expected
                values[name] = reading.refuse(node, child(path, name), expected, "nothing", "it must be given")
        good = {name: value for name, value in values.items() if value is not INVALID}
        made = self._make(good, len(good) == len(values), node, path, reading)
        return made if len(good) == len(values) else INVALID

    def _make(self, values: dict[str, Any], complete: bool, node: Node, path: str, reading: SettingsReading) -> Any:
        """Make an instance and run the validators of the given values, even if other values are missing."""
        try:
            made: Any = unvalidated(self.cls, values)
        except (TypeError, ValueError) as error:  # the class refuses a combination of settings
            return self._blame(error, "", node, path, reading) if complete else INVALID
        result = made
        for name, refusal in validate(made, list(values)).items():
            result = self._blame(refusal, name, node, path, reading)
        return result

    def _blame(self, error: Exception, name: str, node: Node, path: str, reading: SettingsReading) -> Invalid:
        """Note an error raised by the class, at the setting whose name begins the message, if any."""
        text = str(error)
        named, colon, rest = text.partition(": ")
        below = child(path, named)
        if not (colon and below in reading.places):
            below, rest = (child(path, name) if name else path), text
        line, column = reading.places.get(below) or reading.places.get(child(path, name)) or (node.line, node.column)
        at = ScalarNode(line, column, "", plain=True)
        expected, found, value = rest.removeprefix("expected ").partition(", found ")
        if rest.startswith("expected ") and found:
            return reading.refuse(at, below, expected, value)
        return reading.refuse(at, below, "", rest)

    def write(self, value: Any) -> str:
        """Return the settings as YAML of one line. Raises TypeError for another class."""
        if value.__class__ is not self.cls:
            raise TypeError(f"{value!r} is no {self.cls.__qualname__}")
        return "{" + ", ".join(f"{n}: {self.codec(n).write(getattr(value, n))}" for n in self.attributes) + "}"


def _wider_for(cls: type, node: MappingNode) -> type:
    """Return the class for reading `node`: `wider_for` of the class chooses it if it depends on the given keys."""
    wider_for: Callable[[Mapping[str, str]], type] | None = getattr(cls, "wider_for", None)
    if wider_for is None:
        return cls
    return wider_for({key.text: inner.text for key, inner in node.entries if isinstance(inner, ScalarNode)})


def seen_at(node: Node, key: ScalarNode) -> Node:
    """Return the value of `key` with the place to report for a mistake in it: the key's if the value is empty."""
    return node._replace(line=key.line, column=key.column) if isinstance(node, ScalarNode) and node.null else node


def unknown(what: str, name: str, known: Iterable[str]) -> tuple[str, str, str]:
    """Return the expected, found and hint texts for a `name` that is none of `known`."""
    shown = describe(ScalarNode(0, 0, name, plain=True)) if name else "(empty)"
    return what, f"the unknown name {shown}", suggestion(name, known)


class _Limits(typing.NamedTuple):
    low: float | None = None
    high: float | None = None
    choices: tuple[Any, ...] | None = None


_SEQUENCES: dict[Any, Callable[[list[Any]], Any]] = {
    tuple: tuple,
    list: list,
    abc.Sequence: tuple,
    set: frozenset,
    frozenset: frozenset,
    abc.Set: frozenset,
}


@functools.cache
def settings_codec(cls: type) -> SettingsCodec:
    """Return the codec of a settings class."""
    return SettingsCodec(cls)


@functools.cache
def _codec(hint: Any, limits: _Limits) -> Codec:
    """Return the codec of a type. Raises TypeError for an unsupported one."""
    origin = typing.get_origin(hint)
    if origin is not None:
        return _generic(hint, origin, limits)
    if limits.choices is not None:
        return ChoiceCodec(_written(choice, hint) for choice in limits.choices)
    if scalar := scalars.find(hint):
        return ScalarCodec(scalar, limits.low, limits.high)
    if isinstance(hint, typing.NewType):
        return _codec(hint.__supertype__, limits)
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        return ChoiceCodec(_written(member, hint) for member in hint)
    if is_settings(hint):
        return settings_codec(hint)
    raise TypeError(f"{hint!r} is no type for a setting")


def _generic(hint: Any, origin: Any, limits: _Limits) -> Codec:
    args = typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        arms = [_codec(arg, limits) for arg in args if arg is not type(None)]
        nothing = type(None) in args
        return UnionCodec(arms, nothing=nothing)
    if origin is typing.Literal:
        return ChoiceCodec(_written(choice, type(choice)) for choice in limits.choices or args)
    if origin is typing.Annotated:
        return _codec(args[0], limits)
    if origin in (dict, abc.Mapping):
        return TableCodec(_codec(args[0], _Limits()), _codec(args[1], limits))
    if origin in _SEQUENCES and not (origin is tuple and args[1:] != (...,)):
        return ListCodec(_codec(args[0], limits), _SEQUENCES[origin])
    raise TypeError(f"{hint!r} is no type for a setting")


def _written(value: Any, kind: Any) -> tuple[str, Any]:
    """Return the text of one of a few choices, with the choice."""
    if isinstance(value, enum.Enum):
        text = value.value if isinstance(value.value, str) else value.name.lower().replace("_", "-")
        return text, value
    scalar = scalars.find(kind)
    return (scalar.write(value) if scalar else str(value)), value
