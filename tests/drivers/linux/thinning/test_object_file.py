from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.lab.thinned import skip_without_filter

from whimbrel.drivers.linux.thinning.layout import SHAPES
from whimbrel.drivers.linux.thinning.object_file import OBJECT, BadObject, read_program


@given(st.binary(max_size=300), st.booleans())
def test_what_is_no_program_is_refused(data: bytes, elf: bool) -> None:
    with contextlib.suppress(BadObject):
        read_program(b"\x7fELF\x02\x01" + data if elf else data)


@given(st.data())
def test_a_damaged_program_is_read_or_refused(data: st.DataObject) -> None:
    skip_without_filter()
    octets = bytearray(OBJECT.read_bytes())
    for _ in range(data.draw(st.integers(1, 8))):
        octets[data.draw(st.integers(0, 63) | st.integers(0, len(octets) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(BadObject):
        read_program(bytes(octets[: data.draw(st.integers(0, len(octets)))]))


def test_the_program_names_the_maps_that_are_known() -> None:
    skip_without_filter()
    program = read_program(OBJECT.read_bytes())
    assert {name for _, name in program.maps} == SHAPES.keys()
    assert len(program.with_maps(dict.fromkeys(SHAPES, 5))) == len(program.code)
    with pytest.raises(BadObject, match="a map senders"):
        program.with_maps({name: 5 for name in SHAPES if name != "senders"})
