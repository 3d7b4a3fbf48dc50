"""Single values: read as written, refused with a hint, written back to the same."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whimbrel.settings import Duration, Mac, Size, Ssid
from whimbrel.settings.nodes import MappingNode, ScalarNode, SequenceNode, compose
from whimbrel.settings.scalars import find, quote
from whimbrel.wifi.channels import Channel


def parse(kind: Any, text: str) -> Any:
    scalar = find(kind)
    assert scalar is not None
    return scalar.parse(text)


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (bool, "Yes", True),
        (bool, "OFF", False),
        (int, "0x3C", 60),
        (int, "0o660", 0o660),
        (int, "-1_000", -1000),
        (int, "+7", 7),
        (int, "-0x10", -16),
        (float, "1e3", 1000.0),
        (float, ".5", 0.5),
        (Duration, "250ms", 0.25),
        (Duration, "1.5 s", 1.5),
        (Duration, "5min", 300.0),
        (Duration, "1h", 3600.0),
        (Duration, "1d", 86400.0),
        (Duration, "7us", 7e-6),
        (Duration, "0", 0.0),
        (Size, "64KiB", 65536),
        (Size, "1.5 MiB", 1572864),
        (Size, "1TiB", 1 << 40),
        (Size, "0", 0),
        (Mac, "AA:bb:cc:dd:ee:0f", bytes.fromhex("aabbccddee0f")),
        (Mac, "aa-bb-cc-dd-ee-0f", bytes.fromhex("aabbccddee0f")),
        (Ssid, "café", "café".encode()),
        (Ssid, "hex:ff 00", b"\xff\0"),
        (Ssid, "", b""),
        (Path, "/var/log", Path("/var/log")),
        (Channel, "36/80", Channel(5180, 80, 5210)),
    ],
)
def test_what_is_written_is_read(kind: Any, text: str, value: Any) -> None:
    read = parse(kind, text)
    assert read == value
    assert isinstance(read, type(value))


@pytest.mark.parametrize(
    ("kind", "text", "hint"),
    [
        (bool, "1", "write true or false"),
        (int, "0660", "write 0o660 if it is octal"),
        (int, "1.0", ""),
        (int, "9" * 5000, ""),
        (int, "٣", ""),
        (float, "1e999", ""),
        (float, "nan", ""),
        (Duration, "250", "give the unit: 250ms, 250s, 250min"),
        (Duration, "2m", "the units are us, ms, s, min, h, d"),
        (Duration, "-5s", ""),
        (Duration, "1e400s", ""),
        (Size, "64", "give the unit: 64KiB, 64MiB"),
        (Size, "64KB", "the units are B, KiB, MiB, GiB, TiB"),
        (Size, "0.3B", "not a whole number of octets"),
        (Mac, "aa:bb-cc:dd:ee:ff", "six pairs"),
        (Mac, "aa:bb:cc:dd:ee", "six pairs"),
        (Ssid, "x" * 33, "33 octets"),
        (Ssid, "hex:f", "pairs of hexadecimal digits"),
        (Path, "", ""),
        (Path, "a\0b", ""),
        (Channel, "15", "15 is not a channel"),
    ],
)
def test_what_is_none_is_refused_with_what_to_do(kind: Any, text: str, hint: str) -> None:
    with pytest.raises(ValueError, match=re.escape(hint) or "^$"):
        parse(kind, text)


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        (Duration, 0.25, "250ms"),
        (Duration, 5400.0, "90min"),
        (Duration, 86400.0, "1d"),
        (Duration, 0.0, "0s"),
        (Duration, 5, "5s"),
        (Duration, 1e-7, "1e-07s"),
        (Size, 1536, "1536B"),
        (Size, 1 << 21, "2MiB"),
        (Size, 0, "0B"),
        (Ssid, b"hex:", "hex:6865783a"),
        (Ssid, b"a\nb", "hex:610a62"),
        (Mac, b"\1\2\3\4\5\6", "01:02:03:04:05:06"),
    ],
)
def test_values_are_written_with_their_unit(kind: Any, value: Any, text: str) -> None:
    scalar = find(kind)
    assert scalar is not None
    assert scalar.write(value) == text


def test_a_type_that_nobody_registered_or_that_cannot_be_looked_up_is_not_found() -> None:
    assert find(complex) is None
    assert find(dict[str, int]) is None


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        (int, st.integers(-(10**18), 10**18)),
        (float, st.floats(allow_nan=False, allow_infinity=False)),
        (bool, st.booleans()),
        (str, st.text()),
        (Duration, st.floats(0, 1e12)),
        (Size, st.integers(0, 1 << 45)),
        (Mac, st.binary(min_size=6, max_size=6)),
        (Ssid, st.binary(max_size=32)),
        (Path, st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1).map(Path)),
    ],
)
def test_what_is_written_reads_back_to_the_same_value(kind: Any, values: st.SearchStrategy[Any]) -> None:
    scalar = find(kind)
    assert scalar is not None

    @given(values)
    def check(value: Any) -> None:
        assert scalar.parse(scalar.write(value)) == value

    check()


@given(st.text(st.characters(exclude_categories=["Cs"])), st.booleans())
def test_quoted_text_is_read_by_yaml_as_it_is_alone_in_a_list_and_as_a_key(text: str, free: bool) -> None:
    written = quote(text, free=free)
    assert "\n" not in written
    alone, _ = compose(written, "f")
    assert isinstance(alone, ScalarNode)
    assert alone.text == text
    assert not alone.null
    inside, _ = compose(f"{{{written}: [{written}, x]}}", "f")
    assert isinstance(inside, MappingNode)
    key, value = inside.entries[0]
    assert isinstance(value, SequenceNode)
    assert (key.text, value.items[0][2]) == (text, text)


@pytest.mark.parametrize("text", ["NO", "null", "12", "1e3", "0x1F", "", "a: b", "a #b", "-", "[a", "trailing "])
def test_text_that_misleads_is_written_in_quotes(text: str) -> None:
    assert quote(text).startswith('"')
