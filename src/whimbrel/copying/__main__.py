"""Copies recordings and reports to the partition that every computer reads. Run as root by ``whimbrel-copy.service``.

``python3 -I -m whimbrel.copying`` does what the daemon asks for; with ``close``, it closes a partition left open.
"""

from __future__ import annotations

import contextlib
import io
import os
import pwd
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import BinaryIO

from whimbrel import jobs, resting
from whimbrel.copying import exchange, reports
from whimbrel.copying.card import Partition
from whimbrel.copying.exchange import PARTITION, CopyOutcome, CopyRequest
from whimbrel.copying.plan import Sized, plan
from whimbrel.copying.reports import MadeReport
from whimbrel.copying.source import Source
from whimbrel.recording import naming

_USER = "whimbrel"
_ENDED = exchange.OUTCOME.with_name("ended")
Opener = Callable[[], BinaryIO]


def copy(request: CopyRequest, card: Partition, owner: int, reports: Iterable[MadeReport], now: float) -> CopyOutcome:
    """Copy what `request` asks for. `owner`: the user whose recordings may be read; `now`: seconds since the epoch.

    The partition is closed whatever happens. Never raises OSError.
    """
    done = CopyOutcome(number=request.number)
    try:
        card.open()
        done = _fill(done, _gathered(request, owner, reports, now), card)
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        done = done.replace(problem=_reason(error))
    finally:
        problem = card.close()
    return done.replace(problem=problem) if problem else done


def _gathered(request: CopyRequest, owner: int, reports: Iterable[MadeReport], now: float) -> dict[Sized, Opener]:
    """Return how to open each file that may be copied. Raises OSError."""
    found: dict[Sized, Opener] = {}
    if request.folder:
        with contextlib.suppress(FileNotFoundError):
            source = Source(Path(request.folder), owner)
            found = {file: partial(source.open, file.name) for file in source.recordings()}
    recordings = list(filter(None, (naming.parse(file.name) for file in found)))
    for report in reports:
        name, _, ending = report.name.partition(".")
        stem = naming.stem(now, name)
        era = naming.next_era(stem, recordings)
        file = Sized(f"{stem}.era{era}.{ending}" if era else f"{stem}.{ending}", len(report.content))
        found[file] = partial(io.BytesIO, report.content)
    return found


def _fill(done: CopyOutcome, found: dict[Sized, Opener], card: Partition) -> CopyOutcome:
    present = tuple(card.present())
    there = {file.name for file in present}
    todo = plan(found, present, card.budget(), card.cluster)
    for name in todo.remove:
        card.remove(name)
    done = done.replace(removed=len(todo.remove), left_out=todo.left_out)
    for file in todo.copy:
        try:
            with found[file]() as source:
                # A copy in another size goes last, where there is room for both.
                if file.name in there and not card.has_room(file.octets):
                    card.remove(file.name)
                card.write(source, file)
        except FileNotFoundError:
            done = done.replace(left_out=done.left_out + 1)  # the recorder has made room meanwhile
            continue
        except OSError as error:
            # What is on the card is told, whatever became of the rest.
            left = done.left_out + len(todo.copy) - done.files
            return done.replace(problem=f"{file.name}: {_reason(error)}", left_out=left)
        done = done.replace(files=done.files + 1, octets=done.octets + file.octets)
    return done


def _reason(error: Exception) -> str:
    return error.strerror if isinstance(error, OSError) and error.strerror else str(error)


def main(argv: Sequence[str]) -> int:
    """Answer the daemon's request; return the exit status."""
    card = Partition(PARTITION)
    if argv == ["close"]:
        resting.note(_ENDED)
        jobs.settle(exchange.OUTCOME)
        return 1 if card.close() else 0
    resting.rest(_ENDED)
    request = exchange.asked()
    if request is None or ((known := exchange.outcome(request.number)) and known.ended):
        return 0
    exchange.answer(CopyOutcome(number=request.number))
    # So that `finally` closes the partition; the unit's ExecStopPost= does it where even that is cut off.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    os.umask(0o077)
    if exchange.is_partition():
        user = pwd.getpwnam(_USER)
        # Made before the partition is opened, which is writable for no longer than needed.
        done = copy(request, card, user.pw_uid, list(reports.make(user)), time.time())
    else:
        done = CopyOutcome(number=request.number, problem=f"no partition is mounted at {PARTITION}")
    exchange.answer(done.replace(ended=True))
    print(f"{done.files} files of {done.octets} octets copied, {done.removed} removed, {done.left_out} left out")
    if done.problem:
        print(f"<4>{done.problem}", file=sys.stderr)
    return 1 if done.problem else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
