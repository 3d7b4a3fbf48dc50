from __future__ import annotations

from pathlib import Path

import pytest

from whimbrel.securing import exchange
from whimbrel.securing.exchange import SecurityOutcome


def test_a_request_arrives_and_its_outcome(tmp_path: Path) -> None:
    request, outcome = tmp_path / "request", tmp_path / "outcome.json"
    exchange.ask(7, request)
    assert exchange.asked(request) == 7
    done = SecurityOutcome(number=7, packages=3, problem="no \x1bnetwork", ended=True)
    exchange.answer(done, outcome)
    assert exchange.outcome(7, outcome) == done.replace(problem="no \\x1bnetwork")
    assert exchange.outcome(8, outcome) is None


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"number": -1}', '{"number": true}', '{"number": 1e400}'])
def test_what_is_none_is_no_request(tmp_path: Path, text: str) -> None:
    path = tmp_path / "request"
    path.write_text(text)
    assert exchange.asked(path) is None
    assert exchange.outcome(1, path) is None
