"""The verbs of the control socket, each with the function of a module that answers it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, TypeVar

from whimbrel.errors import WhimbrelError
from whimbrel.verbs.declare import Query, Verb, check_arguments

if TYPE_CHECKING:
    from pathlib import Path

T = TypeVar("T")

Answer = Callable[[dict[str, Any]], Awaitable[T]]
"""Answers one request of the control socket, whose keys are JSON values; raises `VerbError` to refuse it."""


class VerbError(WhimbrelError):
    """The request is refused; the message goes to the client."""


class DaemonAway(VerbError):
    """The daemon cannot be reached at present. `whimbrel.events.reach.DaemonReached` follows when it can."""


class Verbs:
    """The verbs of the control socket by name; each belongs to the module that answers it."""

    socket: Path | None = None
    """The control socket by which a program beside this one may ask, and only look; None where there is none."""

    def __init__(self) -> None:
        self._verbs: dict[str, tuple[Verb[Any], Answer[Any], str]] = {}
        self._shared: dict[str, dict[str, tuple[Verb[Any], Answer[Any], str]]] = {}  # by name and owner

    def add(self, verb: Verb[T], answer: Answer[T], owner: str, *, shared: bool = False) -> None:
        """Register the answer to `verb`; of several owners that share it, the first one by name answers.

        Raises ValueError if another module answers it alone, or if it is shared and this one would not share it.
        """
        before = self._verbs.get(verb.name)
        if before is not None and before[2] != owner and not (shared and verb.name in self._shared):
            raise ValueError(f"the verb {verb.name!r} of {owner} is already answered by {before[2]}")
        entry = (verb, answer, owner)
        if shared:
            sharers = self._shared.setdefault(verb.name, {})
            sharers[owner] = entry
            entry = sharers[min(sharers)]
        self._verbs[verb.name] = entry

    def drop(self, owner: str) -> None:
        """Remove the verbs of `owner`."""
        self._verbs = {name: entry for name, entry in self._verbs.items() if entry[2] != owner}
        for name, sharers in list(self._shared.items()):
            if sharers.pop(owner, None) and sharers:
                self._verbs[name] = sharers[min(sharers)]
            elif not sharers:
                del self._shared[name]

    def find(self, name: str) -> Answer[Any] | None:
        """Return the function that answers the verb of this name."""
        entry = self._verbs.get(name)
        return entry[1] if entry else None

    def only_looks(self, name: str) -> bool:
        """Return whether the verb of this name is answered, and changes nothing."""
        entry = self._verbs.get(name)
        return entry is not None and isinstance(entry[0], Query)

    async def ask(self, verb: Verb[T], arguments: dict[str, Any]) -> T:
        """Return the answer to `verb`. Raises like `Context.ask`."""
        check_arguments(verb, arguments)
        answer = self.find(verb.name)
        if answer is None:
            raise DaemonAway(f"{verb.name}: the module that answers it is not on, or not ready")
        answered: T = await answer({name: value for name, value in arguments.items() if value is not None})
        return answered

    async def ask_json(self, verb: Verb[Any], arguments: dict[str, Any]) -> bytes:
        """Return the answer to `verb` as JSON, written piece by piece. Raises like `Context.ask`."""
        from whimbrel.events.pieces import pieces

        parts = []
        for piece in pieces(await self.ask(verb, arguments)):
            parts.append(piece.encode("ascii"))
            await asyncio.sleep(0)
        return b"".join(parts)

    def summaries(self) -> dict[str, str]:
        """Return every verb's name with its one-line summary, in alphabetical order."""
        return {name: entry[0].summary for name, entry in sorted(self._verbs.items())}
