from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whimbrel.drivers.linux.thinning.order import (
    ASKED_MAX,
    SenderCount,
    ThinningCounts,
    ThinningOrder,
    WayCount,
    unpack_counts,
    unpack_order,
)

word = st.integers(0, 2**32 - 1)
half = st.integers(0, 2**16 - 1)
octet = st.integers(0, 255)
level = st.integers(-128, 127)
address = st.binary(min_size=6, max_size=6)
long = st.integers(0, 2**64 - 1)
orders = st.builds(ThinningOrder, word, word, word, word, word, st.frozensets(address, max_size=20))
ways = st.builds(WayCount, half, half, half, octet, octet, word)
senders = st.builds(
    SenderCount, address, long, half, half, long, word, word, st.integers(-(2**31), 2**31 - 1), level, level, level
)
all_counts = st.builds(ThinningCounts, st.lists(ways, max_size=5).map(tuple), st.lists(senders, max_size=5).map(tuple))


@given(orders)
def test_an_order_arrives_as_it_was(order: ThinningOrder) -> None:
    assert unpack_order(order.pack()) == order


@given(all_counts)
def test_counts_arrive_as_they_were(counts: ThinningCounts) -> None:
    assert unpack_counts(counts.pack()) == counts


@given(st.binary(max_size=200))
def test_anything_else_is_refused(data: bytes) -> None:
    for unpack in (unpack_order, unpack_counts):
        with contextlib.suppress(ValueError):
            assert unpack(data).pack() in {data, b"\0" * 4}


def test_an_order_with_too_many_addresses_is_refused() -> None:
    many = frozenset(number.to_bytes(6, "big") for number in range(ASKED_MAX + 1))
    with pytest.raises(ValueError, match="does not fit"):
        unpack_order(ThinningOrder(1, asked=many).pack())
