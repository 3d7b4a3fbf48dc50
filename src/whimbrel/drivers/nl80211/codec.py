"""Encodes and decodes netlink messages and attributes (``linux/netlink.h``), checking every length."""

from __future__ import annotations

import errno
import struct
import sys
from collections.abc import Iterable
from typing import NamedTuple

from whimbrel.drivers.nl80211.attributes import (
    NLA_F_NESTED,
    NLA_TYPE_MASK,
    NLM_F_ACK_TLVS,
    NLM_F_CAPPED,
    NLMSGERR_ATTR_MSG,
)
from whimbrel.errors import WhimbrelError

_HEADER = struct.Struct("=IHHII")  # struct nlmsghdr: length, type, flags, sequence, port
_ATTRIBUTE = struct.Struct("=HH")  # struct nlattr: length, type
_ERROR = struct.Struct("=i")

Attributes = dict[int, bytes]
"""Attributes of one level by their number; of duplicates the last counts, as in the kernel's own parser."""


class NetlinkError(WhimbrelError, OSError):
    """The kernel refused a request, or the request failed: `errno` of the kernel, `detail` its message, if any.

    ETIMEDOUT if no answer came in time; EBADMSG if the answer could not be parsed.
    """

    def __init__(self, code: int, doing: str, detail: str = "") -> None:
        super().__init__(code, errno.errorcode.get(code, str(code)))
        self.doing = doing
        self.detail = detail

    def __str__(self) -> str:
        """Return the action, the error's name, and the kernel's message."""
        return f"{self.doing}: {self.strerror}" + (f" ({self.detail})" if self.detail else "")


class Message(NamedTuple):
    """One netlink message."""

    type: int
    flags: int
    sequence: int
    payload: bytes


def pack_message(type_: int, flags: int, sequence: int, payload: bytes) -> bytes:
    """Encode one message; the kernel fills in the port."""
    return _HEADER.pack(_HEADER.size + len(payload), type_, flags, sequence, 0) + payload


def unpack_messages(data: bytes) -> list[Message]:
    """Decode the messages of one datagram. Raises `NetlinkError` (EBADMSG) if a length does not fit."""
    messages = []
    at = 0
    while at < len(data):
        if len(data) - at < _HEADER.size:
            raise _broken("a message is cut short")
        length, type_, flags, sequence, _port = _HEADER.unpack_from(data, at)
        if not _HEADER.size <= length <= len(data) - at:
            raise _broken(f"a message says it is {length} octets long, of {len(data) - at}")
        messages.append(Message(type_, flags, sequence, data[at + _HEADER.size : at + length]))
        at += length + 3 & ~3
    return messages


def pack_attribute(number: int, value: bytes) -> bytes:
    """Encode one attribute, padded to 4 octets. Raises ValueError if it is too long for its length field."""
    length = _ATTRIBUTE.size + len(value)
    if length > 0xFFFF:
        raise ValueError(f"attribute {number} of {len(value)} octets: at most 65531 fit")
    return _ATTRIBUTE.pack(length, number) + value + bytes(-length & 3)


def pack_nested(number: int, attributes: Iterable[bytes]) -> bytes:
    """Encode an attribute that holds others."""
    return pack_attribute(number | NLA_F_NESTED, b"".join(attributes))


def pack_u32(number: int, value: int) -> bytes:
    """Encode an attribute that holds a 32-bit number."""
    return pack_attribute(number, value.to_bytes(4, sys.byteorder))


def pack_string(number: int, value: str) -> bytes:
    """Encode an attribute that holds a text, with the NUL that the kernel requires."""
    return pack_attribute(number, value.encode() + b"\0")


def unpack_attributes(data: bytes, start: int = 0) -> Attributes:
    """Decode the attributes from `start` on. Raises `NetlinkError` (EBADMSG) if a length does not fit."""
    found: Attributes = {}
    at = start
    while len(data) - at >= _ATTRIBUTE.size:
        length, number = _ATTRIBUTE.unpack_from(data, at)
        if not _ATTRIBUTE.size <= length <= len(data) - at:
            raise _broken(f"attribute {number & NLA_TYPE_MASK} says it is {length} octets long, of {len(data) - at}")
        found[number & NLA_TYPE_MASK] = data[at + _ATTRIBUTE.size : at + length]
        at += length + 3 & ~3
    return found


def unpack_nested(data: bytes | None) -> Attributes:
    """Decode the attributes in another's value; none if it is absent. Raises `NetlinkError` (EBADMSG)."""
    return unpack_attributes(data) if data else {}


def unpack_number(value: bytes | None, default: int = 0) -> int:
    """Decode a numeric attribute of any size; `default` if it is absent or empty."""
    return int.from_bytes(value, sys.byteorder) if value else default


def unpack_string(value: bytes | None) -> str:
    """Decode a text attribute; empty if it is absent."""
    return value.split(b"\0", 1)[0].decode("utf-8", "replace") if value else ""


def unpack_error(message: Message, doing: str) -> NetlinkError | None:
    """Decode an NLMSG_ERROR: None for an acknowledgement, otherwise the error. Raises `NetlinkError` (EBADMSG)."""
    payload = message.payload
    if len(payload) < _ERROR.size + _HEADER.size:
        raise _broken("an error message is cut short")
    (code,) = _ERROR.unpack_from(payload)
    if code == 0:
        return None
    detail = ""
    if message.flags & NLM_F_ACK_TLVS:
        (original,) = struct.unpack_from("=I", payload, _ERROR.size)
        start = _ERROR.size + (_HEADER.size if message.flags & NLM_F_CAPPED else original + 3 & ~3)
        detail = unpack_string(unpack_attributes(payload, start).get(NLMSGERR_ATTR_MSG))
    return NetlinkError(abs(code), doing, detail)


def unpack_done(message: Message, doing: str) -> NetlinkError | None:
    """Decode an NLMSG_DONE: None, or the error that ended the dump early."""
    if len(message.payload) < _ERROR.size:
        return None
    (code,) = _ERROR.unpack_from(message.payload)
    return NetlinkError(abs(code), doing) if code < 0 else None


def _broken(detail: str) -> NetlinkError:
    return NetlinkError(errno.EBADMSG, "reading an answer of the kernel", detail)
