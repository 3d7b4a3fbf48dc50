from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scapy.layers.dot11 import (
    Dot11AssoResp,
    Dot11Auth,
    Dot11Beacon,
    Dot11Deauth,
    Dot11Disas,
    Dot11ProbeReq,
    Dot11ProbeResp,
    Dot11ReassoResp,
)

from whimbrel.wifi import fixed, kinds
from whimbrel.wifi.fixed import ELEMENTS_AT

CURRENT = bytes.fromhex("020000000001")


@pytest.mark.parametrize(
    ("kind", "body", "read", "fields"),
    [
        (kinds.BEACON, Dot11Beacon(timestamp=7, beacon_interval=200, cap=0x11), fixed.beacon_fixed, (7, 200, 0x1100)),
        (kinds.PROBE_RESP, Dot11ProbeResp(timestamp=1 << 60, cap=1), fixed.beacon_fixed, (1 << 60, 100, 0x0100)),
        (kinds.AUTH, Dot11Auth(algo=3, seqnum=1, status=126), fixed.auth_fixed, (3, 1, 126)),
        (kinds.DEAUTH, Dot11Deauth(reason=7), fixed.reason_fixed, 7),
        (kinds.DISASSOC, Dot11Disas(reason=8), fixed.reason_fixed, 8),
        (
            kinds.ASSOC_RESP,
            Dot11AssoResp(cap=1, status=17, AID=0xC005),
            fixed.association_response_fixed,
            (0x0100, 17, 5),
        ),
        (kinds.REASSOC_RESP, Dot11ReassoResp(status=0, AID=0xC7D7), fixed.association_response_fixed, (0, 0, 2007)),
    ],
)
def test_fields_as_scapy_builds_them(
    kind: int, body: object, read: Callable[[bytes, int, int], object], fields: object
) -> None:
    built = bytes(body)  # type: ignore[call-overload]  # a scapy packet
    raw = b"head" + built
    assert ELEMENTS_AT[kind] == len(built)
    assert read(raw, 4, len(raw)) == fields
    shortest = max(size for size in range(len(raw) + 1) if size < 4 or read(raw, 4, size) is None) + 1
    assert read(raw, 4, shortest) == fields
    assert shortest <= len(raw)


def test_probe_requests_have_no_fixed_fields() -> None:
    assert ELEMENTS_AT[kinds.PROBE_REQ] == len(bytes(Dot11ProbeReq())) == 0


@given(st.binary(max_size=40), st.data())
def test_any_bytes_are_read_without_an_error(raw: bytes, data: st.DataObject) -> None:
    end = data.draw(st.integers(0, len(raw)))
    body = data.draw(st.integers(0, end))
    for read in (
        fixed.beacon_fixed,
        fixed.auth_fixed,
        fixed.association_response_fixed,
        fixed.reason_fixed,
    ):
        read(raw, body, end)
