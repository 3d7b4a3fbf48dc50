from __future__ import annotations

import io
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.capture.reading import read

from whimbrel.capture.pcapng_writer import PcapngWriter
from whimbrel.capture.radiotap_header import radiotap_header
from whimbrel.testing import PATIENCE
from whimbrel.wifi.linktypes import IEEE802_11, RADIOTAP

BEACON = bytes.fromhex("80000000ffffffffffff0211223344550211223344551000") + bytes(8) + b"\x64\x00\x01\x00\x00\x01a"
times = st.floats(min_value=0, max_value=4e9, allow_nan=False)


def written(*frames: tuple[float, bytes, int], comments: tuple[str, ...] = (), link_type: int = RADIOTAP) -> bytes:
    stream = io.BytesIO()
    writer = PcapngWriter(stream, application="a test", link_type=link_type, comments=comments)
    for time, octets, length in frames:
        writer.write(time, octets, length, comments)
    return stream.getvalue()


@settings(deadline=None)
@given(st.lists(st.tuples(times, st.binary(max_size=200), st.integers(0, 300)), max_size=20), st.lists(st.text()))
def test_what_is_written_is_read_back(frames: list[tuple[float, bytes, int]], comments: list[str]) -> None:
    outcome = read(written(*frames, comments=tuple(comments)))
    assert outcome.error is None
    nanosecond = 1e-9
    assert [(octets, length) for _, octets, length in outcome.records] == [(o, max(n, len(o))) for _, o, n in frames]
    for (time, _, _), (wanted, _, _) in zip(outcome.records, frames, strict=True):
        assert abs(time - wanted) <= nanosecond


@settings(deadline=None)
@given(st.floats(min_value=1e9, max_value=4e9))
def test_a_time_of_these_days_comes_back_unchanged(time: float) -> None:
    assert read(written((time, b"x" * 4, 0))).records[0][0] == time


def test_the_link_type_is_that_of_the_file() -> None:
    assert [kind for kind, _ in read(written((1.0, BEACON, 0), link_type=IEEE802_11)).batches] == [IEEE802_11]


def test_octets_as_the_draft_has_them() -> None:
    data = written((1.000000001, b"abc", 9), comments=("so",))
    assert data[:4] == b"\x0a\x0d\x0d\x0a"
    assert data[8:24] == bytes.fromhex("4d3c2b1a 0100 0000 ffffffffffffffff")
    assert data[24:32] == b"\x01\x00\x02\x00so\x00\x00"
    interface = data.index(b"\x01\x00\x00\x00\x20\x00\x00\x00")
    assert data[interface + 8 : interface + 16] == bytes.fromhex("7f00 0000 00000000")
    assert data[interface + 16 : interface + 24] == b"\x09\x00\x01\x00\x09\x00\x00\x00"
    packet = data[interface + 32 :]
    assert packet[:4] == b"\x06\x00\x00\x00"
    assert packet[8:28] == bytes.fromhex("00000000 00000000 01ca9a3b 03000000 09000000")
    assert packet[28:44] == b"abc\x00\x01\x00\x02\x00so\x00\x00\x00\x00\x00\x00"


def test_a_comment_holds_no_control_and_no_more_than_fits() -> None:
    data = written(comments=("a\x1b[2J\0b\nc", "ö" * 40000))
    assert b"\x1b" not in data
    assert "a\ufffd[2J\ufffdb\nc".encode() in data
    assert b"\xff\xff" not in data[60:]
    assert ("ö" * 32767).encode() in data
    assert read(data).error is None


def test_a_time_before_the_epoch_is_refused() -> None:
    with pytest.raises(ValueError, match="-1"):
        written((-1.0, b"", 0))


@pytest.mark.skipif(shutil.which("tshark") is None, reason="tshark is not installed")
def test_wireshark_agrees(tmp_path: Path) -> None:
    header = radiotap_header(tsft=77, rate=1.0, freq=2437, phy="dsss", rssi=-48, noise=-95)
    path = tmp_path / "a.pcapng"
    path.write_bytes(written((1760000000.25, header + BEACON, 0), comments=("what it shows",)))
    names = (
        "frame.time_epoch", "frame.comment", "radiotap.mactime", "radiotap.dbm_antsignal", "radiotap.dbm_antnoise",
        "radiotap.channel.freq", "radiotap.datarate", "wlan.bssid", "_ws.malformed",
    )  # fmt: skip
    asked = [word for name in names for word in ("-e", name)]
    done = subprocess.run(
        ["tshark", "-r", path, "-T", "fields", "-E", "separator=|", *asked],
        capture_output=True, text=True, timeout=PATIENCE, check=True,
    )  # fmt: skip
    time, *rest = done.stdout.strip("\n").split("|")
    assert float(time) == 1760000000.25
    assert rest == ["what it shows", "77", "-48", "-95", "2437", "1", "02:11:22:33:44:55", ""]
