"""Reads a compiled BPF program: an ELF file (elf(5)) with its instructions and the places where they name maps."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from whimbrel.errors import WhimbrelError

OBJECT = Path(__file__).with_name("thin.bpf.o")
"""Compiled when the package is built; not there where no clang was."""

_HEADER = struct.Struct("<16s2HI3QI6H")
_SECTION = struct.Struct("<2I4Q2I2Q")
_SYMBOL = struct.Struct("<IBBHQQ")
_RELOCATION = struct.Struct("<QQ")
_MACHINE = 247  # EM_BPF
_CODE = "socket"
_BY_MAP = 1  # R_BPF_64_64
_LOAD = 0x18  # BPF_LD | BPF_IMM | BPF_DW, two instructions long
_MAP = 1  # BPF_PSEUDO_MAP_FD


class BadObject(WhimbrelError, ValueError):
    """The file is no compiled program of this kind; the message has the reason."""


class _Section(NamedTuple):
    name: str
    offset: int
    size: int
    link: int
    info: int


class Program(NamedTuple):
    """A program whose maps do not exist yet."""

    code: bytes
    maps: tuple[tuple[int, str], ...]
    """Offset of an instruction, and the name of the map that it loads."""

    def with_maps(self, descriptors: Mapping[str, int]) -> bytes:
        """Return the instructions for these maps. Raises `BadObject` if one is missing."""
        code = bytearray(self.code)
        for at, name in self.maps:
            if name not in descriptors:
                raise BadObject(f"the program has a map {name}, which is unknown here")
            code[at + 1] = code[at + 1] & 0x0F | _MAP << 4
            struct.pack_into("<i", code, at + 4, descriptors[name])
        return bytes(code)


def read_program(data: bytes) -> Program:
    """Return the program in an object file. Raises `BadObject`, and nothing else."""
    try:
        return _read(data)
    except BadObject:
        raise
    except (struct.error, IndexError, StopIteration, OverflowError, ValueError) as error:
        raise BadObject("the object file is damaged") from error


def _read(data: bytes) -> Program:
    ident, _, machine, _, _, _, at, _, _, _, _, size, count, names = _HEADER.unpack_from(data)
    if ident[:6] != b"\x7fELF\x02\x01" or machine != _MACHINE or size != _SECTION.size:
        raise BadObject("the file is no BPF object for a little-endian machine")
    raw = [_SECTION.unpack_from(data, at + number * size) for number in range(count)]
    texts = raw[names][4]
    sections = [_Section(_text(data, texts + each[0]), each[4], each[5], each[6], each[7]) for each in raw]
    number, code = next((i, section) for i, section in enumerate(sections) if section.name == _CODE)
    instructions = data[code.offset : code.offset + code.size]
    if not instructions or len(instructions) != code.size or code.size % 8:
        raise BadObject("the object file has no instructions")
    maps = []
    for section in sections:
        if section.name != f".rel{_CODE}" or section.info != number:
            continue
        symbols = sections[section.link]
        strings = sections[symbols.link]
        for place in range(section.offset, section.offset + section.size, _RELOCATION.size):
            offset, info = _RELOCATION.unpack_from(data, place)
            if info & 0xFFFFFFFF != _BY_MAP or instructions[offset] != _LOAD:
                raise BadObject("the program needs more than maps")
            name, *_ = _SYMBOL.unpack_from(data, symbols.offset + (info >> 32) * _SYMBOL.size)
            maps.append((offset, _text(data, strings.offset + name)))
    return Program(instructions, tuple(maps))


def _text(data: bytes, at: int) -> str:
    return data[at : data.index(b"\0", at)].decode("ascii", "replace") if at < len(data) else ""
