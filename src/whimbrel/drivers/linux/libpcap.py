"""libpcap's compiler of filter expressions, through ctypes. The library is needed only if an expression is set."""

from __future__ import annotations

import ctypes

from whimbrel.drivers.linux.bpf import FilterError, FilterUnavailable, Instruction

_LIBRARY = "libpcap.so.0.8"  # the name of its binary interface in Debian
_NETMASK_UNKNOWN = 0xFFFFFFFF


class _Instruction(ctypes.Structure):
    _fields_ = (("code", ctypes.c_ushort), ("jt", ctypes.c_ubyte), ("jf", ctypes.c_ubyte), ("k", ctypes.c_uint32))


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_uint), ("instructions", ctypes.POINTER(_Instruction)))


def compile_expression(expression: str, link_type: int, snap_length: int) -> list[Instruction]:
    """Compile `expression` (pcap-filter(7)) with libpcap for frames of `link_type`.

    Raises `FilterError` with libpcap's message and the place in the expression, `FilterUnavailable` without libpcap.
    """
    library = _load()
    handle = library.pcap_open_dead(link_type, snap_length)
    if not handle:
        raise MemoryError("pcap_open_dead")
    try:
        program = _compile(library, handle, expression)
        if program is None:
            problem = library.pcap_geterr(handle).decode(errors="replace")
            raise FilterError(f"{problem}; {_place(library, handle, expression)}")
        return program
    finally:
        library.pcap_close(handle)


def _load() -> ctypes.CDLL:
    try:
        library = ctypes.CDLL(_LIBRARY)
    except OSError as error:
        raise FilterUnavailable(f"an expression needs libpcap ({error}): install the package libpcap0.8") from error
    program = ctypes.POINTER(_Program)
    library.pcap_open_dead.argtypes = (ctypes.c_int, ctypes.c_int)
    library.pcap_open_dead.restype = ctypes.c_void_p
    library.pcap_compile.argtypes = (ctypes.c_void_p, program, ctypes.c_char_p, ctypes.c_int, ctypes.c_uint32)
    library.pcap_freecode.argtypes = (program,)
    library.pcap_freecode.restype = None
    library.pcap_geterr.argtypes = (ctypes.c_void_p,)
    library.pcap_geterr.restype = ctypes.c_char_p
    library.pcap_close.argtypes = (ctypes.c_void_p,)
    library.pcap_close.restype = None
    return library


def _compile(library: ctypes.CDLL, handle: int, expression: str) -> list[Instruction] | None:
    program = _Program()
    if library.pcap_compile(handle, ctypes.byref(program), expression.encode(), 1, _NETMASK_UNKNOWN) != 0:
        return None
    try:
        made = program.instructions[: program.length]
        return [Instruction(one.code, one.jt, one.jf, one.k) for one in made]
    finally:
        library.pcap_freecode(ctypes.byref(program))


def _place(library: ctypes.CDLL, handle: int, expression: str) -> str:
    """Return the place of the error, which libpcap itself does not report."""
    words = expression.split()
    for count in range(len(words) - 1, 0, -1):
        if _compile(library, handle, " ".join(words[:count])) is not None:
            return f"understood up to {' '.join(words[:count])!r}, not {' '.join(words[count:])!r} after it"
    return f"in {expression!r}"
