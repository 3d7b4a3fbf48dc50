"""The settings in force, each with its origin; also as YAML that loads back to the same."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from whimbrel.config.loader import SECTIONS, Configuration
from whimbrel.settings import scalars
from whimbrel.settings.classes import settings_codec
from whimbrel.settings.fields import is_settings
from whimbrel.settings.nodes import END, START
from whimbrel.settings.problems import child, shorten
from whimbrel.text import printable


class Setting(NamedTuple):
    """One setting in force."""

    path: str
    text: str
    """Its value in the notation of the file."""
    origin: str
    """``file:line``, or ``default``."""


def effective(configuration: Configuration) -> Iterator[Setting]:
    """Yield every setting of the daemon, the bus and the running modules."""
    for keys, value in _tops(configuration):
        for path, text, _ in _leaves(value, ".".join(map(shorten, keys)), keys):
            yield Setting(path, text, configuration.origin(path))


def to_yaml(configuration: Configuration) -> str:
    """Return the settings in force as YAML, each with its origin in a comment; it loads to an equal configuration."""
    lines = [START]
    opened: tuple[str, ...] = ()
    for top, value in _tops(configuration):
        leaves = list(_leaves(value, ".".join(map(shorten, top)), top))
        for path, text, keys in leaves or [("", "{}", top)]:
            above = keys[:-1]
            shared = sum(1 for depth in range(len(above)) if opened[: depth + 1] == above[: depth + 1])
            lines += [f"{'  ' * depth}{_key(above[depth])}:" for depth in range(shared, len(above))]
            opened = above
            origin = f"  # {printable(configuration.origin(path))}" if path else ""
            lines.append(f"{'  ' * len(above)}{_key(keys[-1])}: {text}{origin}")
    return "\n".join([*lines, END]) + "\n"


def _key(name: str) -> str:
    return scalars.quote(name, free=False)


def _tops(configuration: Configuration) -> Iterator[tuple[tuple[str, ...], Any]]:
    for name in SECTIONS:
        yield (name,), getattr(configuration, name)
    for name, settings in configuration.modules.items():
        yield ("modules", name), settings


def _leaves(value: Any, path: str, keys: tuple[str, ...]) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Yield path, text and keys of each setting of an instance of a settings class, and of the instances in it."""
    codec = settings_codec(value.__class__)
    for name in codec.attributes:
        inner = getattr(value, name)
        below = child(path, name)
        if is_section(inner):
            yield from _leaves(inner, below, (*keys, name))
        else:
            yield below, codec.codec(name).write(inner), (*keys, name)


def is_section(value: Any) -> bool:
    """Return whether `value` is a section with keys of its own, which is not written in one line."""
    kind = value.__class__
    return is_settings(kind) and scalars.find(kind) is None and bool(settings_codec(kind).attributes)
