"""The two small files by which the daemon asks for the clock to be set and learns the outcome."""

from __future__ import annotations

from pathlib import Path

from whimbrel import jobs
from whimbrel.events.base import KNOWN_FROM
from whimbrel.record import Record

REQUEST = Path("/run/whimbrel/set-time")
"""Written by the daemon; ``whimbrel-time.path`` watches it."""
OUTCOME = Path("/run/whimbrel-time/outcome.json")
"""Written by root."""
LATEST = 4102444800.0
"""The beginning of 2100, in seconds since the epoch."""


class TimeRequest(Record):
    """What the daemon asks for."""

    number: int
    """Of the request: milliseconds since the start of the system at which it was made (`whimbrel.jobs.number`)."""
    milliseconds: int
    """The time at that moment, since the epoch."""

    def time(self, number: int) -> float:
        """Return the time that it is when a request would have this number: it may wait before it is taken up."""
        return (self.milliseconds + number - self.number) / 1000


class TimeOutcome(Record):
    """What came of a request."""

    number: int
    """Of the request."""
    problem: str = ""
    """Why the clock was not set; empty where it was."""
    ended: bool = False
    """Whether it has."""


def refusal(time: float, earliest: float = KNOWN_FROM) -> str:
    """Return why a time, in seconds since the epoch, cannot be the present one; empty if it can."""
    if time < earliest:
        return "that is in the past: the device's software is newer"
    return "" if time < LATEST else "that is after the year 2099"


def ask(request: TimeRequest, path: Path = REQUEST) -> None:
    """Write the request; again if nobody has answered. Raises OSError."""
    jobs.request(path, request.as_dict())


def asked(path: Path = REQUEST) -> TimeRequest | None:
    """Return the request; None where there is none that can be read. Never raises: a stranger may have written it."""
    values = jobs.read(path)
    number, milliseconds = jobs.natural(values, "number"), jobs.natural(values, "milliseconds")
    return None if number is None or milliseconds is None else TimeRequest(number=number, milliseconds=milliseconds)


def answer(outcome: TimeOutcome, path: Path = OUTCOME) -> None:
    """Replace the outcome. Raises OSError."""
    jobs.answer(path, outcome.as_dict())


def outcome(number: int, path: Path = OUTCOME) -> TimeOutcome | None:
    """Return what came of the request of that number; None as long as there is nothing. Never raises."""
    values = jobs.outcome(path, number)
    if values is None:
        return None
    return TimeOutcome(number=number, problem=values["problem"], ended=values["ended"])
