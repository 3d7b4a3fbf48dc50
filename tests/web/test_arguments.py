"""Arguments of requests: what fits, what is refused in words, and that nothing else comes of any input."""

from __future__ import annotations

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whimbrel.web.arguments import BadArgument, fits, of_body, of_query, words
from whimbrel.web.routes import KEYS, ROUTES, Route

HISTORY = next(route for route in ROUTES if route.path.endswith("/history"))
CAMP = next(route for route in ROUTES if route.path.endswith("/camp"))
LEARN = next(route for route in ROUTES if route.path.endswith("/learn"))
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


def test_a_query_is_read_by_the_form_of_its_keys() -> None:
    pairs = [("what", "alerts changes"), ("since", "1.5"), ("new", "true"), ("step", "24")]
    assert of_query(HISTORY, pairs) == {"what": "alerts changes", "since": 1.5, "new": True, "step": 24}


@pytest.mark.parametrize(
    ("pairs", "text"),
    [
        ([("since", "yesterday")], "since: expected a number"),
        ([("since", "nan")], "since: expected a number"),
        ([("since", "-1")], "from 0"),
        ([("step", "0")], "step: expected a whole number from 1 to 8760, found 0"),
        ([("step", "١")], "step: expected a whole number"),
        ([("new", "yes")], "expected true or false"),
        ([("what", "a"), ("what", "b")], "what is there twice"),
        ([("\x1b[2J", "1")], r"\x1b[2J is not known here"),
    ],
)
def test_a_query_of_another_form_is_refused_in_words(pairs: list[tuple[str, str]], text: str) -> None:
    with pytest.raises(BadArgument) as refused:
        of_query(HISTORY, pairs)
    assert text in str(refused.value)


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b"[]", "expected a JSON object"),
        (b"{", "expected a JSON object"),
        (b"\xff", "expected a JSON object"),
        (b"[" * 100_000, "expected a JSON object"),
        (b"{}", "channel, seconds is missing"),
        (b'{"channel": "6", "seconds": 0}', "seconds: expected a number above 0, found 0"),
        (b'{"channel": "6", "seconds": NaN}', "seconds: expected a number"),
        (b'{"channel": "6", "seconds": true}', "seconds: expected a number"),
        (b'{"channel": 6, "seconds": 1}', "channel: expected a text"),
        (b'{"channel": "\\ud800", "seconds": 1}', "channel: expected a text"),
        (b'{"channel": "6", "seconds": 1, "verb": "erase"}', "verb is not known here; there is channel, seconds"),
    ],
)
def test_a_body_of_another_form_is_refused_in_words(body: bytes, text: str) -> None:
    with pytest.raises(BadArgument) as refused:
        of_body(CAMP, body)
    assert text in str(refused.value)


def test_a_list_has_texts_and_an_end() -> None:
    assert of_body(LEARN, b'{"ssids": ["home"]}') == {"ssids": ["home"]}
    for ssids in ([1], ["x"] * 257, [["x"]], None):
        with pytest.raises(BadArgument):
            of_body(LEARN, json.dumps({"ssids": ssids}).encode())


def test_nothing_stands_for_an_empty_object() -> None:
    assert of_body(LEARN, b"") == {}


@given(st.sampled_from(ROUTES), st.lists(st.tuples(st.sampled_from(sorted({"x", *HISTORY.keys})), st.text())))
def test_no_query_raises_anything_else(route: Route, pairs: list[tuple[str, str]]) -> None:
    with contextlib.suppress(BadArgument):
        assert all(fits(value, route.keys[name]) for name, value in of_query(route, pairs).items())


@given(st.sampled_from(ROUTES), JSON_VALUES)
def test_no_body_raises_anything_else(route: Route, value: object) -> None:
    for body in (json.dumps(value), json.dumps(dict.fromkeys(route.keys, value))):
        with contextlib.suppress(BadArgument):
            assert all(fits(each, route.keys[name]) for name, each in of_body(route, body.encode()).items())


def test_every_form_has_words() -> None:
    assert all(words(schema) for keys in KEYS.values() for schema in keys.values())
