from __future__ import annotations

import pytest

from whimbrel.wording.suggestions import did_you_mean, no_such, suggestion

MANY = [f"rule-{number:03}" for number in range(50)]


@pytest.mark.parametrize(
    ("name", "known", "asked"),
    [
        ("statsu", ["tail", "status"], "did you mean status?"),
        ("backof_min", ["backoff_min", "backoff_max", "x"], "did you mean backoff_min or backoff_max?"),
        ("Dwell", ["dwell"], "did you mean dwell?"),
        ("deauth_flood", ["deauth-flood"], "did you mean deauth-flood?"),
        ("zzz", ["dwell"], ""),
        ("", ["dwell"], ""),
        ("dwell", [], ""),
    ],
)
def test_what_was_meant(name: str, known: list[str], asked: str) -> None:
    assert did_you_mean(name, known) == asked


def test_without_a_likely_one_all_are_listed() -> None:
    assert suggestion("zzz", ["b", "a"]) == "there are b, a"
    assert suggestion("zzz", ["a"]) == "there is a"
    assert suggestion("zzz", []) == "there is none"
    assert suggestion("zzz", MANY) == ""


def test_a_refusal_names_what_was_asked_for() -> None:
    assert no_such("verb", "statsu", ["status", "tail"]) == "no verb is called 'statsu'; did you mean status?"
    assert no_such("rule", "zzz", MANY) == "no rule is called 'zzz'"
    assert len(no_such("verb", "x" * 100_000, ["b", "a"])) < 200
    assert "\n" not in no_such("verb", "a\nb", ["b", "a"])
