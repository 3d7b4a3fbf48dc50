from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from whimbrel.wifi.elements import Elements, parse_elements
from whimbrel.wifi.wps import parse_wps


def element(number: int, payload: bytes) -> bytes:
    return bytes([number, len(payload)]) + payload


def parse(*parts: bytes) -> Elements:
    raw = b"".join(parts)
    return parse_elements(raw, 0, len(raw))


def attribute(number: int, value: bytes) -> bytes:
    return number.to_bytes(2, "big") + len(value).to_bytes(2, "big") + value


ACCESS_POINT = b"".join(
    [
        attribute(0x104A, b"\x10"),
        attribute(0x1044, b"\x02"),
        attribute(0x1057, b"\x01"),
        attribute(0x1041, b"\x01"),
        attribute(0x1012, b"\x00\x04"),
        attribute(0x1047, bytes(range(16))),
        attribute(0x1021, b"Curlew & Sons"),
        attribute(0x1023, b"Mudflat"),
        attribute(0x1024, b"7"),
        attribute(0x1042, b"0001"),
        attribute(0x1011, b"Bill\x1b[2J"),
        attribute(0x1008, b"\x26\x88"),
        attribute(0x1049, b"\x00\x37\x2a\x01\x06" + bytes(6) + b"\x00\x01\x20"),
    ]
)


def test_everything_that_it_says() -> None:
    wps = parse_wps(ACCESS_POINT)
    assert (wps.version, wps.state, wps.configured, wps.locked, wps.selected_registrar) == (0x20, 2, True, True, True)
    assert (wps.password_id, wps.config_methods) == (4, 0x2688)
    assert (wps.manufacturer, wps.model_name, wps.model_number) == (b"Curlew & Sons", b"Mudflat", b"7")
    assert (wps.device_name, wps.serial, wps.uuid) == (b"Bill\x1b[2J", b"0001", bytes(range(16)))
    assert not wps.cut


def test_version_one_has_no_extension() -> None:
    wps = parse_wps(attribute(0x104A, b"\x10") + attribute(0x1044, b"\x01"))
    assert (wps.version, wps.configured, wps.locked, wps.password_id) == (0x10, False, False, None)


def test_elements_are_joined() -> None:
    head = b"\x00\x50\xf2\x04"
    elements = parse(
        element(221, head + ACCESS_POINT[:50]),
        element(221, b"\x00\x50\xf2\x02"),
        element(221, head + ACCESS_POINT[50:]),
    )
    assert elements.wps == parse_wps(ACCESS_POINT)


def test_attribute_past_the_end_is_not_read() -> None:
    wps = parse_wps(ACCESS_POINT[:-1])
    assert wps.cut
    assert (wps.version, wps.config_methods) == (0x10, 0x2688)


def test_names_are_bounded() -> None:
    assert len(parse_wps(attribute(0x1011, b"x" * 4000)).device_name) == 32


@given(st.binary(max_size=300))
def test_any_bytes_are_read_without_an_error(data: bytes) -> None:
    parse_wps(data)
