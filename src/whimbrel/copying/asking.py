"""The daemon's side of a copy to the card: it asks root by a file, one copy at a time, and tells what came of it."""

from __future__ import annotations

from typing import Any

from whimbrel import jobs
from whimbrel.copying import exchange
from whimbrel.copying.exchange import FOLDER, CopyOutcome, CopyRequest
from whimbrel.events.device import CardCopied, CopyWanted
from whimbrel.events.recording import RecorderState
from whimbrel.jobs import JobLimits
from whimbrel.module import Context
from whimbrel.root_job import RootJob
from whimbrel.screen_offers import MenuPlace, Section
from whimbrel.verbs.device import COPY_STATE, COPY_TO_CARD, CopyState
from whimbrel.watching import state_file

_SCREENS = "whimbrel.screens.copying"
_NAME = "Copy to card"
_BEGINNING = 90.0
"""Seconds until somebody must have begun; there is a pause between two (whimbrel.resting)."""
_PATIENCE = 600.0
"""Seconds for the whole; the unit's own limit is below that."""
_NOBODY = "nobody does it: see 'systemctl status whimbrel-copy.path whimbrel-copy.service'"


def is_possible() -> bool:
    """Return whether this is the service of a device that has a partition for it."""
    return jobs.is_of_service(exchange.REQUEST) and exchange.is_partition()


class CardCopies(RootJob[CopyRequest, CopyState]):
    """Has recordings and reports copied to the card."""

    name, place = _NAME, MenuPlace(Section.DEVICE, 50)
    entry = f"{_SCREENS}:copy_entry"
    command, verb, state_verb = CopyWanted, COPY_TO_CARD, COPY_STATE
    impossible = f"there is no partition for it at {exchange.PARTITION}"
    busy = "a copy is being made"

    def __init__(self, ctx: Context[Any]) -> None:
        super().__init__(ctx, CopyState(going=False), CopyState(going=True))

    def _is_possible(self) -> bool:
        return is_possible()

    def _request(self, _wish: object) -> CopyRequest:
        latest = self._ctx.latest(RecorderState)
        folder = latest.body.folder if latest else str(state_file.default_path("recordings"))
        return CopyRequest(number=jobs.number(), folder=folder)

    async def _ask(self, request: CopyRequest, answers: int) -> tuple[CopyState, CardCopied]:
        done = await jobs.wait(
            self._ctx, lambda: exchange.ask(request), lambda: exchange.outcome(request.number),
            lambda found: found.ended, JobLimits(_BEGINNING, _PATIENCE, _NOBODY),
        )  # fmt: skip
        if isinstance(done, str):
            done = CopyOutcome(number=request.number, problem=done)
        told: dict[str, Any] = {
            "files": done.files, "octets": done.octets, "removed": done.removed, "left_out": done.left_out,
            "folder": f"{FOLDER}, on the partition that every computer reads", "problem": done.problem,
        }  # fmt: skip
        return CopyState(going=False, **told), CardCopied(answers=answers, **told)
