from __future__ import annotations

import pytest

from whimbrel.wifi.reasons import REASONS, STATUSES, reason, status


@pytest.mark.parametrize(
    ("code", "word"),
    [
        (1, "unspecified"),
        (3, "leaving"),
        (7, "not associated"),
        (14, "integrity"),
        (15, "4-way"),
        (23, "802.1X"),
        (49, "PMKID"),
        (66, "mesh"),
    ],
)
def test_reasons(code: int, word: str) -> None:
    assert word in reason(code)


@pytest.mark.parametrize(
    ("code", "word"),
    [
        (0, "success"),
        (17, "more stations"),
        (30, "later"),
        (53, "PMKID"),
        (76, "anti-clogging"),
        (126, "hash-to-element"),
    ],
)
def test_statuses(code: int, word: str) -> None:
    assert word in status(code)


def test_reserved_codes_say_so() -> None:
    assert reason(0) == reason(40) == reason(65535) == status(4) == status(65535) == "reserved"


def test_the_codes_that_the_standard_leaves_out_are_reserved() -> None:
    """Tables 9-49 and 9-50, whose last codes are 71 and 135."""
    between = {*range(40, 45), 69, 70}
    assert REASONS.keys() == {*range(1, 72)} - between
    between = {4, 8, 9, 20, 21, 26, 29, 36, 48, 66, *range(69, 72), 90, 91, 114, 115, 125, *range(130, 135)}
    assert STATUSES.keys() == {*range(136)} - between


def test_words_fit_a_line_and_tell_codes_apart() -> None:
    for table in (REASONS, STATUSES):
        assert len(set(table.values())) == len(table)
        assert all(0 < len(words) <= 60 and words.isprintable() for words in table.values())
