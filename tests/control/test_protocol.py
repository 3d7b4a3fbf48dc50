from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whimbrel.control.protocol import (
    MAX_DEPTH,
    ProtocolError,
    Request,
    answer,
    answer_ends,
    parse_request,
    refusal,
    to_line,
)


def test_a_request() -> None:
    line = b'{"verb": "restart", "module": "sniffer", "id": 7}\n'
    assert parse_request(line) == Request("restart", {"module": "sniffer"}, 7)
    assert parse_request(b'{"verb":"status"}') == Request("status", {}, None)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b"status\n", 'expected a JSON object such as {"verb": "status"}'),
        (b"\xff\x00\xfe\n", "octets that are not text"),
        (b"[1]\n", "found an array"),
        (b"null\n", "found null"),
        (b"1\n", "found a number"),
        (b'"x"\n', "found a string"),
        (b"true\n", "found a boolean"),
        (b"{}\n", '"verb"'),
        (b'{"verb": 5}\n', '"verb"'),
        (b'{"verb": ""}\n', '"verb"'),
        (b"[" * 30000, "nested too deeply"),
        (b"1" * 5000, "JSON"),
        (b'{"verb": "status", "id": NaN}\n', "NaN is no number"),
        (b'{"verb": "status", "id": [-Infinity]}\n', "-Infinity is no number"),
        (b'{"verb": "status", "id": 1e999}\n', "1e999 is no number"),
        (b'{"verb": "status", "id": ' + b"[" * MAX_DEPTH + b"]" * MAX_DEPTH + b"}\n", f"at most {MAX_DEPTH} deep"),
        (b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1), f"at most {MAX_DEPTH} deep"),
    ],
)
def test_what_is_no_request(line: bytes, said: str) -> None:
    with pytest.raises(ProtocolError) as caught:
        parse_request(line)
    assert said in str(caught.value)


def test_a_refusal_names_the_request() -> None:
    with pytest.raises(ProtocolError) as caught:
        parse_request(b'{"verb": null, "id": "abc"}')
    assert caught.value.id == "abc"


def test_answers_are_one_line_of_ascii() -> None:
    assert answer({"a": "ä\n\x1b"}, 1) == b'{"ok":true,"result":{"a":"\\u00e4\\n\\u001b"},"id":1}\n'
    assert refusal("no", None) == b'{"ok":false,"error":"no"}\n'


def test_what_json_has_not_is_not_sent() -> None:
    with pytest.raises(ValueError, match="JSON"):
        to_line(float("nan"))


def test_the_deepest_request_is_taken() -> None:
    inner = b'{"a": [' * (MAX_DEPTH // 2 - 1) + b"0.5" + b"]}" * (MAX_DEPTH // 2 - 1)
    request = parse_request(b'{"verb": "restart", "module": ' + inner + b"}")
    value = request.args["module"]
    for _ in range(MAX_DEPTH // 2 - 1):
        [value] = value["a"]
    assert value == 0.5


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(_JSON, _JSON)
def test_an_answer_in_parts_is_the_answer(result: object, id_: object) -> None:
    before, behind = answer_ends(id_)
    assert before + to_line(result).rstrip(b"\n") + behind == answer(result, id_)


@given(st.binary(max_size=200))
def test_any_octets_are_a_request_or_a_protocol_error(line: bytes) -> None:
    try:
        request = parse_request(line)
    except ProtocolError as error:
        json.loads(refusal(str(error)))
    else:
        assert request.verb
        json.loads(answer(request.args, request.id))
