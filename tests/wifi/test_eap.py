from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.detections.protocol.packets import EAPOL_LLC, eapol, wps

from whimbrel.wifi.eap import MESSAGES, OPERATIONS, Eap, parse_eap
from whimbrel.wifi.frames import Frame


def read(frame: Frame) -> Eap | None:
    return parse_eap(frame.raw, frame.body, frame.end)


def test_every_message_of_wps_is_named() -> None:
    for number, name in MESSAGES.items():
        eap = read(wps(number, up=True, identifier=9))
        assert eap is not None
        assert (eap.code, eap.identifier, eap.type, eap.wps, eap.message) == (2, 9, 254, "message", name)
    for number, name in OPERATIONS.items():
        eap = read(wps(0x0E, up=False, operation=number))
        assert eap is not None
        assert eap.wps == name


def test_an_identity_is_told() -> None:
    name = b"WFA-SimpleConfig-Registrar-1-0"
    packet = b"\x02\x07" + (5 + len(name)).to_bytes(2, "big") + b"\x01" + name
    assert read(eapol(packet, up=True, kind=0)) == Eap(2, 7, 1, name)
    request = b"\x01\x07" + (5 + len(name)).to_bytes(2, "big") + b"\x01" + name
    assert read(eapol(request, up=False, kind=0)) == Eap(1, 7, 1)


def test_success_has_no_type() -> None:
    assert read(eapol(b"\x03\x05\0\x04", up=False, kind=0)) == Eap(3, 5)
    for code in (0, 3, 4, 5):
        packet = bytes((code, 5)) + b"\0\x09\x01name"
        assert read(eapol(packet, up=False, kind=0)) == Eap(code, 5)


def test_a_packet_without_room_for_a_type_has_none() -> None:
    for code in (1, 2):
        packet = bytes((code, 5)) + b"\0\x04"
        assert read(eapol(packet, up=False, kind=0)) == Eap(code, 5)
        assert read(eapol(packet + b"\x01name", up=False, kind=0)) == Eap(code, 5)


def test_a_fragment_with_its_length_is_read() -> None:
    body = b"\xfe\x00\x37\x2a\0\0\0\1\x04\x02\x01\x00" + b"\x10\x4a\0\1\x10\x10\x22\0\1\x08"
    packet = b"\x02\x07" + (4 + len(body)).to_bytes(2, "big") + body
    eap = read(eapol(packet, up=True, kind=0))
    assert eap is not None
    assert eap.message == "M4"


def test_another_vendor_or_kind_of_packet_is_no_wps() -> None:
    packet = b"\x01\x01\0\x0e\xfe\x00\x37\x2b\0\0\0\1\x04\0"
    assert read(eapol(packet, up=False, kind=0)) == Eap(1, 1, 254)
    assert read(eapol(b"", up=True, kind=1)) is None
    assert read(eapol(bytes(95), up=True, kind=3)) is None


@settings(deadline=None)
@given(st.binary(max_size=80), st.integers(-5, 90), st.integers(-5, 120))
def test_any_bytes_are_read(raw: bytes, start: int, end: int) -> None:
    parse_eap(raw, start, end)


@settings(deadline=None)
@given(st.binary(max_size=60))
def test_any_packet_is_read(packet: bytes) -> None:
    for head in (b"\1\0", b"\2\0"):
        raw = EAPOL_LLC + head + len(packet).to_bytes(2, "big") + packet
        eap = parse_eap(raw, 0, len(raw))
        assert (eap is None) == (len(packet) < 4)
        for cut in range(len(raw)):
            parse_eap(raw, 0, cut)
