from __future__ import annotations

import errno
from pathlib import Path

import pytest
from tests.lab.clocks import Clock

from whimbrel.recording.card import Card
from whimbrel.recording.folder import Folder
from whimbrel.recording.limits import Caps


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def card(tmp_path: Path, clock: Clock) -> Card:
    return Card(Folder(tmp_path, Caps(1 << 20, 0)), clock)


def fail(code: int) -> None:
    raise OSError(code, "as the system says it")


def test_a_card_that_refuses_is_left_in_peace_for_a_moment(card: Card, clock: Clock, tmp_path: Path) -> None:
    assert not card.attempt(lambda: fail(errno.ENOSPC))
    assert card.problem == card.trouble()
    assert card.problem.startswith(f"nothing can be recorded in {tmp_path}: the card is full: ")
    assert card.rests()
    clock.now += 2.5
    assert not card.rests()
    assert card.attempt(lambda: None)
    assert (card.problem, card.trouble()) == ("", "")


def test_an_error_without_advice_is_in_the_words_of_the_system(card: Card) -> None:
    card.attempt(lambda: fail(errno.ENODEV))
    assert card.problem.endswith(": as the system says it")


def test_that_it_was_slow_is_told_for_a_while(card: Card, clock: Clock) -> None:
    card.was_slow("the card is slow")
    assert (card.trouble(), card.problem) == ("the card is slow", "")
    clock.now += 31
    assert not card.trouble()


def test_it_is_looked_at_now_and_then(card: Card, clock: Clock, tmp_path: Path) -> None:
    (tmp_path / "2026-11-29T205314Z-all.pcapng").write_bytes(bytes(10))
    card.look()
    assert card.seen[:2] == (1, 10)
    (tmp_path / "2026-11-29T205315Z-all.pcapng").write_bytes(bytes(10))
    card.look()
    assert card.seen.recordings == 1
    clock.now += 6
    card.look()
    assert card.seen[:2] == (2, 20)


def test_what_was_written_counts_for_an_hour(card: Card, clock: Clock) -> None:
    assert card.last_hour(0) == 0
    clock.now += 1800
    assert card.last_hour(1000) == 1000
    clock.now += 1800
    assert card.last_hour(1500) == 1500
    clock.now += 1860
    assert card.last_hour(1500) == 500
    clock.now += 3600
    assert card.last_hour(1500) == 0
