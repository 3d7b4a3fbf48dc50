"""Sessions and failed logins: what begins, what ends, and how much is remembered."""

from __future__ import annotations

import hmac
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whimbrel.web import sessions
from whimbrel.web.sessions import MOST, SPAN, TRIES, TRIES_OF_ALL, Sessions, Tries, digest, same


def test_a_session_ends_at_its_time_and_not_before() -> None:
    known = Sessions()
    known.begin("secret", 100.0, 50.0)
    assert known.end_of("secret", 149.9) == 150.0
    assert known.end_of("secret", 150.0) is None
    assert known.end_of("other", 100.0) is None
    assert known.left(150.0) == {}


def test_an_ended_session_is_gone() -> None:
    known = Sessions()
    known.begin("secret", 0.0, 50.0)
    known.end("secret")
    assert known.end_of("secret", 1.0) is None


def test_no_secret_is_kept_and_what_is_kept_goes_on_in_the_next_process() -> None:
    known = Sessions()
    known.begin("secret", 0.0, 50.0)
    kept = known.left(1.0)
    assert "secret" not in repr(kept)
    assert kept == {digest("secret"): 50.0}
    assert Sessions(kept).end_of("secret", 1.0) == 50.0


def test_one_session_too_many_ends_the_one_that_would_end_first() -> None:
    known = Sessions()
    for number in range(MOST + 1):
        known.begin(f"secret {number}", float(number), 1000.0)
    assert known.end_of("secret 0", 40.0) is None
    assert known.end_of("secret 1", 40.0) is not None
    assert len(known.left(40.0)) == MOST


def test_an_address_has_some_tries_and_another_has_its_own() -> None:
    tries = Tries(of_all=False)
    for second in range(TRIES):
        assert tries.pause("here", float(second)) == 0.0
        tries.failed("here", float(second))
    assert tries.pause("here", 10.0) == SPAN - 10.0
    assert tries.pause("there", 10.0) == 0.0
    assert tries.pause("here", SPAN) == 0.0


def test_many_addresses_share_a_limit() -> None:
    tries = Tries(of_all=True)
    for number in range(TRIES_OF_ALL):
        tries.failed(f"address {number}", 0.0)
    assert tries.pause("another", 1.0) == SPAN - 1.0
    assert tries.pause("another", SPAN) == 0.0
    tries.of_all = False
    assert tries.pause("another", 1.0) == 0.0, "with a token that nobody guesses, they lock out no owner"


@pytest.mark.parametrize(("one", "other", "together"), [
    ("192.0.2.1", "192.0.2.2", False), ("192.0.2.1", "::ffff:192.0.2.1", True),
    ("2001:db8::1", "2001:db8::2:3", True), ("2001:db8::1", "2001:db8:0:1::1", False),
    ("fe80::1%eth0", "fe80::2%eth0", False), ("fe80::1%eth0", "fe80::1%wlan0", True),
])  # fmt: skip
def test_the_addresses_of_one_place_share_a_limit(one: str, other: str, together: bool) -> None:
    tries = Tries(of_all=False)
    for _ in range(TRIES):
        tries.failed(one, 0.0)
    assert (tries.pause(other, 1.0) > 0.0) is together


def test_no_number_of_addresses_takes_more_memory() -> None:
    tries = Tries(of_all=True)
    for number in range(10_000):
        tries.failed(f"address {number}", float(number))
    assert len(tries._of) == sessions._PLACES
    assert len(tries._all) == TRIES_OF_ALL


ANY = st.text(st.characters(exclude_categories=()))
"""Also halves of surrogate pairs, which stand for octets of a header that are no UTF-8."""


@given(ANY)
def test_no_cookie_raises(secret: str) -> None:
    known = Sessions()
    assert known.end_of(secret, 0.0) is None
    known.end(secret)


@given(ANY, ANY)
def test_secrets_are_the_same_where_they_are_equal(one: str, other: str) -> None:
    assert same(one, one)
    assert same(one, other) is (one == other)


def test_secrets_are_compared_in_a_time_that_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both sides are hashed, so neither the first difference nor the length shows, and the compare is hmac's."""
    compared: list[tuple[bytes, bytes]] = []

    def noted(one: bytes, other: bytes) -> bool:
        compared.append((one, other))
        return hmac.compare_digest(one, other)

    monkeypatch.setattr(sessions, "hmac", SimpleNamespace(compare_digest=noted))
    assert not same("short", "a longer secret")
    assert [len(one) == len(other) == 32 for one, other in compared] == [True]


def test_sessions_move_with_the_clock() -> None:
    sessions = Sessions()
    sessions.begin("secret", 100.0, 50.0)
    sessions.shift(1000.0, latest=1200.0)
    assert sessions.end_of("secret", 1149.0) == 1150.0
    assert sessions.end_of("secret", 1150.0) is None
    sessions.shift(1000.0, latest=2100.0)
    assert sessions.end_of("secret", 2000.0) == 2100.0
