"""Codecs between settings types and YAML nodes: one for each type; mistakes are noted with their places, not raised.

cattrs would structure the values, but does not know their lines; docs/architecture.md has the comparison.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from whimbrel.settings import scalars
from whimbrel.settings.nodes import MappingNode, Node, ScalarNode, SequenceNode, describe
from whimbrel.settings.problems import Problem, child, note
from whimbrel.settings.scalars import Scalar
from whimbrel.wording.suggestions import did_you_mean


class Invalid:
    """The result of a codec for a value that it refused."""


INVALID = Invalid()


class SettingsReading:
    """One pass over a file: its mistakes, and the place of every key."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []
        self.places: dict[str, tuple[int, int]] = {}
        """Line and column of the key of each path in the file."""

    def refuse(self, at: Any, path: str, expected: str, found: str, hint: str = "") -> Invalid:
        """Note a mistake at the node `at`. Raises ConfigError if there are too many."""
        note(self.problems, Problem(self.file, at.line, at.column, path, expected, found, hint))
        return INVALID


class Codec:
    """Reads and writes the values of one type."""

    expected: str
    """The expected value in words: ``a duration from 50ms to 1h``."""

    def read(self, node: Node, path: str, reading: SettingsReading) -> Any:
        """Return the value, or INVALID once the mistake is noted."""
        raise NotImplementedError

    def write(self, value: Any) -> str:
        """Return the value as YAML of one line, which `read` makes the same value of."""
        raise NotImplementedError


class ScalarCodec(Codec):
    """A single value, optionally bounded."""

    def __init__(self, scalar: Scalar, low: float | None, high: float | None) -> None:
        self._scalar = scalar
        self._low = low
        self._high = high
        if low is None and high is None:
            same = scalar.example in (scalar.noun, "true")
            self.expected = scalar.noun if same else f"{scalar.noun} such as {scalar.example}"
        elif low is None or high is None:
            bound = f"at most {scalar.write(high)}" if low is None else f"at least {scalar.write(low)}"
            self.expected = f"{scalar.noun} of {bound}"
        else:
            self.expected = f"{scalar.noun} from {scalar.write(low)} to {scalar.write(high)}"

    def read(self, node: Node, path: str, reading: SettingsReading) -> Any:
        """Return the value, or INVALID."""
        if not isinstance(node, ScalarNode) or node.null:
            hint = "in quotes, if that text is meant" if isinstance(node, ScalarNode) and node.text else ""
            return reading.refuse(node, path, self.expected, describe(node), hint)
        hint = ""
        if self._scalar.bare and not node.plain:
            hint = "remove the quotes"
        else:
            try:
                value = self._scalar.parse(node.text)
            except ValueError as error:
                hint = str(error)
            else:
                if (self._low is None or value >= self._low) and (self._high is None or value <= self._high):
                    return value
        return reading.refuse(node, path, self.expected, describe(node), hint)

    def write(self, value: Any) -> str:
        """Return the value as YAML."""
        text = self._scalar.write(value)
        return text if self._scalar.bare else scalars.quote(text, free=self._scalar.free)


class ChoiceCodec(Codec):
    """One of a few values, each with one notation."""

    def __init__(self, choices: Iterable[tuple[str, Any]]) -> None:
        self._values = dict(choices)
        self.expected = " or ".join(self._values) if len(self._values) < 3 else "one of " + ", ".join(self._values)

    def read(self, node: Node, path: str, reading: SettingsReading) -> Any:
        """Return the value, or INVALID."""
        if not isinstance(node, ScalarNode) or (node.null and node.text not in self._values):
            return reading.refuse(node, path, self.expected, describe(node))
        if node.text in self._values:
            return self._values[node.text]
        return reading.refuse(node, path, self.expected, describe(node), did_you_mean(node.text, self._values))

    def write(self, value: Any) -> str:
        """Return the value as YAML."""
        for text, choice in self._values.items():
            if choice == value and choice.__class__ is value.__class__:
                return scalars.quote(text, free=False)
        raise ValueError(f"{value!r} is none of {self.expected}")


class ListCodec(Codec):
    """Any number of values of one type."""

    def __init__(self, item: Codec, make: Callable[[list[Any]], Any]) -> None:
        self.item = item
        self._make = make
        self.expected = f"a list, each {item.expected}"

    def read(self, node: Node, path: str, reading: SettingsReading) -> Any:
        """Return the list, or INVALID."""
        if not isinstance(node, SequenceNode):
            single = isinstance(node, ScalarNode) and not node.null
            hint = f"[{describe(node)}] is a list of one" if single else "[] is an empty list"
            return reading.refuse(node, path, self.expected, describe(node), hint)
        values = [self.item.read(item, f"{path}[{i}]", reading) for i, item in enumerate(node.items)]
        return INVALID if INVALID in values else self._make(values)

    def write(self, value: Any) -> str:
        """Return the list as YAML; sets are written in a fixed order."""
        texts = map(self.item.write, value)
        return f"[{', '.join(sorted(texts) if isinstance(value, (set, frozenset)) else texts)}]"


class TableCodec(Codec):
    """Values of one type by user-defined names."""

    def __init__(self, key: Codec, item: Codec) -> None:
        self._key = key
        self.item = item
        self.expected = f"keys ({key.expected}) with values, each {item.expected}"

    def read(self, node: Node, path: str, reading: SettingsReading) -> Any:
        """Return a dict, or INVALID."""
        if not isinstance(node, MappingNode):
            return reading.refuse(node, path, self.expected, describe(node), "{} is an empty one")
        values: dict[Any, Any] = {}
        for key, inner in node.entries:
            below = child(path, key.text)
            reading.places[below] = (key.line, key.column)
            name = self._key.read(key, below, reading)
            value = self.item.read(inner, below, reading)
            values[name] = value
        return INVALID if INVALID in values or INVALID in values.values() else values

    def write(self, value: Any) -> str:
        """Return the dict as YAML."""
        return "{" + ", ".join(f"{self._key.write(k)}: {self.item.write(v)}" for k, v in value.items()) + "}"


class UnionCodec(Codec):
    """The first of several types that accepts the text; with `nothing`, None is a value too."""

    def __init__(self, arms: list[Codec], *, nothing: bool) -> None:
        self._arms = arms
        self._nothing = nothing
        self.expected = " or ".join([arm.expected for arm in arms] + (["null"] if nothing else []))

    @property
    def arms(self) -> list[Codec]:
        """The codecs of the types except None."""
        return self._arms

    def read(self, node: Node, path: str, reading: SettingsReading) -> Any:
        """Return the value, or INVALID with the problems of the type that fits best."""
        if self._nothing and isinstance(node, ScalarNode) and node.null:
            return None
        best: SettingsReading | None = None
        for arm in self._arms:
            trial = SettingsReading(reading.file)
            value = arm.read(node, path, trial)
            if value is not INVALID:
                reading.places.update(trial.places)
                return value
            inside = any(problem.path != path for problem in trial.problems)
            if best is None and (inside or len(self._arms) == 1):
                best = trial
        if best is None:
            return reading.refuse(node, path, self.expected, describe(node))
        reading.places.update(best.places)
        reading.problems += [
            p._replace(expected=self.expected) if p.path == path and p.expected else p for p in best.problems
        ]
        return INVALID

    def write(self, value: Any) -> str:
        """Return the value as YAML."""
        if value is None:
            return "null"
        texts = []
        for arm in self._arms:
            try:
                texts.append(arm.write(value))
            except (TypeError, ValueError, AttributeError):
                continue
            if self._reads_back(texts[-1], value):
                return texts[-1]
        raise ValueError(f"{value!r} cannot be written as {self.expected}")

    def _reads_back(self, text: str, value: Any) -> bool:
        from whimbrel.settings.nodes import compose

        node, _ = compose(text, "")
        read = self.read(node, "", SettingsReading("")) if node else INVALID
        return read.__class__ is value.__class__ and bool(read == value)
