"""Installs security updates: what the daemon asks for, or a timer. Run by ``whimbrel-security.service``.

``python3 -I -m whimbrel.securing`` does it; with ``close``, it notes the end, after which there is a pause.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from whimbrel import jobs, resting
from whimbrel.securing import exchange
from whimbrel.securing.apt import Apt, Renewed
from whimbrel.securing.exchange import SecurityOutcome
from whimbrel.updating.places import Places
from whimbrel.updating.remembering import write

_ENDED = exchange.OUTCOME.with_name("ended")
_STATE = Places().state
_BY = "TRIGGER_UNIT"
"""The variable by which systemd names the unit that started this one (systemd.exec(5))."""


def renew(state: Path) -> Renewed:
    """Install what there is. The next start finishes what a power cut leaves (``whimbrel-packages.service``)."""
    begun = state / "debian"
    try:
        state.mkdir(mode=0o755, exist_ok=True)
        done = Apt(state / "security").renew(lambda: write(begun, ""))
        if not done.problem:
            begun.unlink(missing_ok=True)
    except OSError as error:
        done = Renewed(0, f"{error.filename}: {error.strerror}")
    return done._replace(begun=begun.exists())


def main(argv: Sequence[str], state: Path = _STATE) -> int:
    """Answer the daemon's request, or do as the timer says; return the exit status."""
    if argv == ["close"]:
        resting.note(_ENDED)
        jobs.settle(exchange.OUTCOME)
        return 0
    resting.rest(_ENDED)
    number = exchange.asked()
    if number is not None and (known := exchange.outcome(number)) and known.ended:
        number = None
    if number is None and not os.environ.get(_BY, "").endswith(".timer"):
        return 0
    os.umask(0o022)
    if number is not None:
        exchange.answer(SecurityOutcome(number=number))
    done = renew(state)
    if number is not None:
        exchange.answer(SecurityOutcome(number=number, packages=done.packages, problem=done.problem, ended=True))
    print(f"{done.packages} packages renewed")
    if done.problem:
        # By the timer, a device without a network is none to worry about; one that is left half renewed is.
        worry = done.begun or number is not None
        print(f"<{4 if worry else 5}>{done.problem}", file=sys.stderr)
        return 1 if worry else 0
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
