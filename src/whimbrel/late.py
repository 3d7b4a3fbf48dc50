"""Objects made at their first use: imports by name, and regular expressions, each of which takes milliseconds on the
board."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any, AnyStr, cast

_compile = re.compile


def load(target: str) -> Any:
    """Import the object called ``module:name`` and return it; the errors of the import pass."""
    module, _, name = target.partition(":")
    return getattr(import_module(module), name.strip())


def late_pattern(pattern: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """Return a regular expression that is compiled at its first use. An invalid one raises `re.error` then."""
    return cast("re.Pattern[AnyStr]", _Late(pattern, flags))


@contextmanager
def late_patterns() -> Iterator[None]:
    """Have imports in the body compile their regular expressions late."""
    re.compile = _Late  # type: ignore[assignment]
    try:
        yield
    finally:
        re.compile = _compile


class _Late:
    """A regular expression, compiled at its first use."""

    def __init__(self, *pattern: Any) -> None:
        self._pattern = pattern

    def __getattr__(self, name: str) -> Any:
        value = getattr(_compile(*self._pattern), name)
        setattr(self, name, value)  # the next look finds it without coming here
        return value
