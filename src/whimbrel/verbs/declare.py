"""What a verb is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Generic, TypeVar

T = TypeVar("T", covariant=True)  # noqa: PLC0105  # one letter, as everywhere


class Verb(Generic[T]):
    """Something that the control socket can be asked. Modules serve it, clients ask it, docs/control.md lists it."""

    __slots__ = ("answer", "arguments", "name", "summary")

    def __init__(self, name: str, answer: type[T], summary: str, **arguments: str) -> None:
        self.name = name
        self.answer = answer
        """The type of what is answered: a `Record`, or ``tuple[SomeRecord, ...]``."""
        self.summary = summary
        """One line for people."""
        self.arguments: Mapping[str, str] = arguments
        """Its keys beside ``verb`` and ``id``, each with a line about it; a ``?`` at its end: it may be left out."""

    def __repr__(self) -> str:
        """Show the name."""
        return f"Verb({self.name!r})"
