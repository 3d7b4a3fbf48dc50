from __future__ import annotations

from pathlib import Path

import pytest

from whimbrel.events.base import KNOWN_FROM
from whimbrel.timekeeping import exchange
from whimbrel.timekeeping.exchange import TimeOutcome, TimeRequest


def test_a_request_arrives_and_its_outcome(tmp_path: Path) -> None:
    request, outcome = tmp_path / "request", tmp_path / "outcome.json"
    wanted = TimeRequest(number=7, milliseconds=1_800_000_000_123)
    exchange.ask(wanted, request)
    assert exchange.asked(request) == wanted
    done = TimeOutcome(number=7, problem="no \x1broot", ended=True)
    exchange.answer(done, outcome)
    assert exchange.outcome(7, outcome) == done.replace(problem="no \\x1broot")
    assert exchange.outcome(8, outcome) is None


def test_what_waits_is_set_to_the_time_by_then() -> None:
    assert TimeRequest(number=1000, milliseconds=1_800_000_000_000).time(26_500) == 1_800_000_025.5


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "{}", '{"number": 1}', '{"number": 1, "milliseconds": -1}', '{"number": 1, "milliseconds": 1.5}'],
)
def test_what_is_none_is_no_request(tmp_path: Path, text: str) -> None:
    path = tmp_path / "request"
    path.write_text(text)
    assert exchange.asked(path) is None


def test_a_time_is_after_the_software_and_before_2100() -> None:
    assert not exchange.refusal(KNOWN_FROM)
    assert not exchange.refusal(exchange.LATEST - 1)
    assert "in the past" in exchange.refusal(KNOWN_FROM - 1)
    assert "in the past" in exchange.refusal(KNOWN_FROM + 5, KNOWN_FROM + 10)
    assert "2099" in exchange.refusal(exchange.LATEST)
