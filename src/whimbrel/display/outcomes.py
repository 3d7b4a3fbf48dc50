"""What came of the commands that screens gave, as screens. Pure."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from whimbrel.events.base import Level
from whimbrel.events.encode import kind_of
from whimbrel.events.interest import level_of_body
from whimbrel.events.system import CommandRefused
from whimbrel.screens.notices import MessageScreen
from whimbrel.wording.sentences import sentence

if TYPE_CHECKING:
    from whimbrel.screens.screen import Say, Screen

_KEPT = 32
"""Commands whose answers are waited for; an answer to an older one is not shown."""

Answered = Callable[[Any], "Screen | None"]


class Outcomes:
    """Knows which commands were given here: what others have asked for is told elsewhere."""

    def __init__(self) -> None:
        self._asked: OrderedDict[int, Answered | None] = OrderedDict()

    def asked(self, seq: int, command: Say) -> None:
        """Note that `command` was published as the event `seq`."""
        self._asked[seq] = command.answered
        while len(self._asked) > _KEPT:
            self._asked.popitem(last=False)

    def answer(self, body: Any) -> Screen | None:
        """Return the screen for an event of `OUTCOMES`; None where it answers nobody here."""
        if body.answers not in self._asked:
            return None
        answered = self._asked.pop(body.answers)
        if isinstance(body, CommandRefused):
            return refusal(body.command, body.text)
        if answered is not None:
            return answered(body)
        icon = "warning" if level_of_body(body) <= Level.WARNING else "done"
        return MessageScreen(in_words(kind_of(body)), sentence(body), icon)


def refusal(command: str, text: str) -> Screen:
    """Return the screen that says why a command was not obeyed."""
    return MessageScreen(in_words(command), text, "warning")


def in_words(kind: str) -> str:
    """Return a kind of event as a title: ``reload settings``."""
    return kind.replace("-", " ")
