"""The daemon's side of a copy to the card: it asks root by a file, one copy at a time, and tells what came of it."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Any

from whimbrel import jobs
from whimbrel.copying import exchange
from whimbrel.copying.exchange import FOLDER, CopyOutcome, CopyRequest
from whimbrel.events.device import CardCopied, CopyWanted
from whimbrel.events.recording import RecorderState
from whimbrel.events.system import CommandRefused
from whimbrel.jobs import JobLimits
from whimbrel.late import load
from whimbrel.module import Context, VerbError
from whimbrel.screen_offers import MenuPlace, Section
from whimbrel.verbs.device import COPY_STATE, COPY_TO_CARD, CopyState
from whimbrel.watching import state_file

_SCREENS = "whimbrel.screens.copying"
_NAME, _PLACE = "Copy to card", MenuPlace(Section.DEVICE, 50)
_BEGINNING = 90.0
"""Seconds until somebody must have begun; there is a pause between two (whimbrel.copying.resting)."""
_PATIENCE = 600.0
"""Seconds for the whole; the unit's own limit is below that."""
_NOBODY = "nobody does it: see 'systemctl status whimbrel-copy.path whimbrel-copy.service'"


def is_possible() -> bool:
    """Return whether this is the service of a device that has a partition for it."""
    runtime = os.environ.get("RUNTIME_DIRECTORY", "").split(":")[0]
    return Path(runtime) == exchange.REQUEST.parent and exchange.is_partition()


class CardCopies:
    """Serves the verbs and the line of the menu. All methods belong to the loop."""

    def __init__(self, ctx: Context[Any]) -> None:
        self._ctx = ctx
        self._task: asyncio.Task[None] | None = None
        self._state = CopyState(going=False)
        self._possible = False

    def offer(self) -> None:
        """Offer copies where they are possible; elsewhere, the verb says that they are not."""
        self._possible = is_possible()
        self._ctx.serve(COPY_TO_CARD, self._begin_for_verb)
        self._ctx.serve(COPY_STATE, self._tell)
        if self._possible:
            self._ctx.offer_entry(_NAME, self._entry, _PLACE)

    def _entry(self) -> object:
        return load(f"{_SCREENS}:copy_entry")()

    def want(self, seq: int) -> None:
        """Begin a copy for the command `seq`, or refuse it."""
        try:
            self._begin(seq)
        except VerbError as refused:
            self._ctx.publish(CommandRefused(command=CopyWanted.kind, text=str(refused), answers=seq))

    async def close(self) -> None:
        """Wait for nothing more; a copy that root has begun goes on."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    def _begin(self, answers: int) -> None:
        if not self._possible:
            raise VerbError(f"there is no partition for it at {exchange.PARTITION}")
        if self._state.going:
            raise VerbError("a copy is being made")
        self._state = CopyState(going=True)
        self._task = asyncio.create_task(self._copy(answers))

    async def _begin_for_verb(self, _request: dict[str, Any]) -> CopyState:
        self._begin(0)
        return self._state

    async def _tell(self, _request: dict[str, Any]) -> CopyState:
        return self._state

    async def _copy(self, answers: int) -> None:
        latest = self._ctx.latest(RecorderState)
        folder = latest.body.folder if latest else str(state_file.default_path("recordings"))
        request = CopyRequest(number=jobs.number(), folder=folder)
        done = await jobs.wait(
            self._ctx, lambda: exchange.ask(request), lambda: exchange.outcome(request.number),
            lambda found: found.ended, JobLimits(_BEGINNING, _PATIENCE, _NOBODY),
        )  # fmt: skip
        if isinstance(done, str):
            done = CopyOutcome(number=request.number, problem=done)
        where = f"{FOLDER}, on the partition that every computer reads"
        self._state = CopyState(
            going=False, files=done.files, octets=done.octets, removed=done.removed, left_out=done.left_out,
            folder=where, problem=done.problem,
        )  # fmt: skip
        self._ctx.publish(
            CardCopied(
                files=done.files, octets=done.octets, removed=done.removed, left_out=done.left_out, folder=where,
                problem=done.problem, answers=answers,
            )
        )  # fmt: skip
