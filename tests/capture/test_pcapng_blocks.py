from __future__ import annotations

import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.capture.reading import read

from whimbrel.capture import pcapng_blocks

HEAD = pcapng_blocks.section(application="a test") + pcapng_blocks.interface()
times = st.floats(min_value=0, max_value=4e9, allow_nan=False)
records = st.tuples(times, st.binary(max_size=100), st.integers(0, 300), st.lists(st.text()), st.integers(0, 2**40))
Record = tuple[float, bytes, int, list[str], int]


def options(block: bytes, at: int) -> list[tuple[int, bytes]]:
    """Read the options of a block as strictly as the draft allows: any octet too many or missing is an error."""
    found: list[tuple[int, bytes]] = []
    end = len(block) - 4
    while at < end:
        code, length = struct.unpack_from("<HH", block, at)
        value = block[at + 4 : at + 4 + length]
        at += 4 + length + -length % 4
        if code == 0:
            assert length == 0
            assert at == end
            return found
        assert len(value) == length
        assert not any(block[at - (-length % 4) : at])
        found.append((code, value))
    assert at == end
    return found


def blocks(octets: bytes) -> list[bytes]:
    found = []
    while octets:
        (length,) = struct.unpack_from("<I", octets, 4)
        assert length % 4 == 0
        assert octets[length - 4 : length] == struct.pack("<I", length)
        found.append(octets[:length])
        octets = octets[length:]
    return found


@settings(deadline=None)
@given(st.lists(records, max_size=5))
def test_a_packet_comes_back_whatever_its_comments_are(frames: list[Record]) -> None:
    made = [pcapng_blocks.packet(*frame) for frame in frames]
    outcome = read(HEAD + b"".join(made))
    assert outcome.error is None
    assert outcome.frames == [octets for _, octets, *_ in frames]
    own = list(pcapng_blocks.packets(b"".join(made)))
    assert [octets for _, octets, _ in own] == outcome.frames
    assert [length for *_, length in own] == [max(length, len(octets)) for _, octets, length, *_ in frames]
    for block, (_, octets, _, comments, lost) in zip(made, frames, strict=True):
        told = options(block, 28 + len(octets) + -len(octets) % 4)
        assert [value for code, value in told if code == 4] == ([struct.pack("<Q", lost)] if lost else [])
        texts = [value.decode() for code, value in told if code == 1]
        assert len(texts) == len(comments)
        assert all(char.isprintable() or char == "\n" for text in texts for char in text)


@settings(deadline=None)
@given(st.text(), st.text(), st.text(), st.text(), st.lists(st.text(), max_size=3))
def test_any_texts_make_a_head_that_a_strict_reader_takes(
    application: str, name: str, description: str, chosen: str, comments: list[str]
) -> None:
    section = pcapng_blocks.section(application=application, comments=comments)
    interface = pcapng_blocks.interface(name=name, description=description, chosen=chosen)
    assert blocks(section + interface) == [section, interface]
    assert len([value for code, value in options(section, 24) if code == 1]) == len(comments)
    told = dict(options(interface, 16))
    assert told[9] == b"\x09"
    assert (11 in told) is bool(chosen)
    assert told.get(11, b"\0").startswith(b"\0")


def test_statistics_as_the_draft_has_them() -> None:
    block = pcapng_blocks.statistics(time=3.0, begun=1.0, ended=2.0, received=9, dropped=2, delivered=5)
    assert struct.unpack_from("<IIIII", block) == (5, len(block), 0, 0, 3_000_000_000)
    counts = dict(options(block, 20))
    assert counts == {
        2: struct.pack("<II", 0, 1_000_000_000),
        3: struct.pack("<II", 0, 2_000_000_000),
        4: struct.pack("<Q", 9),
        5: struct.pack("<Q", 2),
        8: struct.pack("<Q", 5),
    }
    assert read(HEAD + block).error is None


@pytest.mark.parametrize("octets", [b"\x06", HEAD, pcapng_blocks.packet(1.0, b"abcd")[:-4], bytes(40)])
def test_what_is_no_packet_is_refused(octets: bytes) -> None:
    with pytest.raises(ValueError, match="expected a packet at octet 0"):
        list(pcapng_blocks.packets(octets))


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_any_octets_are_packets_or_refused(octets: bytes) -> None:
    try:
        found = list(pcapng_blocks.packets(octets))
    except ValueError:
        return
    assert sum(len(record[1]) for record in found) <= len(octets)


@settings(deadline=None)
@given(st.floats(-90, 90), st.floats(-180, 180), st.none() | st.floats(-500, 9000))
def test_a_position_is_what_kismet_reads(latitude: float, longitude: float, altitude: float | None) -> None:
    block = pcapng_blocks.packet(1.0, b"abcd", place=pcapng_blocks.position(latitude, longitude, altitude))
    assert read(HEAD + block).frames == [b"abcd"]
    ((code, value),) = options(block, 32)
    enterprise, magic, version, length, present = struct.unpack_from("<IBBHI", value)
    assert (code, enterprise, magic, version, length) == (2989, 55922, 0x47, 1, len(value) - 12)
    assert present == (0x06 if altitude is None else 0x0E)
    fields = struct.unpack(f"<{length // 4}I", value[12:])
    assert fields[0] / 1e7 - 180 == pytest.approx(longitude, abs=1e-7)
    assert fields[1] / 1e7 - 180 == pytest.approx(latitude, abs=1e-7)
    if altitude is not None:
        assert fields[2] / 1e4 - 180_000 == pytest.approx(altitude, abs=1e-3)


@pytest.mark.parametrize("place", [(90.1, 0.0), (0.0, 181.0), (float("nan"), 0.0)])
def test_what_is_nowhere_on_the_earth_is_refused(place: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match="degrees on the earth"):
        pcapng_blocks.position(*place)
