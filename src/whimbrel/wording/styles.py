"""Styles of text on a terminal, with their control sequences (ECMA-48, SGR)."""

from __future__ import annotations

import enum
from typing import NamedTuple

from whimbrel.events.alerts import Severity
from whimbrel.events.base import Level

_RESET = "\x1b[0m"


class Style(enum.Enum):
    """A style; the value is the parameters of the control sequence that begins it."""

    PLAIN = ""
    FAINT = "2"
    STRONG = "1"
    GOOD = "32"
    DOUBTFUL = "33"
    BAD = "31"
    ALARM = "1;31"
    DISASTER = "1;37;41"


_OF_LEVELS = {
    Level.EMERGENCY: Style.DISASTER,
    Level.ALERT: Style.DISASTER,
    Level.CRITICAL: Style.ALARM,
    Level.ERROR: Style.BAD,
    Level.WARNING: Style.DOUBTFUL,
    Level.NOTICE: Style.STRONG,
    Level.INFO: Style.PLAIN,
    Level.DEBUG: Style.FAINT,
}
_OF_SEVERITIES: dict[str, Style] = {
    Severity.CRITICAL: Style.ALARM,
    Severity.WARNING: Style.DOUBTFUL,
    Severity.NOTICE: Style.STRONG,
    Severity.WEAKNESS: Style.PLAIN,
}


def paint(text: str, style: Style) -> str:
    """Return `text` in a style."""
    return f"\x1b[{style.value}m{text}{_RESET}" if style.value else text


def of_level(level: Level) -> Style:
    """Return the style of a level."""
    return _OF_LEVELS[level]


def of_severity(name: str) -> Style:
    """Return the style of a severity by its name; none for other names."""
    return _OF_SEVERITIES.get(name, Style.PLAIN)


class Look(NamedTuple):
    """The width and colours of output for people."""

    width: int = 0
    """Limit of a table in columns; 0: no limit."""
    coloured: bool = False
    """Whether to use colours."""

    def paint(self, text: str, style: Style) -> str:
        """Return `text` in a style, if colours are used."""
        return paint(text, style) if self.coloured else text


PLAIN = Look()
"""Unlimited width, no colours."""
