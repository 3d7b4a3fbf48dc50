"""A small netlink client for generic netlink and rtnetlink: one request, its answers, a deadline.

Requests block: the kernel executes a channel change inside ``send``, which takes milliseconds, or seconds if the radio
has stalled. Callers on the event loop use `whimbrel.drivers.nl80211.worker`.
"""

from __future__ import annotations

import errno
import socket
import struct
import time
from collections.abc import Mapping
from types import MappingProxyType

from whimbrel.drivers.nl80211.attributes import (
    CTRL_ATTR_FAMILY_ID,
    CTRL_ATTR_FAMILY_NAME,
    CTRL_ATTR_MCAST_GROUPS,
    CTRL_ATTR_MCAST_GRP_ID,
    CTRL_ATTR_MCAST_GRP_NAME,
    CTRL_CMD_GETFAMILY,
    GENL_ID_CTRL,
    NETLINK_ADD_MEMBERSHIP,
    NETLINK_CAP_ACK,
    NETLINK_EXT_ACK,
    NETLINK_GENERIC,
    NLM_F_ACK,
    NLM_F_DUMP,
    NLM_F_DUMP_INTR,
    NLM_F_REQUEST,
    NLMSG_DONE,
    NLMSG_ERROR,
    NLMSG_OVERRUN,
    SOL_NETLINK,
)
from whimbrel.drivers.nl80211.codec import (
    Attributes,
    Message,
    NetlinkError,
    pack_message,
    pack_string,
    unpack_attributes,
    unpack_done,
    unpack_error,
    unpack_messages,
    unpack_nested,
    unpack_number,
    unpack_string,
)

_DATAGRAM = 65536  # the kernel fills at most 32 KiB into one datagram of a dump
_ANSWERS_MAX = 4096  # limit of one dump; a radio's description has fewer than 200
_DUMP_TRIES = 3  # the kernel flags a dump during which something changed; it is repeated
_NOTIFICATIONS_MAX = 64  # datagrams of notifications in one go
_GENL_HEADER = 4


def open_socket(protocol: int) -> socket.socket:
    """Return a netlink socket with extended error messages. Raises `NetlinkError` if there is none."""
    try:
        sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, protocol)
        sock.bind((0, 0))
    except OSError as error:
        raise NetlinkError(error.errno or errno.EIO, "opening a netlink socket", error.strerror or "") from error
    for option in (NETLINK_CAP_ACK, NETLINK_EXT_ACK):
        sock.setsockopt(SOL_NETLINK, option, 1)
    return sock


class Netlink:
    """One socket, one request at a time. `timeout` in seconds bounds each request, however many answers it has."""

    def __init__(self, sock: socket.socket, *, timeout: float = 3.0) -> None:
        self.timeout = timeout
        self._socket = sock
        self._sequence = 0

    def close(self) -> None:
        """Close the socket. Idempotent."""
        self._socket.close()

    def ask(self, type_: int, payload: bytes, doing: str) -> list[bytes]:
        """Send one request that the kernel acknowledges; return the payloads of its answers. Raises `NetlinkError`."""
        return self._exchange(type_, NLM_F_REQUEST | NLM_F_ACK, payload, doing)[0]

    def dump(self, type_: int, payload: bytes, doing: str) -> list[bytes]:
        """Request a list; return the payloads, all from one consistent dump if possible. Raises `NetlinkError`."""
        answers: list[bytes] = []
        for _ in range(_DUMP_TRIES):
            answers, consistent = self._exchange(type_, NLM_F_REQUEST | NLM_F_DUMP, payload, doing)
            if consistent:
                break
        return answers

    def _exchange(self, type_: int, flags: int, payload: bytes, doing: str) -> tuple[list[bytes], bool]:
        self._sequence = sequence = self._sequence + 1 & 0xFFFFFFFF
        deadline = time.monotonic() + self.timeout
        answers: list[bytes] = []
        consistent = True
        try:
            self._socket.settimeout(self.timeout)
            self._socket.send(pack_message(type_, flags, sequence, payload))
            while True:
                for message in self._receive(deadline, doing):
                    if message.sequence != sequence:
                        continue  # an answer to an abandoned request
                    if message.flags & NLM_F_DUMP_INTR:
                        consistent = False
                    if _ends(message, doing):
                        return answers, consistent
                    if len(answers) < _ANSWERS_MAX:
                        answers.append(message.payload)
        except TimeoutError as error:
            raise NetlinkError(errno.ETIMEDOUT, doing, f"no answer in {self.timeout:g} s") from error
        except NetlinkError:
            raise
        except OSError as error:
            raise NetlinkError(error.errno or errno.EIO, doing, error.strerror or "") from error

    def _receive(self, deadline: float, doing: str) -> list[Message]:
        """Return the messages of the next datagram from the kernel."""
        while True:
            left = deadline - time.monotonic()
            if left <= 0:
                raise NetlinkError(errno.ETIMEDOUT, doing, f"no answer in {self.timeout:g} s")
            self._socket.settimeout(left)
            data, _, flags, sender = self._socket.recvmsg(_DATAGRAM)
            if isinstance(sender, tuple) and sender[0] != 0:
                continue  # any process may send to this port; the kernel's port is 0
            if flags & socket.MSG_TRUNC:
                raise NetlinkError(errno.EMSGSIZE, doing, "the answer was cut short")
            if not data:
                raise NetlinkError(errno.ECONNRESET, doing, "the socket was closed")
            return unpack_messages(data)


class GenericFamily:
    """One family of generic netlink, with the numbers assigned by this kernel: its own, and those of its groups."""

    def __init__(self, netlink: Netlink, number: int, groups: Mapping[str, int] = MappingProxyType({})) -> None:
        self.netlink = netlink
        self.number = number
        self.groups = groups

    def ask(self, command: int, attributes: bytes, doing: str) -> list[Attributes]:
        """Send a command; return the attributes of each answer. Raises `NetlinkError`."""
        return [_body(answer, doing) for answer in self.netlink.ask(self.number, _genl(command) + attributes, doing)]

    def dump(self, command: int, attributes: bytes, doing: str) -> list[Attributes]:
        """Request a list; return the attributes of each part. Raises `NetlinkError`."""
        return [_body(answer, doing) for answer in self.netlink.dump(self.number, _genl(command) + attributes, doing)]


def find_family(netlink: Netlink, name: str) -> GenericFamily:
    """Return the family called `name`. Raises `NetlinkError`: ENOENT if this kernel lacks it."""
    doing = f"looking for {name} in the kernel"
    request = _genl(CTRL_CMD_GETFAMILY) + pack_string(CTRL_ATTR_FAMILY_NAME, name)
    for answer in netlink.ask(GENL_ID_CTRL, request, doing):
        body = _body(answer, doing)
        number = unpack_number(body.get(CTRL_ATTR_FAMILY_ID))
        if number:
            return GenericFamily(netlink, number, _groups(body.get(CTRL_ATTR_MCAST_GROUPS)))
    raise NetlinkError(errno.EBADMSG, doing, "the answer has no number")


class GroupSocket:
    """Reads the notifications of one multicast group of `family`, without waiting."""

    def __init__(self, sock: socket.socket, family: GenericFamily) -> None:
        sock.setblocking(False)
        self._socket = sock
        self._family = family.number

    def fileno(self) -> int:
        """Return the descriptor, readable when there are notifications."""
        return self._socket.fileno()

    def read(self) -> list[tuple[int, Attributes]]:
        """Return command and attributes of the waiting notifications; unreadable ones are left out."""
        found: list[tuple[int, Attributes]] = []
        for _ in range(_NOTIFICATIONS_MAX):
            try:
                data, _, _, sender = self._socket.recvmsg(_DATAGRAM)
                if not data:
                    break
                if isinstance(sender, tuple) and sender[0] != 0:
                    continue  # not from the kernel
                found += [
                    (message.payload[0], _body(message.payload, "reading a notification"))
                    for message in unpack_messages(data)
                    if message.type == self._family and message.payload
                ]
            except BlockingIOError:
                break
            except (NetlinkError, OSError):
                continue  # unreadable, or lost because nobody read (ENOBUFS): the reader looks at the state itself
        return found

    def close(self) -> None:
        """Close the socket. Idempotent."""
        self._socket.close()


def join_group(family: GenericFamily, name: str) -> GroupSocket:
    """Return a new socket in the multicast group `name` of `family`. Raises `NetlinkError`."""
    doing = f"joining the notifications {name!r}"
    if name not in family.groups:
        raise NetlinkError(errno.ENOENT, doing)
    sock = open_socket(NETLINK_GENERIC)
    try:
        sock.setsockopt(SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, family.groups[name])
    except OSError as error:
        sock.close()
        raise NetlinkError(error.errno or errno.EIO, doing, error.strerror or "") from error
    return GroupSocket(sock, family)


def _groups(value: bytes | None) -> Mapping[str, int]:
    groups = map(unpack_nested, unpack_nested(value).values())
    return {
        unpack_string(each.get(CTRL_ATTR_MCAST_GRP_NAME)): unpack_number(each.get(CTRL_ATTR_MCAST_GRP_ID))
        for each in groups
    }


def _genl(command: int) -> bytes:
    return struct.pack("=BBH", command, 0, 0)  # struct genlmsghdr: command, version, reserved


def _body(answer: bytes, doing: str) -> Attributes:
    if len(answer) < _GENL_HEADER:
        raise NetlinkError(errno.EBADMSG, doing, "an answer is shorter than its header")
    return unpack_attributes(answer, _GENL_HEADER)


def _ends(message: Message, doing: str) -> bool:
    """Return whether this message ends the exchange. Raises the `NetlinkError` in the message."""
    if message.type == NLMSG_ERROR:
        error = unpack_error(message, doing)
    elif message.type == NLMSG_DONE:
        error = unpack_done(message, doing)
    elif message.type == NLMSG_OVERRUN:
        error = NetlinkError(errno.ENOBUFS, doing)
    else:
        return False
    if error is not None:
        raise error
    return True
