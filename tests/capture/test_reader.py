from __future__ import annotations

import gzip
import json
import tracemalloc
from pathlib import Path

import pytest
from tests.capture.files import FRAME, enhanced, interface, section
from tests.capture.reading import Trickle, read
from tests.lab.pcap import pcap_header, pcap_record

from whimbrel.capture.chunks import CHUNK, Damaged
from whimbrel.capture.reader import read_capture

PCAP = pcap_header() + b"".join(pcap_record(FRAME + n.to_bytes(4, "big"), n) for n in range(5000))
PCAPNG = section() + interface() + b"".join(enhanced(FRAME + n.to_bytes(4, "big"), n) for n in range(5000))


@pytest.mark.parametrize("plain", [PCAP, PCAPNG], ids=["pcap", "pcapng"])
def test_gzip_gives_the_same(plain: bytes) -> None:
    outcome = read(gzip.compress(plain))
    assert outcome.error is None
    assert len(outcome.frames) == 5000
    assert outcome == read(plain)


@pytest.mark.parametrize("plain", [PCAP, PCAPNG], ids=["pcap", "pcapng"])
def test_gzip_cut_short_gives_what_was_unpacked(plain: bytes) -> None:
    packed = gzip.compress(plain)
    outcome = read(packed[: len(packed) * 3 // 4], 4096)
    assert isinstance(outcome.error, Damaged)
    assert 1000 < len(outcome.frames) < 5000
    assert outcome.frames == read(plain).frames[: len(outcome.frames)]


def test_gzip_with_a_wrong_checksum_is_damaged_behind_its_frames() -> None:
    packed = bytearray(gzip.compress(PCAP))
    packed[-6] ^= 0xFF
    outcome = read(bytes(packed))
    assert len(outcome.frames) == 5000
    assert isinstance(outcome.error, Damaged)


def test_a_gzip_of_nothing_but_a_header_is_damaged() -> None:
    assert isinstance(read(b"\x1f\x8b").error, Damaged)


class Endless(Trickle):
    """A pcap file of many gigabytes, made while it is read."""

    def __init__(self, batches: int) -> None:
        super().__init__(pcap_header(), CHUNK)
        self._left = batches
        self._piece = pcap_record(FRAME + bytes(1000)) * 100

    def read(self, size: int = -1) -> bytes:
        if head := super().read(size):
            return head
        self._left -= 1
        return self._piece if self._left >= 0 else b""


def test_memory_is_bounded() -> None:
    stream = Endless(300)
    tracemalloc.start()
    try:
        count = sum(len(batch) for _, batch in read_capture(stream))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert count == 30_000
    assert stream.largest <= CHUNK
    assert peak < 2_000_000


@pytest.mark.captures
def test_real_captures_have_the_frames_that_tshark_sees(captures: Path) -> None:
    expected = json.loads((captures / "expected.json").read_text())
    assert expected
    for name, facts in expected.items():
        outcome = read((captures / name).read_bytes())
        assert len(outcome.frames) == facts["frames"], name
        assert (outcome.error is not None) == ("cut short" in (facts["error"] or "")), name
