from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whimbrel.control.protocol import ProtocolError, Request, answer, parse_request, refusal, to_line


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


@given(st.binary(max_size=200))
def test_any_octets_are_a_request_or_a_protocol_error(line: bytes) -> None:
    try:
        request = parse_request(line)
    except ProtocolError as error:
        json.loads(refusal(str(error)))
    else:
        assert request.verb
        json.loads(answer(request.args, request.id))
