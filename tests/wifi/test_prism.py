from __future__ import annotations

import binascii
import struct
from pathlib import Path

import pytest

from whimbrel.capture.reader import read_capture
from whimbrel.wifi.frames import Frame, Malformed
from whimbrel.wifi.linktypes import parser_for
from whimbrel.wifi.prism import parse

ACK = b"\xd4\0\0\0\x02\0\0\0\0\x01"


def read(raw: bytes) -> Frame:
    return parse((0.0, raw, len(raw)))


def prism(order: str, shift: int, code: int, **values: int) -> bytes:
    names = ("hosttime", "mactime", "channel", "rssi", "sq", "signal", "noise", "rate", "istx", "frmlen")
    items = b"".join(
        struct.pack(f"{order}IHHi", number << shift | code, 0 if name in values else 1, 4, values.get(name, 0))
        for number, name in enumerate(names, 1)
    )
    return struct.pack(f"{order}II16s", 0x44, 24 + len(items), b"wlan0") + items


@pytest.mark.parametrize(("shift", "code"), [(16, 0x44), (12, 0x41)])
@pytest.mark.parametrize("order", ["<", ">"])
def test_prism_of_either_numbering_and_order(order: str, shift: int, code: int) -> None:
    raw = prism(order, shift, code, mactime=99, channel=6, signal=-60, noise=-95, rate=22) + ACK
    frame = read(raw)
    assert (frame.malformed, frame.start, frame.kind) == (None, 144, 0x1D)
    assert (frame.tsft, frame.freq, frame.rssi, frame.noise) == (99, 2437, -60, -95)
    assert (frame.rate, frame.phy) == (11.0, "dsss")


def test_prism_levels_on_a_scale_of_their_own_are_not_told() -> None:
    frame = read(prism("<", 16, 0x44, channel=36, signal=57, rate=108) + ACK)
    assert (frame.rssi, frame.noise, frame.freq, frame.rate, frame.phy) == (None, None, 5180, 54.0, "ofdm")


def avs(version: int, channel: int, rate: int, scale: int, signal: int, length: int = 64) -> bytes:
    return struct.pack(
        ">IIQQIIIIIIiiII", 0x80211000 | version, length, 77, 0, 4, channel, rate, 0, 0, scale, signal, -95, 0, 0
    )


def test_avs() -> None:
    frame = read(avs(1, 11, 20, 2, -47) + ACK)
    assert (frame.malformed, frame.start, frame.kind) == (None, 64, 0x1D)
    assert (frame.tsft, frame.freq, frame.rssi, frame.noise, frame.rate) == (77, 2462, -47, -95, 2.0)
    assert read(avs(2, 5180, 54_000_000, 2, -47) + ACK).freq == 5180
    assert read(avs(2, 5_180_000, 54_000_000, 2, -47) + ACK).freq == 5180
    assert read(avs(2, 5180, 54_000_000, 2, -47) + ACK).rate == 54.0
    assert read(avs(1, 0, 0, 3, 200) + ACK).rssi is None
    assert read(avs(1, 0, 2**32 - 1, 3, 200) + ACK).rate < 10_000
    for untold in (avs(1, 0, 0, 3, 200), prism("<", 16, 0x44, rate=0)):
        assert (read(untold + ACK).rate, read(untold + ACK).phy) == (0.0, "")


@pytest.mark.parametrize(
    "raw", [b"", bytes(23), bytes(24), prism("<", 16, 0x44)[:100], avs(1, 1, 1, 1, 1)[:60], avs(1, 1, 1, 1, 1, 8)]
)
def test_broken_headers(raw: bytes) -> None:
    frame = read(raw)
    assert (frame.malformed, frame.kind, frame.start) == (Malformed.LINK_HEADER, -1, len(raw))


@pytest.mark.captures
def test_a_capture_of_madwifi_has_its_fcs(captures: Path) -> None:
    with (captures / "aircrack-ng" / "wpa.cap").open("rb") as stream:
        seen = [parser_for(linktype)(record) for linktype, records in read_capture(stream) for record in records]
    assert {frame.freq for frame in seen} == {2442}
    assert [frame.length for frame in seen if frame.kind == 0x1D] == [14] * 6
    for frame in seen:
        assert binascii.crc32(frame.raw[frame.start : frame.end]).to_bytes(4, "little") == frame.raw[frame.end :]
