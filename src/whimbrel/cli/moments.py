"""Times as people give them to a command: yesterday, a date, or how long ago."""

from __future__ import annotations

import argparse
import datetime

_DAYS = {"today": 0, "yesterday": 1}
_EXAMPLE = "today, yesterday, 2026-11-28, 2026-11-28T14:30, or how long ago: 12h, 7d"


def moment(text: str) -> float:
    """Read a local time, in seconds since the epoch. Raises ArgumentTypeError."""
    now = datetime.datetime.now().astimezone()
    try:
        if text in _DAYS:
            day = now.date() - datetime.timedelta(days=_DAYS[text])
            return datetime.datetime.combine(day, datetime.time()).timestamp()
        if text[:1].isdigit() and text.count("-") == 2:
            return datetime.datetime.fromisoformat(text).timestamp()
        from whimbrel.cli.options import duration

        return now.timestamp() - duration(text)
    except (ValueError, OverflowError, OSError, argparse.ArgumentTypeError):
        raise argparse.ArgumentTypeError(f"expected {_EXAMPLE}; found {text!r}") from None
