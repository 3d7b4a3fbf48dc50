from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scapy.layers.eap import EAPOL

from whimbrel.wifi.eapol import ACK, ENCRYPTED, INSTALL, MIC, PAIRWISE, REQUEST, SECURE, key_data_fit, parse_eapol

SNAP = bytes.fromhex("aaaa03000000888e")
NONCE = bytes(range(1, 33))
NO_NONCE = bytes(32)
RSN_ELEMENT = bytes.fromhex("30140100000fac040100000fac040100000fac020000")
PMKID = bytes(range(16))
PMKID_KDE = b"\xdd\x14\x00\x0f\xac\x04" + PMKID

M1, M2, M3, M4 = PAIRWISE | ACK | 2, PAIRWISE | MIC | 2, 0x13CA, PAIRWISE | MIC | SECURE | 2
G1, G2 = 0x1382, MIC | SECURE | 2


def key(
    info: int,
    *,
    nonce: bytes = NONCE,
    data: bytes = b"",
    descriptor: int = 2,
    mic: int = 16,
    replay: int = 1,
) -> bytes:
    body = (
        bytes([descriptor])
        + info.to_bytes(2, "big")
        + b"\x00\x10"
        + replay.to_bytes(8, "big")
        + nonce
        + bytes(32)
        + b"\x55" * mic
        + len(data).to_bytes(2, "big")
        + data
    )
    return SNAP + b"\x02\x03" + len(body).to_bytes(2, "big") + body


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (key(M1), "M1"),
        (key(M1, data=PMKID_KDE), "M1"),
        (key(M2, data=RSN_ELEMENT), "M2"),
        (key(M2 | SECURE, data=RSN_ELEMENT), "M2"),  # Windows, renewing keys
        (key(M3, data=bytes(56)), "M3"),
        (key(PAIRWISE | ACK | INSTALL | MIC | 1, descriptor=254, data=RSN_ELEMENT), "M3"),
        (key(PAIRWISE | ACK | INSTALL | SECURE, data=bytes(56)), "M3"),
        (key(PAIRWISE | ACK | INSTALL | 2), "M1"),
        (key(M4, nonce=NO_NONCE), "M4"),
        (key(M4, nonce=NONCE), "M4"),  # some stations repeat their nonce
        (key(M2, nonce=NO_NONCE, descriptor=254), "M4"),  # WPA's has no Secure bit
        (key(PAIRWISE | SECURE | 0x1000, nonce=NO_NONCE, data=bytes(16), mic=0), "M4"),  # FILS
        (key(PAIRWISE | 0x1000, data=bytes(60), mic=0), "M2"),
        (key(G1, data=bytes(40)), "G1"),
        (key(G2), "G2"),
        (key(0x0391, descriptor=254, data=bytes(32)), "G1"),
        (key(M2 | REQUEST), ""),
        (key(M1, descriptor=1), ""),
    ],
)
def test_messages_are_told_apart(raw: bytes, message: str) -> None:
    eapol = parse_eapol(raw, 0, len(raw))
    assert eapol is not None
    assert (eapol.type, eapol.message) == ("key", message)


def test_fields_of_a_key_message() -> None:
    raw = b"mac header" + key(M2, data=RSN_ELEMENT, replay=1 << 40) + b"padding"
    eapol = parse_eapol(raw, 10, len(raw))
    assert eapol is not None
    assert (eapol.descriptor, eapol.version, eapol.key_info) == (2, 2, M2)
    assert (eapol.replay, eapol.nonce, eapol.has_mic) == (1 << 40, NONCE, True)
    assert (eapol.key_data_length, eapol.pmkid, eapol.preauth) == (len(RSN_ELEMENT), None, False)


@pytest.mark.parametrize("mic", [16, 24, 32, 0])
def test_mic_of_any_size(mic: int) -> None:
    raw = key(M1, data=PMKID_KDE, mic=mic)
    eapol = parse_eapol(raw, 0, len(raw))
    assert eapol is not None
    assert (eapol.key_data_length, eapol.pmkid) == (len(PMKID_KDE), PMKID)


@pytest.mark.parametrize(
    ("data", "pmkid"),
    [
        (PMKID_KDE, PMKID),
        (b"\xdd\x05\x00\x50\xf2\x01\x00" + PMKID_KDE, PMKID),
        (b"\xdd\x14\x00\x0f\xac\x04" + bytes(16), None),
        (PMKID_KDE[:-1], None),
        (b"\xdd\x05\x00\x0f\xac\x04\x01", None),
        (RSN_ELEMENT, None),
        (b"\xdd", None),
    ],
)
def test_pmkid_of_the_first_message(data: bytes, pmkid: bytes | None) -> None:
    raw = key(M1, data=data)
    eapol = parse_eapol(raw, 0, len(raw))
    assert eapol is not None
    assert eapol.pmkid == pmkid


def test_pmkid_belongs_to_the_first_message_of_rsn_only() -> None:
    for raw in (key(M2, data=PMKID_KDE), key(M1, data=PMKID_KDE, descriptor=254)):
        eapol = parse_eapol(raw, 0, len(raw))
        assert eapol is not None
        assert eapol.pmkid is None


def test_cut_messages_tell_what_they_can() -> None:
    for whole, message in ((key(M2, data=RSN_ELEMENT), "M2"), (key(M4), "M4"), (key(M1, data=PMKID_KDE), "M1")):
        for end in range(len(whole)):
            eapol = parse_eapol(whole, 0, end)
            if end < 8:
                assert eapol is None
                continue
            assert eapol is not None
            assert eapol.type == ("key" if end >= 10 else "other")
            assert eapol.message == (message if end >= 15 else "")
            assert (eapol.replay is not None) == (end >= 25)
            assert (eapol.nonce == NONCE) == (end >= 57)
            assert eapol.pmkid is None


@pytest.mark.parametrize(
    ("number", "name"), [(0, "eap"), (1, "start"), (2, "logoff"), (3, "key"), (4, "alert"), (9, "other")]
)
def test_packet_types(number: int, name: str) -> None:
    raw = SNAP + bytes(EAPOL(version=1, type=number))
    eapol = parse_eapol(raw, 0, len(raw))
    assert eapol is not None
    assert (eapol.type, eapol.message, eapol.descriptor) == (name, "", 0)


def test_preauthentication() -> None:
    raw = SNAP[:6] + b"\x88\xc7\x01\x01\x00\x00"
    eapol = parse_eapol(raw, 0, len(raw))
    assert eapol is not None
    assert (eapol.type, eapol.preauth) == ("start", True)


def test_only_eapol_is_eapol() -> None:
    raw = b"xx" + SNAP
    found = parse_eapol(raw, 2, 10)
    assert found is not None
    assert (found.start, found.end) == (2, 10)
    assert parse_eapol(raw, 2, 9) is None
    assert parse_eapol(raw, 1, 10) is None
    assert parse_eapol(raw, 50, 60) is None
    assert parse_eapol(SNAP[:6] + b"\x08\x00", 0, 8) is None


@given(
    st.one_of(st.binary(max_size=200), st.binary(max_size=200).map(lambda rest: SNAP + b"\x02\x03" + rest)),
    st.integers(0, 12),
    st.integers(0, 220),
)
def test_any_bytes_are_read_without_an_error(raw: bytes, start: int, end: int) -> None:
    assert (parse_eapol(raw, start, end) is not None) == raw.startswith((SNAP, SNAP[:7] + b"\xc7"), start, end)


def fits(raw: bytes, end: int | None = None) -> bool:
    packet = parse_eapol(raw, 0, len(raw) if end is None else end)
    assert packet is not None
    return key_data_fit(raw, packet)


@pytest.mark.parametrize(
    ("data", "fit"),
    [
        (RSN_ELEMENT, True),
        (RSN_ELEMENT + PMKID_KDE, True),
        (RSN_ELEMENT[:-1], False),
        (RSN_ELEMENT + b"\x30", False),
        (RSN_ELEMENT + b"\xdd", True),  # filled up to eight octets, 12.7.2: DD, then zeros
        (RSN_ELEMENT + b"\xdd\x00", True),
        (RSN_ELEMENT + b"\xdd" + bytes(7), True),
        (RSN_ELEMENT + b"\xdd\x01", False),
        (RSN_ELEMENT + b"\x30" + bytes(6), False),
        (b"", True),
    ],
)
def test_elements_of_key_data_end_with_it(data: bytes, fit: bool) -> None:
    assert fits(key(M2, data=data)) is fit
    assert fits(key(M2, data=data, mic=24)) is fit


def test_encrypted_or_cut_key_data_is_not_judged() -> None:
    wrong = RSN_ELEMENT[:-1]
    raw = key(M2, data=wrong)
    assert not fits(raw)
    assert all(fits(raw, end) for end in range(len(SNAP), len(raw)))
    assert fits(key(M3 | ENCRYPTED, data=wrong))
    assert fits(key(M3 & ~ENCRYPTED, data=RSN_ELEMENT))
    assert not fits(key(M3 & ~ENCRYPTED, data=wrong))


@given(st.lists(st.tuples(st.integers(0, 255), st.binary(min_size=1, max_size=20)), min_size=1), st.integers(1, 20))
def test_key_data_cut_within_an_element_do_not_fit(elements: list[tuple[int, bytes]], cut: int) -> None:
    data = b"".join(bytes((number, len(body))) + body for number, body in elements)
    assert fits(key(M2, data=data))
    assert not fits(key(M2, data=data[: -min(cut, len(elements[-1][1]))]))
