"""A machine for classic BPF programs (Linux, ``Documentation/networking/filter.rst``), sufficient for the filters."""

from __future__ import annotations

import operator
from collections.abc import Sequence

from whimbrel.drivers.linux.bpf import Instruction

_SIZES = {0x00: 4, 0x08: 2, 0x10: 1}
_ARITHMETIC = {
    0x00: operator.add,
    0x10: operator.sub,
    0x20: operator.mul,
    0x40: operator.or_,
    0x50: operator.and_,
    0x60: operator.lshift,
    0x70: operator.rshift,
}
_CONDITIONS = {
    0x10: operator.eq,
    0x20: operator.gt,
    0x30: operator.ge,
    0x40: operator.and_,
}


def run(program: Sequence[Instruction], frame: bytes) -> int:
    """Return the number of octets of `frame` that the program accepts. Raises AssertionError for programs that the
    kernel would refuse."""
    a = x = 0
    memory: dict[int, int] = {}
    here = 0
    while True:
        code, jt, jf, k = program[here]
        here += 1
        group, operand = code & 0x07, x if code & 0x08 else k
        if group in (0, 1):  # loads into A and X
            value = _load(code, k, x, memory, frame)
            if value is None:
                return 0
            a, x = (value, x) if group == 0 else (a, value)
        elif group in (2, 3):  # stores
            memory[k] = a if group == 2 else x
        elif group == 4:
            a = _ARITHMETIC[code & 0xF0](a, operand) & 0xFFFFFFFF
        elif group == 5:
            if code & 0xF0 == 0:
                here += k
            else:
                here += jt if _CONDITIONS[code & 0xF0](a, operand) else jf
        elif group == 6:
            return a if code & 0x18 == 0x10 else k
        else:
            a, x = (x, x) if code & 0xF8 == 0x80 else (a, a)


def _load(code: int, k: int, x: int, memory: dict[int, int], frame: bytes) -> int | None:
    mode, size = code & 0xE0, _SIZES[code & 0x18]
    if mode == 0x00:
        return k
    if mode == 0x60:
        assert k in memory, "a cell is read before it is written"
        return memory[k]
    if mode == 0x80:
        return len(frame)
    start = k + (x if mode == 0x40 else 0)
    if mode == 0xA0:
        return 4 * (frame[k] & 0x0F) if k < len(frame) else None
    octets = frame[start : start + size]
    return int.from_bytes(octets, "big") if len(octets) == size else None
