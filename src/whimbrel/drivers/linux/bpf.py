"""Classic BPF instructions with labels instead of jump distances (Linux, ``Documentation/networking/filter.rst``)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from whimbrel.errors import WhimbrelError


class FilterError(WhimbrelError, ValueError):
    """The filter cannot be compiled; the message has the fault."""


class FilterUnavailable(WhimbrelError):
    """The compiler of filter expressions is missing; the message names the package to install."""


class Instruction(NamedTuple):
    """One ``struct sock_filter``."""

    code: int
    jt: int
    jf: int
    k: int


class Op(NamedTuple):
    """An instruction whose jumps name labels; None means the next instruction."""

    code: int
    k: int = 0
    then: str | None = None
    otherwise: str | None = None


_LD, _LDX, _ST, _STX, _ALU, _JMP, _RET, _MISC = range(8)  # instruction classes
_H, _B = 0x08, 0x10  # sizes; a word is 0
_ABS, _IND, _MEM = 0x20, 0x40, 0x60  # addressing modes; immediate is 0
_X = 0x08  # the operand is X, not k
_ADD, _OR, _AND, _LSH, _RSH = 0x00, 0x40, 0x50, 0x60, 0x70
_JA, _JEQ, _JSET = 0x00, 0x10, 0x40

RETURN_NOTHING = Op(_RET, 0)
ADD_X = Op(_ALU | _ADD | _X)
OR_X = Op(_ALU | _OR | _X)
SHIFT_LEFT_X = Op(_ALU | _LSH | _X)
TAX = Op(_MISC)


def ret(length: int) -> Op:
    """Accept at most `length` octets of the frame; 0 rejects it."""
    return Op(_RET, length)


def load(value: int) -> Op:
    """Put a constant into A."""
    return Op(_LD, value)


def load_byte(offset: int) -> Op:
    """Load the octet at a fixed offset into A. Like every load beyond the end of the frame, it rejects the frame."""
    return Op(_LD | _B | _ABS, offset)


def load_byte_x(offset: int) -> Op:
    """Load the octet at X + `offset` into A."""
    return Op(_LD | _B | _IND, offset)


def load_half_x(offset: int) -> Op:
    """Load two octets, big-endian, at X + `offset` into A."""
    return Op(_LD | _H | _IND, offset)


def load_word_x(offset: int) -> Op:
    """Load four octets, big-endian, at X + `offset` into A."""
    return Op(_LD | _IND, offset)


def load_x(value: int) -> Op:
    """Put a constant into X."""
    return Op(_LDX, value)


def recall(cell: int) -> Op:
    """Put a cell of the scratch memory into A."""
    return Op(_LD | _MEM, cell)


def recall_x(cell: int) -> Op:
    """Put a cell of the scratch memory into X."""
    return Op(_LDX | _MEM, cell)


def store(cell: int) -> Op:
    """Put A into a cell of the scratch memory (0 to 15)."""
    return Op(_ST, cell)


def store_x(cell: int) -> Op:
    """Put X into a cell of the scratch memory."""
    return Op(_STX, cell)


def mask(bits: int) -> Op:
    """Keep these bits of A."""
    return Op(_ALU | _AND, bits)


def add(value: int) -> Op:
    """Add a constant to A."""
    return Op(_ALU | _ADD, value)


def shift_left(bits: int) -> Op:
    """Shift A to the left."""
    return Op(_ALU | _LSH, bits)


def shift_right(bits: int) -> Op:
    """Shift A to the right."""
    return Op(_ALU | _RSH, bits)


def jump(label: str) -> Op:
    """Go to `label`."""
    return Op(_JMP | _JA, 0, label)


def if_equal(value: int, then: str | None = None, otherwise: str | None = None) -> Op:
    """Go to `then` where A is `value`, else to `otherwise`."""
    return Op(_JMP | _JEQ, value, then, otherwise)


def if_any(bits: int, then: str | None = None, otherwise: str | None = None) -> Op:
    """Go to `then` where A has any of `bits`, else to `otherwise`."""
    return Op(_JMP | _JSET, bits, then, otherwise)


def assemble(source: Sequence[Op | str]) -> list[Instruction]:
    """Return the instructions of `source`, in which a string is a label of the following instruction.

    A label at the very end is allowed: it refers to the instructions that the caller appends.
    """
    places: dict[str, int] = {}
    ops: list[Op] = []
    for item in source:
        if isinstance(item, str):
            places[item] = len(ops)
        else:
            ops.append(item)
    program = []
    for here, op in enumerate(ops):
        then = places[op.then] - here - 1 if op.then else 0
        otherwise = places[op.otherwise] - here - 1 if op.otherwise else 0
        if op.code == _JMP | _JA:
            program.append(Instruction(op.code, 0, 0, then))
        else:
            program.append(Instruction(op.code, then, otherwise, op.k))
    return program
