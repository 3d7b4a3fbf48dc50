"""``survey --watch``: the tables of the survey on a full screen, live. curses draws only changes, and restores the
terminal."""

from __future__ import annotations

import argparse
import contextlib
import curses
import locale
import os
import sys
import time

from whimbrel.cli import exits, survey_screen
from whimbrel.cli.asking import connection
from whimbrel.cli.survey_choice import ORDERS, SurveyChoice
from whimbrel.cli.survey_screen import Line, Picture
from whimbrel.cli.terminal import look
from whimbrel.client.blocking import BlockingClient
from whimbrel.text import isolated
from whimbrel.verbs.air import SURVEY
from whimbrel.verbs.alerts import ALERTS
from whimbrel.verbs.daemon import STATUS
from whimbrel.wording.styles import Style
from whimbrel.wording.tables import Span, text_width

_EVERY = 1.0
"""Seconds between two requests to the daemon."""
_LEAST = (40, 10)
"""The smallest useful size in columns and rows."""
_PAIRS = {Style.BAD: 1, Style.ALARM: 1, Style.DOUBTFUL: 2, Style.GOOD: 3, Style.DISASTER: 4}
_COLOURS = {
    1: (curses.COLOR_RED, -1),
    2: (curses.COLOR_YELLOW, -1),
    3: (curses.COLOR_GREEN, -1),
    4: (curses.COLOR_WHITE, curses.COLOR_RED),
}
_WEIGHTS = {
    Style.STRONG: curses.A_BOLD,
    Style.FAINT: curses.A_DIM,
    Style.ALARM: curses.A_BOLD,
    Style.DISASTER: curses.A_BOLD,
}
_MOVES = {
    curses.KEY_DOWN: 1,
    curses.KEY_UP: -1,
    curses.KEY_NPAGE: 10,
    curses.KEY_PPAGE: -10,
    curses.KEY_HOME: -(1 << 16),
}


def watch(args: argparse.Namespace, choice: SurveyChoice) -> int:
    """Show the screen until q is pressed. Raises `CommandError` without a terminal or a daemon."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise exits.CommandError(exits.USAGE, "--watch needs a terminal; for programs there is --json, and `tail`")
    locale.setlocale(locale.LC_ALL, "")  # curses writes names in the terminal's own encoding
    os.environ.setdefault("ESCDELAY", "25")  # milliseconds after which an Esc is the key
    with connection(args) as client:
        try:
            curses.wrapper(_Watch(client, choice).run)
        except curses.error as error:
            term = os.environ.get("TERM", "")
            raise exits.CommandError(exits.USAGE, f"--watch cannot use this terminal (TERM={term}): {error}") from error
    return exits.OK


class _Watch:
    """One run: the selection, the order, and the topmost row."""

    def __init__(self, client: BlockingClient, choice: SurveyChoice) -> None:
        self._client = client
        self._choice = choice
        self._first = 0
        self._attributes: dict[Style, int] = {}

    def run(self, window: curses.window) -> None:
        """Request, draw and read keys until one of them ends it."""
        self._attributes = _attributes(coloured=look().coloured)
        with contextlib.suppress(curses.error):  # a terminal may be unable to hide its cursor
            curses.curs_set(0)
        known = self._ask()
        due = time.monotonic() + _EVERY
        while True:
            self._draw(window, known)
            window.timeout(max(round((due - time.monotonic()) * 1000), 0))
            key = window.getch()
            if key in {ord("q"), ord("Q"), 27}:
                return
            self._take(key)
            if time.monotonic() >= due:
                known = self._ask()
                due = time.monotonic() + _EVERY

    def _ask(self) -> Picture:
        ask = self._client.ask
        return Picture(ask(STATUS).status, ask(SURVEY), ask(ALERTS), self._choice.sort)

    def _take(self, key: int) -> None:
        if key in _MOVES:
            self._first = max(self._first + _MOVES[key], 0)
        elif key == ord("s"):
            self._choice = self._choice._replace(sort=ORDERS[(ORDERS.index(self._choice.sort) + 1) % len(ORDERS)])

    def _draw(self, window: curses.window, known: Picture) -> None:
        rows, columns = window.getmaxyx()
        shown = known._replace(survey=self._choice.of(known.survey), sort=self._choice.sort)
        self._first = min(self._first, max(len(shown.survey.access_points) - survey_screen.rows_of(shown, rows)[0], 0))
        window.erase()
        if columns < _LEAST[0] or rows < _LEAST[1]:
            self._write(window, 0, [Span("too small; q ends")], columns)
        else:
            for number, line in enumerate(survey_screen.draw(shown, columns, rows, self._first)):
                self._write(window, number, line, columns)
        window.refresh()

    def _write(self, window: curses.window, row: int, line: Line, columns: int) -> None:
        column = 0
        for span in line:
            text = isolated(span.text)
            room = columns - column + len(text) - len(span.text)  # isolates take no cell
            # The terminal may have shrunk since it was measured.
            with contextlib.suppress(curses.error):
                window.addnstr(row, column, text, room, self._attributes[span.style])
            column += text_width(span.text)


def _attributes(*, coloured: bool) -> dict[Style, int]:
    """Return the curses attributes of each style."""
    coloured = coloured and curses.has_colors()
    if coloured:
        curses.use_default_colors()
        for number, (ink, paper) in _COLOURS.items():
            curses.init_pair(number, ink, paper)
    found = {}
    for style in Style:
        found[style] = _WEIGHTS.get(style, curses.A_NORMAL)
        if coloured and style in _PAIRS:
            found[style] |= curses.color_pair(_PAIRS[style])
        elif style is Style.DISASTER:
            found[style] |= curses.A_REVERSE
    return found
