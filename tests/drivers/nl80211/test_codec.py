from __future__ import annotations

import errno
import struct
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whimbrel.drivers.nl80211 import codec
from whimbrel.drivers.nl80211.codec import Message, NetlinkError

little = pytest.mark.skipif(sys.byteorder != "little", reason="netlink is in the machine's byte order")


@little
def test_a_message_as_the_kernel_wants_it() -> None:
    # CTRL_CMD_GETFAMILY for "nl80211", as `genl ctrl get name nl80211` sends it.
    recorded = bytes.fromhex("20000000100005000100000000000000030100000c0002006e6c383032313100")
    payload = struct.pack("=BBH", 3, 1, 0) + codec.pack_string(2, "nl80211")
    assert codec.pack_message(0x10, 5, 1, payload) == recorded
    (message,) = codec.unpack_messages(recorded)
    assert (message.type, message.flags, message.sequence) == (0x10, 5, 1)
    assert codec.unpack_attributes(message.payload, 4) == {2: b"nl80211\0"}


@given(st.lists(st.tuples(st.integers(0, 0x3FFF), st.binary(max_size=40)), max_size=12))
def test_attributes_survive_the_way_there_and_back(pairs: list[tuple[int, bytes]]) -> None:
    data = b"".join(codec.pack_attribute(number, value) for number, value in pairs)
    assert len(data) % 4 == 0
    assert codec.unpack_attributes(data) == dict(pairs)
    nested = codec.unpack_attributes(codec.pack_nested(7, [data]))
    assert codec.unpack_nested(nested[7]) == dict(pairs)


@given(st.lists(st.tuples(st.integers(0, 0xFFFF), st.binary(max_size=40)), max_size=8))
def test_messages_survive_the_way_there_and_back(pairs: list[tuple[int, bytes]]) -> None:
    data = b""
    for sequence, (type_, payload) in enumerate(pairs):
        data += codec.pack_message(type_, 2, sequence, payload) + bytes(-len(payload) & 3)
    expected = [Message(type_, 2, sequence, payload) for sequence, (type_, payload) in enumerate(pairs)]
    assert codec.unpack_messages(data) == expected


@given(st.binary(max_size=200))
def test_any_bytes_are_messages_or_an_error(data: bytes) -> None:
    for read in (codec.unpack_messages, codec.unpack_attributes):
        try:
            read(data)
        except NetlinkError as error:
            assert error.errno == errno.EBADMSG  # noqa: PT017  # either outcome is right


@given(st.binary(max_size=80), st.integers(0, 0xFFFF))
def test_any_payload_is_an_acknowledgement_or_an_error(payload: bytes, flags: int) -> None:
    message = Message(2, flags, 1, payload)
    try:
        error = codec.unpack_error(message, "asking")
    except NetlinkError as raised:
        error = raised
    assert error is None or error.errno is not None
    ended = codec.unpack_done(message, "asking")
    assert ended is None or ended.errno is not None


@pytest.mark.parametrize("data", ["ff", "0300", "10000000020000000100000000", "0f000000020000000100000000000000"])
def test_messages_with_wrong_lengths_are_refused(data: str) -> None:
    with pytest.raises(NetlinkError, match="EBADMSG"):
        codec.unpack_messages(bytes.fromhex(data))


@pytest.mark.parametrize("data", ["00000100", "03000100", "09000100ffffffff"])
def test_attributes_with_wrong_lengths_are_refused(data: str) -> None:
    with pytest.raises(NetlinkError, match="EBADMSG"):
        codec.unpack_attributes(bytes.fromhex(data))


def test_numbers_of_any_size() -> None:
    assert codec.unpack_number(struct.pack("=B", 7)) == 7
    assert codec.unpack_number(struct.pack("=H", 700)) == 700
    assert codec.unpack_number(struct.pack("=I", 70000)) == 70000
    assert codec.unpack_number(None, 5) == 5
    assert codec.unpack_number(b"", 5) == 5


def test_a_text_ends_at_its_nul_and_may_be_broken() -> None:
    assert codec.unpack_string(b"phy0\0\0\0") == "phy0"
    assert codec.unpack_string(b"\xff\xfe") == "��"
    assert codec.unpack_string(None) == ""


def test_an_attribute_that_does_not_fit_is_an_error() -> None:
    with pytest.raises(ValueError, match="at most"):
        codec.pack_attribute(1, bytes(65532))


def test_an_error_says_what_the_kernel_said() -> None:
    original = struct.pack("=IHHII", 20, 0x1C, 5, 9, 0) + b"body"
    text = codec.pack_string(1, "channel is disabled")
    whole = Message(2, 0x200, 9, struct.pack("=i", -22) + original + text)
    error = codec.unpack_error(whole, "setting channel 14")
    assert str(error) == "setting channel 14: EINVAL (channel is disabled)"
    capped = Message(2, 0x300, 9, struct.pack("=i", -22) + original[:16] + text)
    assert str(codec.unpack_error(capped, "setting channel 14")) == str(error)
