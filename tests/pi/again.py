"""The board started once more, with nothing to listen with and a clock that knows nothing."""

from __future__ import annotations

from pathlib import Path

from tests.pi.board import Card, started
from tests.pi.firststart import PATIENCE, stop
from tests.pi.report import Report

_CLOCK = "/var/lib/systemd/timesync/clock"
_LATER = 3600
"""Seconds from the end of the last run in which the board has certainly come as far as a shell."""


def run(card: Card, results: Path, report: Report) -> None:
    """Check that it goes on from the last time, waits for a radio and says so."""
    kept = card.changed(_CLOCK)
    with started(card, results, "again", "module_blacklist=mac80211_hwsim") as board:
        board.open(PATIENCE)
        now = int(board.ask("date +%s").output)
        report.check("it goes on from the time of its last end", kept <= now < kept + _LATER, (kept, now))
        report.true(board, "there is no radio", '[ -z "$(iw dev 2> /dev/null)" ]')
        report.becomes(board, "whimbrel.service runs all the same", "whimbrel status", 180)
        asked = "whimbrel modules | grep -E '^sniffer' | grep -q 'plug in'"
        report.becomes(board, "and says that it waits for an adapter", asked, 60)
        report.true(board, "the card is told, too", "for i in 1 2; do systemctl start whimbrel-problems.service; done")
        stop(board, card, report)
    told = card.read("problems.txt").decode()
    report.check("its owner's computer finds what to do", "plug in" in told, told)
