from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.survey.air import RATES, RSN, SAE, WPS, ds, element, load, tim

from whimbrel.survey.fingerprint import Fingerprint, of_access_point, of_station
from whimbrel.wifi.elements import parse_elements

BASE = element(0, b"harbour") + RATES + ds(6) + tim() + RSN + element(45, bytes(26)) + WPS


def fingerprint(body: bytes, capability: int = 0x11) -> Fingerprint:
    return of_access_point(body, capability, parse_elements(body, 0, len(body)).spans)


def differing(body: bytes, capability: int = 0x11) -> set[str]:
    one, other = dict(fingerprint(BASE)), dict(fingerprint(body, capability))
    return {part for part in one.keys() | other.keys() if one.get(part) != other.get(part)}


def test_parts() -> None:
    parts = [name for name, _ in fingerprint(BASE)]
    assert parts == ["capabilities", "rates", "ht", "security", "wps", "order"]


@pytest.mark.parametrize(
    ("body", "parts"),
    [
        (BASE.replace(element(0, b"harbour"), element(0, b"port")), set()),
        (BASE.replace(ds(6), ds(11)), set()),
        (BASE.replace(tim(), tim(b"\1\2")), set()),
        (BASE.replace(tim(), b""), set()),
        (BASE + load(1, 2) + element(37, b"\0\1\2") + element(42, b"\1"), set()),
        (BASE.replace(RSN, SAE), {"security"}),
        (BASE.replace(RATES, RATES[:-1] + b"\x30"), {"rates"}),
        (BASE.replace(element(45, bytes(26)), element(45, b"\1" * 26)), {"ht"}),
        (BASE.replace(element(45, bytes(26)), b""), {"ht", "order"}),
        (BASE + element(255, b"\x23" + bytes(20)), {"he", "order"}),
        (BASE + element(221, b"\x00\x10\x18\x02\x00"), {"vendors", "order"}),
        (BASE.replace(WPS, b"") + WPS, set()),
        (WPS + BASE.replace(WPS, b""), {"order"}),
        (BASE.replace(b"\x10\x44\x00\x01\x02", b"\x10\x44\x00\x01\x01"), {"wps"}),
    ],
)
def test_the_part_that_changed_is_named(body: bytes, parts: set[str]) -> None:
    assert differing(body) == parts


def test_slot_and_preamble_follow_the_stations() -> None:
    assert differing(BASE, 0x11 | 1 << 5 | 1 << 10) == set()
    assert differing(BASE, 0x01) == {"capabilities"}


def test_pushed_button_is_no_other_device() -> None:
    pushed = element(221, WPS[2:] + bytes.fromhex("1041000101101200020004"))
    assert differing(BASE.replace(WPS, pushed)) == set()


def test_content_of_a_vendor_element_is_not_looked_at() -> None:
    one, other = (BASE + element(221, b"\x00\x10\x18\x02" + content) for content in (b"\1", b"\2\3"))
    assert fingerprint(one) == fingerprint(other)


@given(body=st.binary(max_size=120))
def test_total(body: bytes) -> None:
    spans = parse_elements(body, 0, len(body)).spans
    assert of_access_point(body, 0, spans)
    assert len(of_station(body, spans)) == 16
