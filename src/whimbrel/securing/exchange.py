"""The two small files by which the daemon asks for security updates and learns the outcome."""

from __future__ import annotations

from pathlib import Path

from whimbrel import jobs
from whimbrel.record import Record

REQUEST = Path("/run/whimbrel/security-updates")
"""Written by the daemon; ``whimbrel-security.path`` watches it."""
OUTCOME = Path("/run/whimbrel-security/outcome.json")
"""Written by root."""


class SecurityOutcome(Record):
    """What came of a request."""

    number: int
    """Of the request."""
    packages: int = 0
    """That were renewed."""
    problem: str = ""
    """Why it did not end as it should; empty where it did."""
    ended: bool = False
    """Whether it has."""


def ask(number: int, path: Path = REQUEST) -> None:
    """Write the request; again if nobody has answered. Raises OSError."""
    jobs.request(path, {"number": number})


def asked(path: Path = REQUEST) -> int | None:
    """Return the number of the request; None where there is none that can be read. Never raises."""
    return jobs.natural(jobs.read(path), "number")


def answer(outcome: SecurityOutcome, path: Path = OUTCOME) -> None:
    """Replace the outcome. Raises OSError."""
    jobs.answer(path, outcome.as_dict())


def outcome(number: int, path: Path = OUTCOME) -> SecurityOutcome | None:
    """Return what came of the request of that number; None as long as there is nothing. Never raises."""
    values = jobs.outcome(path, number)
    if values is None:
        return None
    packages = jobs.natural(values, "packages") or 0
    return SecurityOutcome(number=number, packages=packages, problem=values["problem"], ended=values["ended"])
