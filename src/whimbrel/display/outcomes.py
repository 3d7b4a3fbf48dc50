"""The results of the screens' commands, as screens. Pure."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from whimbrel.events.base import Level
from whimbrel.events.encode import kind_of
from whimbrel.events.interest import level_of_body
from whimbrel.events.system import CommandRefused
from whimbrel.screens.notices import MessageScreen
from whimbrel.wording.sentences import sentence

if TYPE_CHECKING:
    from whimbrel.screens.screen import Say, Screen

_NEVER = float("inf")
_KEPT = 32
"""Limit of commands that wait for an answer; an answer to an older one is not shown."""

Answered = Callable[[Any], "Screen | None"]


class _Asked(NamedTuple):
    kind: str
    answered: Answered | None
    due: float
    """When it is overdue, in seconds since the epoch; infinite where it need not be answered."""


class Outcomes:
    """Keeps the commands given on this screen, to show their results. Outlasts a display."""

    def __init__(self) -> None:
        self._asked: OrderedDict[int, _Asked] = OrderedDict()

    @property
    def due(self) -> float | None:
        """The time when the next command is overdue; None if none can be."""
        return min((asked.due for asked in self._asked.values() if asked.due != _NEVER), default=None)

    def asked(self, seq: int, command: Say, now: float) -> None:
        """Note that `command` was published as the event `seq`."""
        due = now + command.within if command.within else _NEVER
        self._asked[seq] = _Asked(kind_of(command.body), command.answered, due)
        while len(self._asked) > _KEPT:
            self._asked.popitem(last=False)

    def answer(self, body: Any) -> Screen | None:
        """Return the screen for an event of `OUTCOMES`; None if it answers no command given here."""
        asked = self._asked.pop(body.answers, None)
        if asked is None:
            return None
        if isinstance(body, CommandRefused):
            return refusal(body.command, body.text)
        if asked.answered is not None:
            return asked.answered(body)
        icon = "warning" if level_of_body(body) <= Level.WARNING else "done"
        return MessageScreen(in_words(kind_of(body)), sentence(body), icon)

    def overdue(self, now: float) -> Screen | None:
        """Return the screen for a command that nothing has answered in time; its answer is still shown if it comes."""
        for seq, asked in self._asked.items():
            if now >= asked.due:
                self._asked[seq] = asked._replace(due=_NEVER)
                return refusal(asked.kind, "no answer yet; the journal may say why")
        return None


def refusal(command: str, text: str) -> Screen:
    """Return the screen with the reason for a refused command."""
    return MessageScreen(in_words(command), text, "warning")


def in_words(kind: str) -> str:
    """Return a kind of event as a title: ``reload settings``."""
    return kind.replace("-", " ")
