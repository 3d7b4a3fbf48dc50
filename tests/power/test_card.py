from __future__ import annotations

import random
import socket
import struct
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.power.card import SECTOR, VolatileCard

SIZE = 16 * SECTOR


@pytest.fixture
def image(tmp_path: Path) -> Path:
    path = tmp_path / "image"
    path.write_bytes(bytes(SIZE))
    return path


@pytest.fixture
def card(image: Path) -> Iterator[VolatileCard]:
    with VolatileCard(image, image.with_name("socket")) as served:
        yield served


WRITES = st.lists(st.tuples(st.integers(0, SIZE - 1), st.binary(min_size=1, max_size=3 * SECTOR)), max_size=8)


@given(WRITES, st.integers(0, 8), st.integers(0, SIZE), st.integers(0, SIZE))
def test_what_is_written_is_read_wherever_it_is(
    tmp_path_factory: pytest.TempPathFactory, writes: list[tuple[int, bytes]], flushed: int, at: int, size: int
) -> None:
    path = tmp_path_factory.mktemp("card") / "image"
    path.write_bytes(bytes(SIZE))
    model = bytearray(SIZE)
    card = VolatileCard(path, path.with_name("socket"))
    for number, (place, octets) in enumerate(writes):
        fitting = octets[: SIZE - place]
        card.write(place, fitting)
        model[place : place + len(fitting)] = fitting
        if number + 1 == flushed:
            card.flush()
            assert path.read_bytes() == model
    size = min(size, SIZE - at)
    assert card.read(at, size) == model[at : at + size]


def test_a_cut_keeps_what_was_flushed_and_a_part_of_the_rest(card: VolatileCard, image: Path) -> None:
    card.write(0, b"\1" * 4 * SECTOR)
    card.flush()
    card.write(2 * SECTOR, b"\2" * 12 * SECTOR)
    kept, lost = card.cut(random.Random(3))
    assert kept
    assert lost
    assert kept + lost == 12
    sectors = [image.read_bytes()[at : at + SECTOR] for at in range(0, SIZE, SECTOR)]
    assert sectors[:2] == [b"\1" * SECTOR] * 2
    assert sectors.count(b"\2" * SECTOR) == kept


class Reader:
    """As much of an NBD client as QEMU has need of."""

    def __init__(self, path: Path) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.connect(str(path))
        self._stream = self._socket.makefile("rb")

    def take(self, form: str) -> tuple[int, ...]:
        return struct.unpack(form, self._stream.read(struct.calcsize(form)))

    def negotiate(self) -> tuple[int, ...]:
        assert self._stream.read(16) == b"NBDMAGICIHAVEOPT"
        self.take(">H")
        self._socket.sendall(struct.pack(">I", 3))
        for option, kinds in ((8, [0x80000001]), (7, [3, 1])):
            self._socket.sendall(b"IHAVEOPT" + struct.pack(">II", option, 0))
            for kind in kinds:
                _, answered, found, length = self.take(">QIII")
                assert (answered, found) == (option, kind)
                told = self._stream.read(length)
                if kind == 3:
                    described = struct.unpack(">HQH", told)
        return described

    def ask(self, kind: int, at: int = 0, octets: bytes = b"", length: int = 0, flags: int = 0) -> bytes:
        head = struct.pack(">IHHQQI", 0x25609513, flags, kind, 77, at, length or len(octets))
        self._socket.sendall(head + octets)
        _, error, cookie = self.take(">IIQ")
        assert (error, cookie) == (0, 77)
        return self._stream.read(length)

    def close(self) -> None:
        self._stream.close()
        self._socket.close()


def test_it_is_served_as_nbd(card: VolatileCard, image: Path) -> None:
    reader = Reader(card.path)
    try:
        assert reader.negotiate() == (0, SIZE, 13)
        reader.ask(1, 512, b"soon")
        assert reader.ask(0, 512, length=4) == b"soon"
        assert image.read_bytes() == bytes(SIZE)
        reader.ask(3)
        assert image.read_bytes()[512:516] == b"soon"
        reader.ask(1, 0, b"at once", flags=1)
        assert image.read_bytes()[:7] == b"at once"
    finally:
        reader.close()
