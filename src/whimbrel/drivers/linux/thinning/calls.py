"""The system call bpf(2), without a library: maps, programs, and a program's run on one frame.

All numbers are from Linux, ``include/uapi/linux/bpf.h``, which never changes them. Every field of ``union bpf_attr``
has a fixed size, also on 32-bit machines.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import struct
from collections.abc import Iterator
from typing import NamedTuple

ARRAY, HASH, PER_CPU_ARRAY = 2, 1, 6
"""BPF_MAP_TYPE_..."""

_NUMBERS = {"x86_64": 321, "i386": 357, "i686": 357, "aarch64": 280, "riscv64": 280}
_ARM = 386
_MAP_CREATE, _LOOKUP, _UPDATE, _DELETE, _PROG_LOAD, _TEST_RUN, _LOOKUP_BATCH = 0, 1, 2, 3, 5, 10, 24
_SOCKET_FILTER = 1
_ATTRIBUTES = 128
"""Octets of ``union bpf_attr`` that are handed over: more than any command here has; the rest is zero."""
_LOG = 64 * 1024
_NAME = 15
_TRIES = 8
"""A verifier that is interrupted by a signal says EAGAIN."""

_libc = ctypes.CDLL(None, use_errno=True)


class MapShape(NamedTuple):
    """The shape of a map: its type, and the octets of a key and of a value."""

    kind: int
    key: int
    value: int
    entries: int


def number() -> int:
    """Return the number of the system call on this machine. Raises OSError where it is unknown."""
    machine = platform.machine()
    # A 32-bit Python on a 64-bit kernel makes the calls of 32 bits.
    if machine.startswith("arm") or (machine == "aarch64" and struct.calcsize("P") == 4):
        return _ARM
    if machine == "x86_64" and struct.calcsize("P") == 4:
        machine = "i386"
    if machine not in _NUMBERS:
        raise OSError(errno.ENOSYS, f"the number of bpf(2) on {machine} is unknown")
    return _NUMBERS[machine]


def _bpf(command: int, attributes: bytes) -> int:
    """Make the call; return its result. Raises OSError."""
    buffer = ctypes.create_string_buffer(attributes, _ATTRIBUTES)
    result: int = _libc.syscall(ctypes.c_long(number()), command, buffer, _ATTRIBUTES)
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return result


def _address(buffer: ctypes.Array[ctypes.c_char]) -> int:
    return ctypes.addressof(buffer)


def create_map(shape: MapShape, name: str) -> int:
    """Return the descriptor of a new map. Raises OSError."""
    attributes = struct.pack(
        "=7I16s", shape.kind, shape.key, shape.value, shape.entries, 0, 0, 0, name.encode()[:_NAME]
    )
    return _bpf(_MAP_CREATE, attributes)


def load_filter(instructions: bytes, name: str) -> int:
    """Return the descriptor of a socket filter. Raises OSError; the verifier's last words are its `filename`."""
    code = ctypes.create_string_buffer(instructions, len(instructions))
    licence = ctypes.create_string_buffer(b"GPL")
    for size in (0, _LOG):  # the second time with the verifier's log: writing it takes long
        log = ctypes.create_string_buffer(max(size, 1))
        attributes = struct.pack(
            "=2I2Q2IQ2I16s", _SOCKET_FILTER, len(instructions) // 8, _address(code), _address(licence),
            1 if size else 0, size, _address(log) if size else 0, 0, 0, name.encode()[:_NAME],
        )  # fmt: skip
        for attempt in range(_TRIES):
            try:
                return _bpf(_PROG_LOAD, attributes)
            except OSError as error:
                if error.errno == errno.EAGAIN and attempt < _TRIES - 1:
                    continue
                if size or error.errno in {errno.EPERM, errno.ENOSYS}:
                    words = log.value.decode("utf-8", "replace").strip().rpartition("\n")[2]
                    raise OSError(error.errno, error.strerror, words or None) from None
                break
    raise AssertionError  # the second time it has raised


def update(descriptor: int, key: bytes, value: bytes) -> None:
    """Set an entry of a map. Raises OSError."""
    keys = ctypes.create_string_buffer(key, len(key))
    values = ctypes.create_string_buffer(value, len(value))
    _bpf(_UPDATE, struct.pack("=I4x2QQ", descriptor, _address(keys), _address(values), 0))


def look_up(descriptor: int, key: bytes, size: int) -> bytes:
    """Return the value of an entry, `size` octets long. Raises OSError, ENOENT if there is none."""
    keys = ctypes.create_string_buffer(key, len(key))
    values = ctypes.create_string_buffer(size)
    _bpf(_LOOKUP, struct.pack("=I4x2QQ", descriptor, _address(keys), _address(values), 0))
    return values.raw


def delete(descriptor: int, key: bytes) -> None:
    """Remove an entry. Raises OSError, ENOENT if there is none."""
    keys = ctypes.create_string_buffer(key, len(key))
    _bpf(_DELETE, struct.pack("=I4x2QQ", descriptor, _address(keys), 0, 0))


class MapReader:
    """Reads all entries of a hash map, with one system call where they fit."""

    def __init__(self, descriptor: int, shape: MapShape) -> None:
        self._descriptor = descriptor
        self._shape = shape
        self._keys = ctypes.create_string_buffer(shape.key * shape.entries)
        self._values = ctypes.create_string_buffer(shape.value * shape.entries)
        self._token = ctypes.create_string_buffer(8)

    def entries(self) -> Iterator[tuple[bytes, memoryview]]:
        """Yield key and value of each entry; they are valid until the next call. Raises OSError."""
        shape = self._shape
        attributes = bytearray(
            struct.pack(
                "=4Q4I", 0, _address(self._token), _address(self._keys), _address(self._values),
                shape.entries, self._descriptor, 0, 0,
            )
        )  # fmt: skip
        attributes += bytes(_ATTRIBUTES - len(attributes))
        buffer = (ctypes.c_char * _ATTRIBUTES).from_buffer(attributes)
        result = _libc.syscall(ctypes.c_long(number()), _LOOKUP_BATCH, buffer, _ATTRIBUTES)
        # ENOENT: these were all.
        if result < 0 and ctypes.get_errno() != errno.ENOENT:
            code = ctypes.get_errno()
            raise OSError(code, os.strerror(code))
        (count,) = struct.unpack_from("=I", attributes, 32)
        keys, values = memoryview(self._keys), memoryview(self._values)
        for at in range(count):
            yield bytes(keys[at * shape.key : (at + 1) * shape.key]), values[at * shape.value : (at + 1) * shape.value]


class FilterRun:
    """Runs a socket filter on frames, as the kernel does for a socket (BPF_PROG_TEST_RUN): for tests and figures."""

    _LINK = 14
    """Octets that the kernel takes off as a link-layer header."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def run(self, frame: bytes, repeat: int = 1) -> tuple[int, int]:
        """Return the octets that the filter lets pass, and the nanoseconds that it took. Raises OSError."""
        data = bytes(self._LINK) + frame
        octets = ctypes.create_string_buffer(data, len(data))
        attributes = bytearray(
            struct.pack("=4I2Q2I", self._descriptor, 0, len(data), 0, _address(octets), 0, repeat, 0)
        )
        attributes += bytes(_ATTRIBUTES - len(attributes))
        buffer = (ctypes.c_char * _ATTRIBUTES).from_buffer(attributes)
        if _libc.syscall(ctypes.c_long(number()), _TEST_RUN, buffer, _ATTRIBUTES) < 0:
            code = ctypes.get_errno()
            raise OSError(code, os.strerror(code))
        (passed,) = struct.unpack_from("=I", attributes, 4)
        (took,) = struct.unpack_from("=I", attributes, 36)
        return passed, took
