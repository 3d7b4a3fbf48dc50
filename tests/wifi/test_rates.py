from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whimbrel.wifi import rates


@pytest.mark.parametrize(
    ("index", "width", "short", "rate"),
    [  # IEEE 802.11-2020, tables 19-27 to 19-38
        (0, 20, False, 6.5),
        (7, 20, False, 65.0),
        (7, 20, True, 72.2),
        (0, 40, False, 13.5),
        (7, 40, True, 150.0),
        (8, 20, False, 13.0),
        (15, 40, True, 300.0),
        (31, 40, True, 600.0),
        (32, 40, False, 6.0),
        (32, 40, True, 6.7),
        (33, 20, False, 0.0),
    ],
)
def test_ht(index: int, width: int, short: bool, rate: float) -> None:
    assert rates.ht_rate(index, width, short=short) == rate
    assert rates.ht(bytes((0x07, (width == 40) | short << 2, index))) == ("ht", rate, width)


def test_ht_tells_only_what_is_known() -> None:
    assert rates.ht(bytes((0x02, 0x05, 7))) == ("ht", 65.0, 0)
    assert rates.ht(bytes((0x01, 0x01, 7))) == ("ht", 0.0, 40)
    assert rates.ht(bytes((0x01, 0x02, 7))) == ("ht", 0.0, 20)


@pytest.mark.parametrize(
    ("bandwidth", "index", "streams", "short", "rate", "width"),
    [  # tables 21-29 to 21-61
        (0, 0, 1, False, 6.5, 20),
        (0, 8, 1, True, 86.7, 20),
        (1, 9, 1, True, 200.0, 40),
        (4, 9, 1, True, 433.3, 80),
        (4, 9, 2, True, 866.7, 80),
        (11, 9, 4, True, 3466.7, 160),
        (12, 0, 1, False, 29.3, 80),
        (4, 10, 1, False, 0.0, 80),
        (4, 0, 0, False, 0.0, 80),
        (31, 0, 1, False, 6.5, 0),
    ],
)
def test_vht(bandwidth: int, index: int, streams: int, short: bool, rate: float, width: int) -> None:
    field = struct.pack("<HBB4BBBH", 0x44, short << 2, bandwidth, index << 4 | streams, 0, 0, 0, 0, 0, 0)
    assert rates.vht(field) == ("vht", rate, width)


def test_vht_of_the_first_user_there_is() -> None:
    assert rates.vht(struct.pack("<HBB4BBBH", 0x40, 0, 4, 0, 0x01, 0x92, 0, 0, 0, 0)) == ("vht", 29.3, 80)


def test_vht_bandwidths() -> None:
    """Radiotap's table: 0, 1, 4 and 11 are whole widths, the others sidebands of them."""
    widths = [20, 40, 20, 20, 80, 40, 40, 20, 20, 20, 20, 160, 80, 80, 40, 40, 40, 40, *[20] * 8, 0, 0, 0, 0, 0, 0]
    assert [rates.vht(struct.pack("<HBB4B", 0x40, 0, code, 1, 0, 0, 0))[2] for code in range(32)] == widths


@pytest.mark.parametrize(
    ("unit", "index", "streams", "guard", "dcm", "rate", "width"),
    [  # IEEE 802.11ax-2021, tables 27-59 to 27-116
        (0, 0, 1, 0, False, 8.6, 20),
        (0, 11, 1, 0, False, 143.4, 20),
        (1, 11, 1, 0, False, 286.8, 40),
        (2, 11, 2, 0, False, 1201.0, 80),
        (3, 11, 2, 0, False, 2402.0, 160),
        (2, 0, 1, 2, False, 30.6, 80),
        (2, 0, 1, 0, True, 18.0, 80),
        (4, 0, 1, 0, False, 0.9, 20),
        (4, 11, 1, 0, False, 14.7, 20),
        (5, 11, 1, 0, False, 29.4, 20),
        (6, 11, 1, 0, False, 62.5, 20),
        (7, 11, 1, 0, False, 143.4, 20),
        (8, 11, 1, 1, False, 270.8, 40),
        (9, 11, 1, 0, False, 600.5, 80),
        (10, 11, 1, 0, False, 1201.0, 160),
        (15, 0, 1, 0, False, 8.6, 0),
        (2, 12, 1, 0, False, 0.0, 80),
        (2, 0, 0, 0, False, 0.0, 80),
    ],
)
def test_he(unit: int, index: int, streams: int, guard: int, dcm: bool, rate: float, width: int) -> None:
    field = struct.pack("<6H", 0x4060, 0x0002, index << 8 | dcm << 12, 0, guard << 4 | unit, streams)
    assert rates.he(field) == ("he", rate, width)


def test_he_stbc_sends_each_stream_twice() -> None:
    assert rates.he(struct.pack("<6H", 0x4220, 2, 0x8B00, 0, 0, 2)) == ("he", 143.4, 20)


def test_eht() -> None:
    """IEEE 802.11be-2024, 36.5: MCS 13 in 320 MHz is 2882.4 Mbit/s for each stream; in 20 MHz, 172.1."""

    def usig(bandwidth: int) -> bytes:
        return struct.pack("<III", 0x02 | bandwidth << 15, 0, 0)

    def user(index: int, streams: int) -> bytes:
        return struct.pack("<II", 0x04, 0) + bytes(32) + struct.pack("<I", 0x92 | index << 20 | (streams - 1) << 24)

    assert rates.eht(usig(4), user(13, 2)) == ("eht", 5764.7, 320)
    assert rates.eht(usig(0), user(13, 1)) == ("eht", 172.1, 20)
    assert rates.eht(usig(2), user(15, 1)) == ("eht", 18.0, 80)
    assert rates.eht(usig(2), b"") == ("eht", 0.0, 80)
    assert rates.eht(b"", b"\0") == ("eht", 0.0, 0)
    assert rates.eht(usig(7), b"") == ("eht", 0.0, 0)


@pytest.mark.parametrize(("known", "guard", "rate"), [(1, 0, 8.6), (1, 1, 8.1), (1, 2, 7.3), (1, 3, 8.6), (0, 2, 8.6)])
def test_a_guard_interval_that_is_unknown_or_reserved_counts_as_the_shortest(
    known: int, guard: int, rate: float
) -> None:
    assert rates.he(struct.pack("<6H", 0x4020, known << 1, 0, 0, guard << 4, 1)) == ("he", rate, 20)
    field = struct.pack("<II", known << 2, guard << 7) + bytes(32) + struct.pack("<I", 0x92)
    assert rates.eht(struct.pack("<III", 0x02, 0, 0), field) == ("eht", rate, 20)


@given(st.binary(min_size=12, max_size=12), st.binary(max_size=60))
def test_any_octets(field: bytes, rest: bytes) -> None:
    for phy, rate, width in (rates.ht(field[:3]), rates.vht(field[:8]), rates.he(field), rates.eht(field, rest)):
        assert phy in {"ht", "vht", "he", "eht"}
        assert 0 <= rate < 50_000
        assert width in {0, 20, 40, 80, 160, 320}
