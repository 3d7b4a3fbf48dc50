from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whimbrel.drivers.keypad.keystrokes import LONGEST_SEQUENCE, TAP, Change, Keystroke, KeystrokeParser, Typist

KEYS = {
    b"\x1b[A": "up", b"\x1b[B": "down", b"\x1b[C": "right", b"\x1b[D": "left",
    b"\x1bOA": "up", b"\x1bOB": "down", b"\x1bOC": "right", b"\x1bOD": "left",
    b"\r": "ok", b"\n": "ok", b"\x1bOM": "ok", b"\x7f": "back", b"\x08": "back", b"a": "back", b"b": "menu",
}  # fmt: skip
HELD = {
    b"\x1b[1;2A": "up", b"\x1b[1;3D": "left", b"\x1bO5B": "down", b"\x1b\r": "ok", b"A": "back", b"B": "menu",
    b"\x1ba": "back", b"\x1b\x7f": "back",
}  # fmt: skip


@pytest.mark.parametrize(("sent", "key"), KEYS.items(), ids=map(repr, KEYS))
def test_keys(sent: bytes, key: str) -> None:
    parser = KeystrokeParser()
    assert parser.feed(sent) == [Keystroke(key, False)]
    assert not parser.pending


@pytest.mark.parametrize(("sent", "key"), HELD.items(), ids=map(repr, HELD))
def test_shift_and_alt_hold_a_key(sent: bytes, key: str) -> None:
    assert KeystrokeParser().feed(sent) == [Keystroke(key, True)]


def test_num_lock_alone_does_not_hold() -> None:
    assert KeystrokeParser().feed(b"\x1b[1;1A") == [Keystroke("up", False)]


@pytest.mark.parametrize("sent", [*KEYS, *HELD])
def test_sequences_that_come_octet_by_octet(sent: bytes) -> None:
    parser = KeystrokeParser()
    found = [stroke for octet in sent for stroke in parser.feed(bytes([octet]))]
    assert found == KeystrokeParser().feed(sent)


def test_esc_alone_is_back_once_nothing_follows() -> None:
    parser = KeystrokeParser()
    assert parser.feed(b"\x1b") == []
    assert parser.pending
    assert parser.flush() == [Keystroke("back", False)]
    assert not parser.pending
    assert parser.feed(b"\x1b\x1b[A") == [Keystroke("back", False), Keystroke("up", False)]


def test_a_sequence_that_breaks_off_is_no_key() -> None:
    parser = KeystrokeParser()
    assert parser.feed(b"\x1b[1;") == []
    assert parser.flush() == []
    assert parser.feed(b"b") == [Keystroke("menu", False)]


@pytest.mark.parametrize(
    "sent",
    [b"\x1b[[A", b"\x1b[15~", b"\x1b[200~", b"\x1b[I", b"\x1b[5;1R", b"xyz19\x04\x00", "äß😀".encode(), b"\x1bx"],
)
def test_what_is_no_key_of_ours_does_nothing(sent: bytes) -> None:
    parser = KeystrokeParser()
    assert parser.feed(sent) == []
    assert not parser.pending
    assert parser.feed(b"a") == [Keystroke("back", False)]


@given(st.binary(max_size=300), st.lists(st.integers(0, 300)))
def test_any_octets_in_any_pieces(octets: bytes, cuts: list[int]) -> None:
    whole, pieces = KeystrokeParser(), KeystrokeParser()
    bounds = sorted({0, len(octets), *(cut for cut in cuts if cut < len(octets))})
    found = [stroke for a, b in itertools.pairwise(bounds) for stroke in pieces.feed(octets[a:b])]
    assert found == whole.feed(octets)
    assert len(pieces._sequence) <= LONGEST_SEQUENCE
    assert len(pieces.flush()) <= 1


def typed(*strokes: tuple[float, str], gap: float = 0.12, hold: float = 1.0) -> list[tuple[float, str, bool]]:
    """Play strokes (a key in capitals is held by Shift) and return the results with their times."""
    typist = Typist(gap=gap, hold=hold)
    told: list[tuple[float, str, bool]] = []

    def tell(at: float, changes: list[Change]) -> None:
        told.extend((round(at, 3), key, down) for key, down in changes)

    for at, name in [*strokes, (1e9, "")]:
        while (due := typist.due()) is not None and due < at:
            tell(due, typist.advance(due))
        if name:
            tell(at, typist.strike(Keystroke(name.lower(), name.isupper()), at))
    return told


def test_a_stroke_alone_is_let_go_at_once() -> None:
    assert typed((1.0, "ok")) == [(1.0, "ok", True), (1.0 + TAP, "ok", False)]


@pytest.mark.parametrize(("delay", "rate"), [(0.25, 10.9), (0.5, 33.0), (0.66, 25.0), (0.2, 40.0)])
def test_a_key_that_the_terminal_repeats_is_held_until_the_gap(delay: float, rate: float) -> None:
    repeats = [(1.0 + delay + n / rate, "down") for n in range(40)]
    told = typed((1.0, "down"), *repeats)
    assert told[:2] == [(1.0, "down", True), (1.03, "down", False)]
    assert told[2:] == [
        (round(1.0 + delay, 3), "down", True),
        (round(repeats[-1][0] + 0.12, 3), "down", False),
    ]


def test_strokes_of_a_finger_stay_apart() -> None:
    assert [down for _, _, down in typed(*((1 + n / 6, "ok") for n in range(10)))] == [True, False] * 10


def test_another_key_ends_the_one_before() -> None:
    assert typed((1.0, "up"), (1.01, "down")) == [
        (1.0, "up", True), (1.01, "up", False), (1.01, "down", True), (1.04, "down", False),
    ]  # fmt: skip


def test_shift_holds() -> None:
    assert typed((1.0, "OK")) == [(1.0, "ok", True), (2.0, "ok", False)]
    assert typed((1.0, "OK"), *((1.5 + n / 30, "OK") for n in range(30))) == [
        (1.0, "ok", True),
        (round(1.5 + 29 / 30 + 0.12, 3), "ok", False),
    ]


@given(st.lists(st.tuples(st.floats(0, 2), st.sampled_from(["up", "ok", "OK", "menu"])), max_size=60))
def test_presses_and_releases_take_turns_one_key_at_a_time(strokes: list[tuple[float, str]]) -> None:
    at = 1.0
    timed = []
    for pause, name in strokes:
        at += pause
        timed.append((at, name))
    told = typed(*timed)
    assert [down for _, _, down in told] == [True, False] * (len(told) // 2)
    assert all(a[1] == b[1] for a, b in zip(told[::2], told[1::2], strict=True))
