"""Sets the clock for the daemon. Run by ``whimbrel-time.service``.

``python3 -I -m whimbrel.timekeeping`` does it; with ``close``, it notes the end, after which there is a pause; with
``told``, it notes that somebody has set the clock just now, as the image does for ``device.txt``.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from whimbrel import jobs, resting
from whimbrel.events.base import KNOWN_FROM
from whimbrel.timekeeping import evidence, exchange, rtc
from whimbrel.timekeeping.exchange import TimeOutcome, TimeRequest

_ENDED = exchange.OUTCOME.with_name("ended")
_BUILT = Path("/usr/lib/clock-epoch")
"""Its time stamp is that of the image (systemd(1))."""
_KEPT = Path("/var/lib/systemd/timesync/clock")
"""By its time stamp the next start goes on (systemd-timesyncd.service(8))."""
_OLDEST = 90_000
"""Milliseconds for which a request counts; the daemon waits no longer (whimbrel.timekeeping.asking)."""


def answer(request: TimeRequest) -> str:
    """Set the clock; return why not, empty on success."""
    number = jobs.number()
    if not 0 <= number - request.number <= _OLDEST:
        return "the request came too late"
    if evidence.is_synchronised():
        return "the network sets the clock already"
    earliest = max(KNOWN_FROM, _BUILT.stat().st_mtime) if _BUILT.exists() else KNOWN_FROM
    if problem := exchange.refusal(request.time(number), earliest):
        return problem
    try:
        time.clock_settime(time.CLOCK_REALTIME, request.time(jobs.number()))
    except OSError as error:
        return f"the system does not allow it: {error.strerror}"
    return note()


def note() -> str:
    """Note that somebody has set the clock, for this start and the next ones; return the problem, empty for none."""
    try:
        evidence.GIVEN.parent.mkdir(mode=0o755, exist_ok=True)
        evidence.GIVEN.touch(mode=0o644)
        if _KEPT.exists():
            os.utime(_KEPT)
        rtc.write(time.time())
    except OSError as error:
        return f"the clock is set, but not for the next start: {error.strerror}"
    return ""


def main(argv: Sequence[str]) -> int:
    """Answer the daemon's request; return the exit status."""
    if argv == ["close"]:
        resting.note(_ENDED)
        jobs.settle(exchange.OUTCOME)
        return 0
    if argv == ["told"]:
        problem = note()
    else:
        resting.rest(_ENDED)
        request = exchange.asked()
        if request is None or ((known := exchange.outcome(request.number)) and known.ended):
            return 0
        os.umask(0o022)
        exchange.answer(TimeOutcome(number=request.number))
        problem = answer(request)
        exchange.answer(TimeOutcome(number=request.number, problem=problem, ended=True))
    if problem:
        print(f"<4>{problem}", file=sys.stderr)
        return 1
    print("<5>the clock is set by a person", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
