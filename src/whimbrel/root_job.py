"""The daemon's side of a job that root does for it: one at a time, for a verb or a line of the menu."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from typing import Any, ClassVar, Generic, TypeVar

from whimbrel.events.base import Body, Event
from whimbrel.events.system import CommandRefused
from whimbrel.late import load
from whimbrel.module import Context, VerbError
from whimbrel.record import Record
from whimbrel.screen_offers import MenuPlace
from whimbrel.verbs.declare import Verb

Request = TypeVar("Request")
State = TypeVar("State", bound=Record)


class RootJob(ABC, Generic[Request, State]):
    """One kind of job. It serves the verbs and the line of the menu. All methods belong to the loop."""

    name: ClassVar[str]
    """In the menu."""
    place: ClassVar[MenuPlace]
    entry: ClassVar[str]
    """What makes the line of the menu, as ``package.module:function``."""
    command: ClassVar[type[Body]]
    """By which a screen asks for it."""
    verb: ClassVar[Verb[Any]]
    """Begins it."""
    state_verb: ClassVar[Verb[Any]]
    """Tells its state."""
    impossible: ClassVar[str]
    """Why it is refused where it is not possible, and what to do."""
    busy: ClassVar[str]
    """Why it is refused while it goes on."""

    def __init__(self, ctx: Context[Any], idle: State, going: State) -> None:
        self._ctx = ctx
        self._task: asyncio.Task[None] | None = None
        self._state = idle
        self._begun = going
        self._possible = False

    def offer(self) -> None:
        """Offer it where it is possible; elsewhere, the verb says that it is not."""
        self._possible = self._is_possible()
        self._ctx.serve(self.verb, self._begin_for_verb)
        self._ctx.serve(self.state_verb, self._tell)
        if self._possible:
            self._ctx.offer_entry(self.name, self._entry, self.place)

    def take(self, event: Event) -> None:
        """Begin for a command, or refuse it."""
        try:
            self._begin(event.seq, event.body)
        except VerbError as refused:
            self._ctx.publish(CommandRefused(command=self.command.kind, text=str(refused), answers=event.seq))

    def _entry(self) -> object:
        return load(self.entry)()

    async def close(self) -> None:
        """Wait for nothing more; what root has begun goes on."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    @abstractmethod
    def _is_possible(self) -> bool: ...

    @abstractmethod
    def _request(self, wish: Any) -> Request:
        """Return what to ask root for. `wish`: a command's body, or what a verb is asked with. Raises VerbError."""

    @abstractmethod
    async def _ask(self, request: Request, answers: int) -> tuple[State, Body]:
        """Ask root, for the command `answers`; return the state and the event of what came of it."""

    def _begin(self, answers: int, wish: object) -> None:
        request = self._request(wish)
        if not self._possible:
            raise VerbError(self.impossible)
        if self._state is self._begun:
            raise VerbError(self.busy)
        self._state = self._begun
        self._task = asyncio.create_task(self._do(request, answers))

    async def _do(self, request: Request, answers: int) -> None:
        self._state, done = await self._ask(request, answers)
        self._ctx.publish(done)

    async def _begin_for_verb(self, asked: dict[str, Any]) -> State:
        self._begin(0, asked)
        return self._state

    async def _tell(self, _request: dict[str, Any]) -> State:
        return self._state
