from __future__ import annotations

import errno
import os
import socket
import struct
from collections.abc import Iterable, Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.drivers.nl80211.kernel import Answer, FakeKernel, Request, acknowledged, done, generic

from whimbrel.drivers.nl80211 import attributes as nl
from whimbrel.drivers.nl80211.codec import NetlinkError, pack_message, pack_u32
from whimbrel.drivers.nl80211.genetlink import GenericFamily, GroupSocket, Netlink, find_family, join_group, open_socket
from whimbrel.testing import PATIENCE

kernels: list[FakeKernel] = []


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    yield
    while kernels:
        kernels.pop().close()


def family(answer: Answer, timeout: float = PATIENCE) -> GenericFamily:
    kernel = FakeKernel(answer)
    kernels.append(kernel)
    link = Netlink(kernel.client, timeout=PATIENCE)
    found = find_family(link, "nl80211")
    link.timeout = timeout
    return found


def test_the_family_is_found_by_name_with_its_groups() -> None:
    found = family(lambda _: [])
    assert found.number == 0x1C
    assert found.groups == {"scan": 5}


def notified(*datagrams: bytes) -> list[tuple[int, dict[int, bytes]]]:
    """Return what a socket in a group reads."""
    own, end = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    group = GroupSocket(own, GenericFamily(Netlink(own), 0x1C))
    with end:
        for datagram in datagrams:
            end.send(datagram)
        found = group.read()
    group.close()
    return found


def notification(command: int, *attributes: bytes, family: int = 0x1C) -> bytes:
    return pack_message(family, 0, 0, struct.pack("=BBH", command, 1, 0) + b"".join(attributes))


def test_notifications_are_read_without_waiting() -> None:
    assert notified() == []
    radio = pack_u32(nl.ATTR_WIPHY, 3)
    datagrams = notification(34, radio) + notification(35), notification(34, family=0x1D), b"broken", notification(33)
    assert notified(*datagrams) == [(34, {nl.ATTR_WIPHY: struct.pack("=I", 3)}), (35, {}), (33, {})]


@given(st.lists(st.binary(min_size=1, max_size=60), max_size=4))
def test_notifications_of_any_kind_raise_nothing(datagrams: list[bytes]) -> None:
    notified(*datagrams)


def test_a_group_that_is_not_there() -> None:
    with pytest.raises(NetlinkError, match="'regulatory': ENOENT"):
        join_group(family(lambda _: []), "regulatory")


def test_a_family_that_is_not_there() -> None:
    kernel = FakeKernel(lambda _: [])
    kernels.append(kernel)
    with pytest.raises(NetlinkError) as caught:
        find_family(Netlink(kernel.client), "nl80212")
    assert caught.value.errno == errno.ENOENT


def test_an_answer_and_its_acknowledgement() -> None:
    found = family(lambda request: [generic(request, pack_u32(3, 42)), acknowledged(request)])
    assert found.ask(5, b"", "asking") == [{3: struct.pack("=I", 42)}]
    assert kernels[0].requests[0].flags == nl.NLM_F_REQUEST | nl.NLM_F_ACK


@pytest.mark.parametrize("code", [errno.EBUSY, errno.EINVAL, errno.ENODEV, errno.EOPNOTSUPP, errno.ETIMEDOUT])
def test_a_refusal_is_an_error_with_its_number(code: int) -> None:
    found = family(lambda request: [acknowledged(request, code, "because")])
    with pytest.raises(NetlinkError, match=r"asking: E\w+ \(because\)") as caught:
        found.ask(5, b"", "asking")
    assert caught.value.errno == code


def test_a_dump_comes_in_many_datagrams() -> None:
    def answer(request: Request) -> Iterable[bytes]:
        first = generic(request, pack_u32(1, 0)) + generic(request, pack_u32(1, 1))
        return [first, generic(request, pack_u32(1, 2)), done(request)]

    found = family(answer)
    assert [part[1] for part in found.dump(1, b"", "listing")] == [struct.pack("=I", number) for number in range(3)]
    assert kernels[0].requests[0].flags == nl.NLM_F_REQUEST | nl.NLM_F_DUMP


def test_a_dump_that_ends_in_an_error() -> None:
    found = family(lambda request: [generic(request, pack_u32(1, 0)), done(request, errno.ENOBUFS)])
    with pytest.raises(NetlinkError, match="ENOBUFS"):
        found.dump(1, b"", "listing")


def test_a_dump_that_was_disturbed_is_asked_for_again() -> None:
    turns = []

    def answer(request: Request) -> Iterable[bytes]:
        turns.append(request)
        flags = nl.NLM_F_DUMP_INTR if len(turns) == 1 else 0
        return [generic(request, pack_u32(1, len(turns)), flags=flags), done(request)]

    assert family(answer).dump(1, b"", "listing") == [{1: struct.pack("=I", 2)}]


def test_one_that_is_disturbed_again_and_again_is_taken_as_it_is() -> None:
    found = family(lambda request: [generic(request, pack_u32(1, 7), flags=nl.NLM_F_DUMP_INTR), done(request)])
    assert found.dump(1, b"", "listing") == [{1: struct.pack("=I", 7)}]
    assert len(kernels[0].requests) == 3


def test_silence_ends_at_the_time_limit() -> None:
    found = family(lambda _: [], timeout=0.05)
    with pytest.raises(NetlinkError, match="no answer in") as caught:
        found.ask(5, b"", "asking")
    assert caught.value.errno == errno.ETIMEDOUT


def test_a_late_answer_is_not_taken_for_the_next() -> None:
    late: list[bytes] = []

    def answer(request: Request) -> Iterable[bytes]:
        if not late:
            late.append(generic(request, pack_u32(3, 1)) + acknowledged(request))
            return []
        return [*late, generic(request, pack_u32(3, 2)), acknowledged(request)]

    found = family(answer, timeout=0.2)
    with pytest.raises(NetlinkError, match="ETIMEDOUT"):
        found.ask(5, b"", "asking")
    found.netlink.timeout = PATIENCE
    assert found.ask(5, b"", "asking") == [{3: struct.pack("=I", 2)}]


def test_an_answer_without_an_end_is_given_up() -> None:
    found = family(lambda request: [generic(request, pack_u32(3, 1))] * 3, timeout=0.05)
    with pytest.raises(NetlinkError, match="ETIMEDOUT"):
        found.ask(5, b"", "asking")


def test_an_overrun_is_an_error() -> None:
    found = family(lambda request: [pack_message(nl.NLMSG_OVERRUN, 0, request.sequence, b"")])
    with pytest.raises(NetlinkError, match="ENOBUFS"):
        found.ask(5, b"", "asking")


def test_a_closed_socket_is_an_error() -> None:
    found = family(lambda _: [])
    found.netlink.close()
    with pytest.raises(NetlinkError, match="EBADF"):
        found.ask(5, b"", "asking")


def test_an_answer_shorter_than_its_header_is_an_error() -> None:
    found = family(lambda request: [pack_message(0x1C, 0, request.sequence, b"x") + bytes(3), acknowledged(request)])
    with pytest.raises(NetlinkError, match="EBADMSG"):
        found.ask(5, b"", "asking")


@given(datagrams=st.lists(st.binary(min_size=1, max_size=120), min_size=1, max_size=5))
@settings(max_examples=60, deadline=None)
def test_whatever_comes_back_is_an_answer_or_an_error(datagrams: list[bytes]) -> None:
    mine, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with mine, theirs:
        for datagram in datagrams:
            theirs.send(datagram)
        with pytest.raises(NetlinkError):
            Netlink(mine, timeout=0.01).ask(0x1C, b"", "asking")


@given(payloads=st.lists(st.tuples(st.sampled_from([2, 3, 4, 0x1C]), st.integers(0, 0x3FF), st.binary(max_size=60))))
@settings(max_examples=100, deadline=None)
def test_whatever_an_answer_holds_it_is_read_or_an_error(payloads: list[tuple[int, int, bytes]]) -> None:
    mine, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with mine, theirs:
        for type_, flags, payload in payloads[:8]:
            theirs.send(pack_message(type_, flags, 1, payload))
        try:
            answers = GenericFamily(Netlink(mine, timeout=0.01), 0x1C).ask(5, b"", "asking")
        except NetlinkError:
            return
        assert len(answers) <= len(payloads)


@pytest.mark.skipif(not hasattr(socket, "AF_NETLINK"), reason="no netlink on this system")
def test_the_kernel_of_this_machine_answers() -> None:
    netlink = Netlink(open_socket(nl.NETLINK_GENERIC))
    try:
        assert find_family(netlink, "nlctrl").number == nl.GENL_ID_CTRL
        with pytest.raises(NetlinkError, match=os.strerror(errno.ENOENT) + "|ENOENT"):
            find_family(netlink, "no-such-family")
    finally:
        netlink.close()
