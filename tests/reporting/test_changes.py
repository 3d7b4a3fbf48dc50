from __future__ import annotations

from typing import Any

import pytest
from tests.reporting.rows import AP, BEGAN

from whimbrel.events.air import Change
from whimbrel.reporting.changes import LISTED, changes
from whimbrel.verbs.history import ChangePast, DatedMoment
from whimbrel.wifi.security import Pmf, Protection


def changed(field: str, old: Any, new: Any, *, clock: bool = True, name: bytes = b"home") -> ChangePast:
    return ChangePast(bssid=AP, ssid=name, at=DatedMoment(time=BEGAN, clock=clock), change=Change(field, old, new))


@pytest.mark.parametrize(
    ("field", "old", "new", "told"),
    [
        (
            "security",
            Protection.WPA3_PERSONAL,
            Protection.WPA2_PERSONAL,
            ("security", "WPA3-Personal", "WPA2-Personal"),
        ),
        ("pmf", Pmf.REQUIRED, Pmf.NONE, ("PMF", "required", "none")),
        ("ssid", b"", b"a\x1b[2J", ("name", "none", "a\\x1b[2J")),
        ("mesh_id", None, b"sea", ("mesh", "none", "sea")),
        ("freq", 2437, 5180, ("channel", "6", "36")),
        ("freq", 0, 5955, ("channel", "not told", "6GHz:1")),
        ("akms", (), ("SAE", "PSK"), ("key management", "none", "SAE, PSK")),
        ("wps", False, True, ("WPS", "no", "yes")),
        ("width", 20, 80, ("width in MHz", "20", "80")),
        ("of a later\nversion", 1, "\x07", ("of a later\\nversion", "1", "\\x07")),
    ],
)
def test_in_words(field: str, old: Any, new: Any, told: tuple[str, ...]) -> None:
    ((line,), more) = changes([changed(field, old, new)])
    assert (line.what, line.before, line.after) == told
    assert (line.name, line.bssid, more) == ("home", "02:00:00:00:00:01", 0)


def test_the_newest_have_room_and_what_has_no_time_is_left_out() -> None:
    rows = [changed("width", 20, 40, clock=number % 2 == 0) for number in range(LISTED * 2 + 6)]
    listed, more = changes(rows)
    assert (len(listed), more) == (LISTED, 3)
