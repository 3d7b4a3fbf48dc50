from __future__ import annotations

import pytest

from whimbrel.events.alerts import Severity
from whimbrel.events.base import Level
from whimbrel.wording.styles import Style, of_level, of_severity, paint


def test_a_style_begins_and_ends() -> None:
    assert paint("x", Style.BAD) == "\x1b[31mx\x1b[0m"
    assert paint("x", Style.PLAIN) == "x"


@pytest.mark.parametrize("level", Level)
def test_every_level_has_a_style(level: Level) -> None:
    assert isinstance(of_level(level), Style)


def test_severities_by_their_names() -> None:
    assert of_severity("critical") is of_severity(Severity.CRITICAL) is Style.ALARM
    assert of_severity("of a module that comes later") is Style.PLAIN
