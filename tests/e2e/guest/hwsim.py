"""Simulated radios that come and go, as USB adapters do: mac80211_hwsim's own requests (``mac80211_hwsim.h``)."""

from __future__ import annotations

import errno
import os
import socket
import struct

_GENERIC = 16  # NETLINK_GENERIC
_REQUEST_ACK = 5  # NLM_F_REQUEST | NLM_F_ACK
_NLMSG_ERROR = 2
_CTRL, _GETFAMILY, _FAMILY_ID, _FAMILY_NAME = 16, 3, 1, 2
_NEW_RADIO, _DEL_RADIO = 4, 5
_RADIO_NAME = 17


def plug_in(name: str) -> None:
    """Add a radio that is called `name`, with an interface."""
    with _socket() as sock:
        _ask(sock, _family(sock), _NEW_RADIO, _attribute(_RADIO_NAME, name.encode()))


def pull_out(name: str) -> None:
    """Take a radio away, with everything that was made of it."""
    with _socket() as sock:
        _ask(sock, _family(sock), _DEL_RADIO, _attribute(_RADIO_NAME, name.encode()))


def _socket() -> socket.socket:
    sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, _GENERIC)
    sock.settimeout(30)
    return sock


def _family(sock: socket.socket) -> int:
    answer = _ask(sock, _CTRL, _GETFAMILY, _attribute(_FAMILY_NAME, b"MAC80211_HWSIM\0"))
    at = 20  # both headers
    while at < len(answer):
        length, kind = struct.unpack_from("=HH", answer, at)
        if kind == _FAMILY_ID:
            return int(struct.unpack_from("=H", answer, at + 4)[0])
        at += (length + 3) & ~3
    raise OSError(errno.ENOENT, "mac80211_hwsim is not loaded")


def _attribute(kind: int, value: bytes) -> bytes:
    return struct.pack("=HH", 4 + len(value), kind) + value + bytes(-len(value) % 4)


def _ask(sock: socket.socket, family: int, command: int, attributes: bytes) -> bytes:
    """Send a request; return the message that answers it before the acknowledgement. Raises OSError."""
    payload = struct.pack("=BBH", command, 1, 0) + attributes
    sock.send(struct.pack("=IHHII", 16 + len(payload), family, _REQUEST_ACK, 1, 0) + payload)
    answer = b""
    while True:
        data = sock.recv(65536)
        while data:
            length, kind = struct.unpack_from("=IH", data)
            if kind == _NLMSG_ERROR:
                (code,) = struct.unpack_from("=i", data, 16)
                if code < 0:  # of a new radio, a positive code is its number
                    raise OSError(-code, os.strerror(-code))
                return answer
            answer, data = data[:length], data[(length + 3) & ~3 :]
