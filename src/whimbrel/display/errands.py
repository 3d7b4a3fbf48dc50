"""What screens ask other modules for: verbs, answered while the display goes on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from whimbrel.events.encode import encode
from whimbrel.module import Context, VerbError

if TYPE_CHECKING:
    from whimbrel.display.show import Show
    from whimbrel.screens.screen import Do


class Errands:
    """Carries out `Do` actions, each in a task of its own. `touch` has the picture drawn anew."""

    def __init__(self, ctx: Context[Any], touch: Callable[[], None]) -> None:
        self._ctx = ctx
        self._touch = touch
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self, action: Do, show: Show) -> None:
        """Have a verb answered; a refusal is shown, and an answer where the screen has asked for it."""
        task = asyncio.create_task(self._do(action, show))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def cancel(self) -> None:
        """Wait for no answer any more."""
        for task in self._tasks:
            task.cancel()

    async def _do(self, action: Do, show: Show) -> None:
        arguments = dict(action.arguments)
        if action.verb == "acknowledge" and show.acknowledge(str(arguments.get("alert", ""))):
            self._touch()
            return
        verb = self._ctx.verbs.find(action.verb)
        try:
            if verb is None:
                raise VerbError("nothing here answers it")  # noqa: TRY301  # as a refusal of the verb
            answer = encode(await verb(arguments))
            if action.answered is not None and (screen := action.answered(answer)) is not None:
                show.stack.push(screen)
        except VerbError as error:
            show.say(action.verb, str(error))
        except Exception as error:  # noqa: BLE001  # another module's error must not end this one
            show.say(action.verb, f"{type(error).__name__}: {error}")
        self._touch()
