"""The kernel's filter: a choice of frame classes and a libpcap expression, as one classic BPF program.

A rejected frame costs the kernel about twenty BPF instructions, and the daemon nothing.
"""

from __future__ import annotations

import enum
import functools
import operator
import struct
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from whimbrel.drivers.linux import bpf
from whimbrel.drivers.linux.bpf import FilterError, Instruction, Op
from whimbrel.wifi import kinds

SNAP_LENGTH = 262_144
"""Octets of a frame that are kept: all of them."""
_MAX_INSTRUCTIONS = 4096  # BPF_MAXINSNS

RADIOTAP, RAW, PRISM = 127, 105, 119
_PRISM_HEADER = 144
_EAPOL = 0x888E
_SNAP = 0xAAAA0300  # LLC and the first octet of SNAP's OUI (IEEE 802.11-2020, 5.1.4)


class FrameClass(enum.Enum):
    """A class of frames, with its name in the setting ``frames``."""

    ALL = "all"
    MANAGEMENT = "management"
    BEACONS = "beacons"
    PROBES = "probes"
    ASSOCIATION = "association"
    AUTHENTICATION = "authentication"
    DISCONNECTION = "disconnection"
    ACTION = "action"
    CONTROL = "control"
    RESERVATION = "reservation"
    ACKNOWLEDGEMENT = "acknowledgement"
    POWER_SAVE = "power-save"
    DATA = "data"
    NULL_DATA = "null-data"
    CLEAR_DATA = "clear-data"
    EAPOL = "eapol"
    EXTENSION = "extension"


class _Subtypes(NamedTuple):
    management: int = 0
    control: int = 0
    data: int = 0
    extension: int = 0


_ANY = 0xFFFF
_DATA_WITH_BODY = 0x0F0F  # subtypes 4 to 7 and 12 to 15 carry none


def _bits(*of: int) -> int:
    return sum(1 << (kind & 15) for kind in of)


_SUBTYPES = {
    FrameClass.MANAGEMENT: _Subtypes(management=_ANY),
    FrameClass.BEACONS: _Subtypes(management=_bits(kinds.BEACON)),
    FrameClass.PROBES: _Subtypes(management=_bits(kinds.PROBE_REQ, kinds.PROBE_RESP)),
    FrameClass.ASSOCIATION: _Subtypes(
        management=_bits(kinds.ASSOC_REQ, kinds.ASSOC_RESP, kinds.REASSOC_REQ, kinds.REASSOC_RESP)
    ),
    FrameClass.AUTHENTICATION: _Subtypes(management=_bits(kinds.AUTH)),
    FrameClass.DISCONNECTION: _Subtypes(management=_bits(kinds.DISASSOC, kinds.DEAUTH)),
    FrameClass.ACTION: _Subtypes(management=_bits(kinds.ACTION, kinds.ACTION_NO_ACK)),
    FrameClass.CONTROL: _Subtypes(control=_ANY),
    FrameClass.RESERVATION: _Subtypes(control=_bits(kinds.RTS, kinds.CTS, kinds.CF_END, kinds.CF_END_ACK)),
    FrameClass.ACKNOWLEDGEMENT: _Subtypes(control=_bits(kinds.BLOCK_ACK_REQ, kinds.BLOCK_ACK, kinds.ACK)),
    FrameClass.POWER_SAVE: _Subtypes(control=_bits(kinds.PS_POLL)),
    FrameClass.DATA: _Subtypes(data=_ANY),
    FrameClass.NULL_DATA: _Subtypes(data=_ANY & ~_DATA_WITH_BODY),
    FrameClass.EXTENSION: _Subtypes(extension=_ANY),
}
"""Subtypes in each class by type, as bits (IEEE 802.11-2020, table 9-1)."""


def compile_filter(link_type: int, frames: Iterable[FrameClass], expression: str = "") -> list[Instruction]:
    """Return the program that accepts the frames of any class in `frames` that match `expression`, if given.

    `link_type` is 127 (radiotap), 105 (none) or 119 (Prism). An empty program accepts all frames. With classes other
    than all, frames too short for their header are rejected. Raises `FilterError`, and `FilterUnavailable` if an
    expression is given and libpcap is not installed.
    """
    classes = _class_filter(link_type, frozenset(frames))
    compiled: list[Instruction] = []
    if expression.strip():
        from whimbrel.drivers.linux import libpcap

        compiled = libpcap.compile_expression(expression, link_type, SNAP_LENGTH)
    if not classes:
        program = compiled
    elif compiled:
        program = bpf.assemble([*classes, "reject", bpf.RETURN_NOTHING, "accept"]) + compiled
    else:
        program = bpf.assemble([*classes, "reject", bpf.RETURN_NOTHING, "accept", bpf.ret(SNAP_LENGTH)])
    if len(program) > _MAX_INSTRUCTIONS:
        raise FilterError(f"the filter compiles to {len(program)} instructions; the kernel takes {_MAX_INSTRUCTIONS}")
    return program


def _class_filter(link_type: int, frames: frozenset[FrameClass]) -> list[Op | str]:
    """Return the instructions that jump to ``accept`` or ``reject``; none if every frame is accepted."""
    if FrameClass.ALL in frames:
        return []
    if not frames:
        raise FilterError("no class of frames is chosen: nothing would ever be captured")
    wanted = [_SUBTYPES[each] for each in frames if each in _SUBTYPES]
    masks = _Subtypes(*(functools.reduce(operator.or_, column, 0) for column in zip(_Subtypes(), *wanted, strict=True)))
    return [
        *_frame_control(link_type),
        bpf.recall(_CONTROL),
        bpf.mask(0x0C),
        bpf.if_equal(0x00, "management"),
        bpf.if_equal(0x04, "control"),
        bpf.if_equal(0x08, "data"),
        *_by_subtype(masks.extension),
        "management",
        *_by_subtype(masks.management),
        "control",
        *_by_subtype(masks.control),
        "data",
        *_data(masks.data, clear=FrameClass.CLEAR_DATA in frames, eapol=FrameClass.EAPOL in frames),
    ]


# Cells of the scratch memory.
_CONTROL, _START, _SUBTYPE, _HEADER = range(4)


def _frame_control(link_type: int) -> list[Op | str]:
    """Store the first octet of Frame Control, the start of the frame, and a bit for the subtype."""
    if link_type == RADIOTAP:
        start = [bpf.load_byte(3), bpf.shift_left(8), bpf.TAX, bpf.load_byte(2), bpf.OR_X, bpf.TAX]
    elif link_type in (RAW, PRISM):
        start = [bpf.load_x(_PRISM_HEADER if link_type == PRISM else 0)]
    else:
        raise FilterError(f"frames of link type {link_type} cannot be chosen by class")
    return [
        *start,
        bpf.store_x(_START),
        bpf.load_byte_x(0),
        bpf.store(_CONTROL),
        bpf.shift_right(4),
        bpf.TAX,
        bpf.load(1),
        bpf.SHIFT_LEFT_X,
        bpf.store(_SUBTYPE),
    ]


def _by_subtype(bits: int) -> list[Op | str]:
    return [bpf.recall(_SUBTYPE), bpf.if_any(bits, "accept", "reject")]


def _data(bits: int, *, clear: bool, eapol: bool) -> list[Op | str]:
    """Accept data frames by subtype, and of the unencrypted ones all (`clear`) or only EAPOL (`eapol`)."""
    if not clear and not eapol:
        return _by_subtype(bits)
    unprotected: list[Op | str] = [
        bpf.recall(_SUBTYPE),
        bpf.if_any(bits, "accept"),
        bpf.if_any(_DATA_WITH_BODY, None, "reject"),
        bpf.recall_x(_START),
        bpf.load_byte_x(1),
        bpf.if_any(0x40, "reject"),
    ]
    if clear:
        return [*unprotected, bpf.jump("accept")]
    return [*unprotected, *_eapol()]


def _eapol() -> list[Op | str]:
    """Accept a data frame whose body is EAPOL; X is the start of the frame."""
    return [
        bpf.mask(0x03),
        bpf.if_equal(0x03, "four addresses"),
        bpf.load(24),
        bpf.jump("addresses"),
        "four addresses",
        bpf.load(30),
        "addresses",
        bpf.store(_HEADER),
        bpf.recall(_CONTROL),
        bpf.if_any(0x80, None, "header"),
        bpf.recall(_HEADER),
        bpf.add(2),  # QoS Control
        bpf.store(_HEADER),
        bpf.load_byte_x(1),
        bpf.if_any(0x80, None, "header"),
        bpf.recall(_HEADER),
        bpf.add(4),  # HT Control
        bpf.store(_HEADER),
        "header",
        bpf.recall(_HEADER),
        bpf.ADD_X,
        bpf.TAX,
        bpf.load_word_x(0),
        bpf.if_equal(_SNAP, None, "padded"),
        bpf.load_half_x(6),
        bpf.if_equal(_EAPOL, "accept", "reject"),
        "padded",  # some receivers align the body to four octets (radiotap flag 0x20)
        bpf.load_word_x(2),
        bpf.if_equal(_SNAP, None, "reject"),
        bpf.load_half_x(8),
        bpf.if_equal(_EAPOL, "accept", "reject"),
    ]


def pack(program: Sequence[Instruction]) -> bytes:
    """Return `program` as the kernel's array of ``struct sock_filter``."""
    return b"".join(struct.pack("=HBBI", *instruction) for instruction in program)
