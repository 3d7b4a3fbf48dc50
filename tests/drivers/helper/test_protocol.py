from __future__ import annotations

import contextlib

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.drivers.linux.thinning.test_order import all_counts, orders

from whimbrel.drivers.helper import protocol
from whimbrel.drivers.helper.protocol import (
    Ask,
    HelperAnswer,
    HelperRequest,
    MalformedRequest,
    Outcome,
    pack_answer,
    pack_request,
    unpack_answer,
    unpack_request,
)
from whimbrel.drivers.linux.thinning.order import ThinningOrder
from whimbrel.wifi.channels import Channel

names = st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="/"), max_size=64).filter(
    lambda name: name not in {".", ".."}
)
freqs = st.integers(2000, 8000)
channels = freqs.map(Channel) | st.builds(Channel, freqs, st.sampled_from([40, 80, 160]), freqs)
numbers = st.integers(0, 2**32 - 1)
requests = st.one_of(
    st.tuples(numbers, st.sampled_from([Ask.OPEN, Ask.LOOK]), names).map(lambda known: HelperRequest(*known)),
    st.tuples(numbers, channels).map(lambda known: HelperRequest(known[0], Ask.SET_CHANNEL, channel=known[1])),
    st.tuples(numbers, st.sampled_from([Ask.CYCLE, Ask.RECREATE, Ask.CLOSE])).map(lambda known: HelperRequest(*known)),
    st.builds(
        lambda number, name, connected: HelperRequest(number, Ask.SCAN, name, connected=connected),
        numbers,
        names,
        st.booleans(),
    ),
    st.builds(lambda number, order: HelperRequest(number, Ask.THIN, order=order), numbers, orders),
    st.builds(
        lambda number, active, freqs: HelperRequest(number, Ask.TRIGGER, active=active, freqs=tuple(freqs)),
        numbers,
        st.booleans(),
        st.lists(freqs, max_size=256),
    ),
    st.builds(
        lambda number, name, size, octets: HelperRequest(number, Ask.CAPTURE, name, None, size, octets * 8),
        numbers,
        names,
        st.integers(1, protocol.SIZE_MAX),
        st.binary(max_size=64),
    ),
)
answers = st.builds(
    HelperAnswer,
    numbers,
    st.sampled_from(Outcome),
    st.lists(st.text(st.characters(exclude_characters="\n", codec="utf-8"), min_size=1, max_size=20), max_size=4).map(
        tuple
    ),
    st.lists(st.integers(0, 65535), max_size=80).map(tuple),
    st.integers(0, 65535),
    st.integers(0, 65535),
    all_counts,
)


@given(requests)
def test_a_request_is_read_as_it_was_written(request: HelperRequest) -> None:
    packed = pack_request(request)
    assert len(packed) <= protocol.REQUEST_MAX
    assert unpack_request(packed) == request


@given(answers)
def test_an_answer_is_read_as_it_was_written(answer: HelperAnswer) -> None:
    assert unpack_answer(pack_answer(answer)) == answer


@given(
    st.binary(max_size=200)
    | st.builds(lambda code, body: b"\0\0\0\0" + bytes([code]) + body, st.integers(0, 11), st.binary())
)
@example(b"")
def test_any_octets_are_a_request_of_the_known_form_or_refused(data: bytes) -> None:
    try:
        request = unpack_request(data)
    except MalformedRequest:
        return
    assert pack_request(request) == data or request.ask is Ask.SET_CHANNEL
    assert len(request.name) <= protocol.NAME_MAX
    assert request.name.isprintable()
    assert "/" not in request.name
    assert len(request.program) % 8 == 0
    assert 0 <= request.size <= protocol.SIZE_MAX


@given(requests, st.data())
def test_a_changed_octet_never_raises_anything_else(request: HelperRequest, data: st.DataObject) -> None:
    packed = bytearray(pack_request(request))
    for at in data.draw(st.lists(st.integers(0, len(packed) - 1), max_size=3)):
        packed[at] = data.draw(st.integers(0, 255))
    with contextlib.suppress(MalformedRequest):
        unpack_request(bytes(packed[: data.draw(st.integers(0, len(packed)))]))


@given(st.binary(max_size=200))
def test_any_octets_are_an_answer_or_a_value_error(data: bytes) -> None:
    with contextlib.suppress(ValueError):
        unpack_answer(data)


@pytest.mark.parametrize(
    "request_",
    [
        HelperRequest(1, Ask.OPEN, name="../../sys"),
        HelperRequest(1, Ask.LOOK, name="a b"),
        HelperRequest(1, Ask.LOOK, name="wlan0\0"),
        HelperRequest(1, Ask.SET_CHANNEL, channel=Channel(2412, 10)),
        HelperRequest(1, Ask.SET_CHANNEL, channel=Channel(0, 20)),
        HelperRequest(1, Ask.SET_CHANNEL, channel=Channel(5180, 80, 65535)),
        HelperRequest(1, Ask.CAPTURE, name="mon0", size=0),
        HelperRequest(1, Ask.SCAN, name="../wlan0"),
        HelperRequest(1, Ask.TRIGGER, freqs=(2412, 100)),
        HelperRequest(1, Ask.TRIGGER, freqs=(2412,) * 257),
        HelperRequest(1, Ask.CAPTURE, name="mon0", size=1, program=b"1234567"),
        HelperRequest(1, Ask.THIN, order=ThinningOrder(1, asked=frozenset({b"12345"}))),
    ],
)
def test_what_no_daemon_asks_for_is_refused(request_: HelperRequest) -> None:
    with pytest.raises(MalformedRequest):
        unpack_request(pack_request(request_))


def test_a_request_that_was_cut_is_refused() -> None:
    with pytest.raises(MalformedRequest, match="more than"):
        unpack_request(pack_request(HelperRequest(1, Ask.CLOSE)), cut=True)


def test_there_is_no_other_request() -> None:
    """One that is added needs an answer to the question what a daemon that was taken over could do with it."""
    monitoring = {"OPEN", "SET_CHANNEL", "CYCLE", "RECREATE", "CLOSE", "LOOK", "CAPTURE"}
    # By THIN it could have fewer frames brought to itself.
    assert {ask.name for ask in Ask} == monitoring | {"SCAN", "TRIGGER", "THIN"}
