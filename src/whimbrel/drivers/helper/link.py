"""The daemon's connection to the radio's helper."""

from __future__ import annotations

import array
import contextlib
import errno
import os
import socket
import threading
import time
from typing import NamedTuple, TypedDict, Unpack

from whimbrel.drivers.helper.protocol import (
    ANSWER_MAX,
    Ask,
    HelperAnswer,
    HelperRequest,
    Outcome,
    pack_request,
    unpack_answer,
)
from whimbrel.drivers.linux.thinning.order import ThinningOrder
from whimbrel.errors import NotReady, WhimbrelError
from whimbrel.wifi.channels import Channel

DESCRIPTORS = 3
"""Those that come with the answer to CAPTURE."""


START_UP = 20.0
"""Seconds for which the first answer may take longer: systemd starts the helper when it is asked."""


class HelperAway(WhimbrelError, ConnectionError):
    """The helper cannot be reached, or has not answered; the message says why, with advice."""


class RequestParts(TypedDict, total=False):
    """The parts of a `HelperRequest` that differ from one kind to the other."""

    name: str
    channel: Channel
    size: int
    program: bytes
    connected: bool
    active: bool
    freqs: tuple[int, ...]
    order: ThinningOrder


class Delivery(NamedTuple):
    """An answer and what came with it."""

    answer: HelperAnswer
    connection: socket.socket
    descriptors: tuple[int, ...]


class HelperLink:
    """One connection, made at the first request; one request at a time, from any thread.

    All methods block, at most for `timeout` seconds. The helper undoes everything when the connection ends.
    """

    def __init__(self, path: str, timeout: float = 5.5) -> None:
        self.path = path
        self._timeout = timeout
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self._number = 0

    def ask(self, ask: Ask, **parts: Unpack[RequestParts]) -> Delivery:
        """Return the answer to a request, whose parts are those of `HelperRequest`. Raises `HelperAway`."""
        deadline = time.monotonic() + self._timeout
        if not self._lock.acquire(timeout=self._timeout):
            raise HelperAway("the radio's helper has not come back from an earlier request: the radio is stalled")
        try:
            self._number = self._number + 1 & 0xFFFFFFFF
            request = HelperRequest(self._number, ask, **parts)
            return self._exchange(pack_request(request), deadline)
        except TimeoutError:
            raise HelperAway(
                f"the radio's helper has not answered for {self._timeout:g} s: the radio is stalled"
            ) from None
        except (OSError, ValueError) as error:
            self._hang_up()
            raise HelperAway(self._explain(error)) from error
        finally:
            self._lock.release()

    def obtain(self, ask: Ask, **parts: Unpack[RequestParts]) -> Delivery:
        """Return the answer to a request that was met. Raises `NotReady`, also where the helper is away."""
        try:
            delivery = self.ask(ask, **parts)
        except HelperAway as error:
            raise NotReady(str(error)) from error
        if delivery.answer.outcome is not Outcome.DONE:
            raise NotReady(" ".join(delivery.answer.lines))
        return delivery

    def close(self) -> None:
        """End the connection. Idempotent."""
        with self._lock:
            self._hang_up()

    def _exchange(self, data: bytes, deadline: float) -> Delivery:
        if self._socket is None:
            deadline += START_UP
            self._socket = self._connect()
        self._socket.settimeout(self._timeout)
        self._socket.send(data)
        while True:
            self._socket.settimeout(max(0.001, deadline - time.monotonic()))
            data, ancillary, _, _ = self._socket.recvmsg(ANSWER_MAX, socket.CMSG_SPACE(DESCRIPTORS * 4))
            if not data:
                raise ConnectionResetError(errno.ECONNRESET, os.strerror(errno.ECONNRESET))
            descriptors = _descriptors(ancillary)
            answer = unpack_answer(data)
            if answer.number == self._number:
                return Delivery(answer, self._socket, descriptors)
            for descriptor in descriptors:  # the answer to a request that was given up
                os.close(descriptor)

    def _connect(self) -> socket.socket:
        made = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET | socket.SOCK_CLOEXEC)
        try:
            made.settimeout(self._timeout)
            made.connect(self.path)
        except BaseException:
            made.close()
            raise
        return made

    def _hang_up(self) -> None:
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)  # the ring may have a duplicate
            self._socket.close()
            self._socket = None

    def _explain(self, error: Exception) -> str:
        why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        return f"the radio's helper at {self.path}: {why}; see 'systemctl status whimbrel-radio.socket whimbrel-radio'"


def _descriptors(ancillary: list[tuple[int, int, bytes]]) -> tuple[int, ...]:
    found = array.array("i")
    for level, kind, data in ancillary:
        if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
            found.frombytes(data[: len(data) - len(data) % found.itemsize])
    return tuple(found)
