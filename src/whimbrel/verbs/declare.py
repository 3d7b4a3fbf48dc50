"""The declaration of verbs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Generic, TypeVar

T = TypeVar("T", covariant=True)  # noqa: PLC0105  # one letter, as everywhere


class Verb(Generic[T]):
    """A request of the control socket. Modules serve it, clients call it, docs/control.md lists it."""

    __slots__ = ("answer", "arguments", "name", "summary")

    def __init__(self, name: str, answer: type[T], summary: str, **arguments: str) -> None:
        self.name = name
        self.answer = answer
        """The type of the answer: a `Record`, or ``tuple[SomeRecord, ...]``."""
        self.summary = summary
        """One line for people."""
        self.arguments: Mapping[str, str] = arguments
        """Its keys other than ``verb`` and ``id``, each with a description; a ``?`` at the end makes it optional."""

    def __repr__(self) -> str:
        return f"Verb({self.name!r})"


class Query(Verb[T]):
    """A verb that changes nothing in the daemon, on its card or in the air: every client may call it."""

    __slots__ = ()


def check_arguments(verb: Verb[Any], arguments: Mapping[str, Any]) -> None:
    """Raise TypeError for an argument that the verb does not have."""
    if unknown := arguments.keys() - verb.arguments.keys():
        known = ", ".join(verb.arguments) or "nothing"
        raise TypeError(f"{verb.name} takes {known}; got {', '.join(sorted(unknown))}")
