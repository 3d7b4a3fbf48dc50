"""Starts that end by the plug: what is left of the journal, and of the time."""

from __future__ import annotations

import os
from pathlib import Path

from tests.pi.board import Card, started
from tests.pi.console import Console
from tests.pi.firststart import PATIENCE, stop
from tests.pi.report import Report

_PULLS = int(os.environ.get("PULLS", "3"))
_RUN = 600
"""Seconds of the board from the first mark to the pull of the plug."""
_EVERY = 10
_WRITTEN = 180
"""Seconds after which what the journal has is on the card: two minutes of age, looked at once a minute."""
_KEPT = 300 + 120 + 30
"""Seconds of a run that the next start may not know of: the time is kept every five minutes, and two minutes later at
the most it is on the card."""
_MARKS = "journalctl -b -1 -q -o cat SYSLOG_IDENTIFIER=tests-mark | tail -n 1"
_UNCLEAN = "dmesg | grep -i 'fat-fs.*not properly unmounted'"


def run(card: Card, results: Path, report: Report) -> None:
    """Pull the plug some times, and look in the next start for what the last one had."""
    ended = 0
    for pull in range(1, _PULLS + 1):
        with started(card, results, f"pull-{pull}") as board:
            board.open(PATIENCE)
            _looks_back(board, report, pull, ended)
            report.becomes(board, f"start {pull}: it is ready", "systemctl is-active --quiet whimbrel", 180)
            marks = f"for i in $(seq {_EVERY} {_EVERY} {_RUN}); do logger -t tests-mark $i; sleep {_EVERY}; done"
            board.ask(marks, 7200)
            ended = int(board.ask("date +%s").output)
    with started(card, results, "pulled") as board:
        board.open(PATIENCE)
        _looks_back(board, report, _PULLS + 1, ended)
        report.becomes(board, "it is ready after all that", "systemctl is-active --quiet whimbrel", 180)
        left = "journalctl -q -o json --output-fields=_BOOT_ID SYSLOG_IDENTIFIER=tests-mark"
        runs = int(board.ask(f"{left} | grep -o '\"_BOOT_ID[^,]*' | sort -u | wc -l").output)
        report.check(f"each of {_PULLS} runs that ended by the plug has entries left", runs == _PULLS, runs)
        size = board.ask("journalctl --disk-usage; ls /var/log/journal/*/ | wc -l").output
        report.figure("the journal then, and its files", " ".join(size.split()))
        report.true(board, "the boot partition was left clean by all of them", f"! {_UNCLEAN}")
        board.until("systemctl is-system-running | grep -qx running", 180)
        stop(board, card, report)


def _looks_back(board: Console, report: Report, start: int, ended: int) -> None:
    """Check what this start knows of the one before it, whose last second was `ended`."""
    if not ended:
        return
    began = int(board.ask("echo $(($(date +%s) - $(cut -d. -f1 /proc/uptime)))").output)
    report.figure(f"start {start}: its clock is behind the end of the last one by, s", ended - began)
    report.check(f"start {start}: the time goes on", ended - _KEPT <= began <= ended + 60, (ended, began))
    last = int(board.ask(_MARKS).output or 0)
    report.figure(f"start {start}: of the last {_RUN} s before the plug was pulled, the journal has the first", last)
    report.check(f"start {start}: at most {_WRITTEN} s are lost", last >= _RUN - _WRITTEN, last)
