"""A kernel's end of a netlink socket, over a socket pair: answers each request by a script, in a thread."""

from __future__ import annotations

import errno
import socket
import struct
import threading
from collections.abc import Callable, Iterable
from typing import NamedTuple

from whimbrel.drivers.nl80211 import attributes as nl
from whimbrel.drivers.nl80211.codec import (
    Attributes,
    pack_attribute,
    pack_message,
    pack_nested,
    pack_string,
    pack_u32,
    unpack_attributes,
    unpack_messages,
)

FAMILY = 0x1C
"""The number of nl80211 here."""
SCAN_GROUP = 5
"""That of its multicast group of scans."""


class Request(NamedTuple):
    """A message from the client. `command` is generic netlink's; for rtnetlink, the message type."""

    type: int
    flags: int
    sequence: int
    command: int
    attributes: Attributes
    payload: bytes


Answer = Callable[[Request], Iterable[bytes]]
"""Returns whole datagrams."""


def generic(request: Request, *attributes: bytes, type_: int = FAMILY, flags: int = 0) -> bytes:
    """Return one answer with these attributes."""
    body = struct.pack("=BBH", request.command, 1, 0) + b"".join(attributes)
    return pack_message(type_, flags, request.sequence, body)


def acknowledged(request: Request, code: int = 0, text: str = "") -> bytes:
    """Return an NLMSG_ERROR: `code` is an errno, 0 for success."""
    original = struct.pack("=IHHII", 16 + len(request.payload), request.type, request.flags, request.sequence, 0)
    if not text:
        return pack_message(nl.NLMSG_ERROR, nl.NLM_F_CAPPED, request.sequence, struct.pack("=i", -code) + original)
    flags = nl.NLM_F_CAPPED | nl.NLM_F_ACK_TLVS
    body = struct.pack("=i", -code) + original + pack_string(nl.NLMSGERR_ATTR_MSG, text)
    return pack_message(nl.NLMSG_ERROR, flags, request.sequence, body)


def done(request: Request, code: int = 0) -> bytes:
    """Return the end of a dump."""
    return pack_message(nl.NLMSG_DONE, nl.NLM_F_MULTI, request.sequence, struct.pack("=i", -code))


class FakeKernel:
    """Serves one socket. `answer` is called for everything but the question for the family's number."""

    def __init__(self, answer: Answer, *, generic_netlink: bool = True) -> None:
        self.client, self._end = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.requests: list[Request] = []
        self._answer = answer
        self._generic = generic_netlink
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self.client.close()
        self._thread.join(5)
        self._end.close()

    def _serve(self) -> None:
        while True:
            try:
                data = self._end.recv(65536)
            except OSError:
                return
            if not data:
                return
            (message,) = unpack_messages(data)
            request = self._read(message.type, message.flags, message.sequence, message.payload)
            if self._generic and request.type == nl.GENL_ID_CTRL:
                answers = list(self._family(request))
            else:
                self.requests.append(request)
                answers = list(self._answer(request))
            try:
                for datagram in answers:
                    self._end.send(datagram)
            except OSError:
                return

    def _read(self, type_: int, flags: int, sequence: int, payload: bytes) -> Request:
        if self._generic:
            return Request(type_, flags, sequence, payload[0], unpack_attributes(payload, 4), payload)
        return Request(type_, flags, sequence, type_, {}, payload)

    def _family(self, request: Request) -> Iterable[bytes]:
        if request.attributes[nl.CTRL_ATTR_FAMILY_NAME] != b"nl80211\0":
            return [acknowledged(request, errno.ENOENT)]
        number = pack_attribute(nl.CTRL_ATTR_FAMILY_ID, struct.pack("=H", FAMILY))
        group = [pack_string(nl.CTRL_ATTR_MCAST_GRP_NAME, "scan"), pack_u32(nl.CTRL_ATTR_MCAST_GRP_ID, SCAN_GROUP)]
        number += pack_nested(nl.CTRL_ATTR_MCAST_GROUPS, [pack_nested(1, group)])
        return [generic(request, number, type_=nl.GENL_ID_CTRL), acknowledged(request)]
