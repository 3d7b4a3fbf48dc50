"""The helper's side: answers the requests of the daemon, which has a connection for each of its receivers.

It trusts nothing that comes from the daemon, which reads what strangers send: each request is of a fixed form, is
checked before anything is done, and captures on monitor interfaces alone. Anything else ends the connection.
"""

from __future__ import annotations

import array
import contextlib
import errno
import select
import socket
import struct
import sys
import time
from collections.abc import Callable, Container
from typing import ClassVar

from whimbrel.drivers.helper.copier import Copier
from whimbrel.drivers.helper.in_use import RadiosInUse
from whimbrel.drivers.helper.protocol import (
    REQUEST_MAX,
    Ask,
    HelperAnswer,
    HelperRequest,
    MalformedRequest,
    Outcome,
    pack_answer,
    unpack_request,
)
from whimbrel.drivers.helper.scan_control import ScanControl
from whimbrel.drivers.linux.interface import describe, link_type_of
from whimbrel.drivers.linux.packet_socket import PacketSocket, no_capture
from whimbrel.drivers.nl80211.codec import NetlinkError
from whimbrel.drivers.nl80211.control import Kernel, Nl80211Control, RadioControl, connect
from whimbrel.drivers.ports import TuneError
from whimbrel.drivers.radios import radio_in
from whimbrel.errors import NotReady

PULSE = 10.0
"""Seconds between two signs of life to systemd: WatchdogSec= of the unit is a minute."""
RECEIVERS = 2
"""The most connections at once: a daemon has one for each of its receivers."""
_PEER = struct.Struct("=3i")  # struct ucred: process, user, group


class Workshop:
    """Makes the controls of radios, within the limits that the helper was started with.

    A connected interface or its radio is taken over only if `may_take` names it; `active` allows scans that transmit.
    """

    def __init__(
        self,
        may_take: Container[str] = (),
        *,
        active: bool = False,
        connect: Callable[[float], Kernel] = connect,
    ) -> None:
        self.active = active
        self._may_take = may_take
        self._connect = connect

    def control(self, wanted: str) -> RadioControl:
        """Return the control, not yet open, of an interface or a radio."""
        return Nl80211Control(wanted, connect=self._connect, spares_running=wanted not in self._may_take)

    def scans(self) -> ScanControl:
        """Return the control of scans, not yet open."""
        return ScanControl(connect=self._connect)


class HelperSession:
    """One connection with all that was opened for it."""

    def __init__(self, connection: socket.socket, workshop: Workshop) -> None:
        self.connection = connection
        self._workshop = workshop
        self._control: RadioControl | None = None
        self._copier: Copier | None = None
        self._scans: ScanControl | None = None

    @property
    def radio(self) -> str:
        """The name of the radio that is open; empty if there is none."""
        if self._scans is not None:
            return self._scans.radio
        return radio_in(self._control.description) if self._control is not None else ""

    def answer(self) -> bool:
        """Receive one request and answer it; return False once the connection is to end."""
        try:
            data, _, flags, _ = self.connection.recvmsg(REQUEST_MAX)  # without room for descriptors: it takes none
            if not data:
                return False
            request = unpack_request(data, cut=bool(flags & socket.MSG_TRUNC))
            self._send(self._do(request), request.ask)
        except MalformedRequest as error:
            say(f"hung up on the daemon: {error}")
            with contextlib.suppress(OSError):
                self.connection.send(pack_answer(HelperAnswer(0, Outcome.MALFORMED, (str(error),))))
            return False
        except OSError as error:
            say(f"the daemon is gone: {error}")
            return False
        return True

    def close(self) -> None:
        """Undo everything, and hang up."""
        for line in self._close():
            say(f"could not be undone: {line}")
        self.connection.close()

    def _do(self, request: HelperRequest) -> HelperAnswer:
        try:
            return self._answers[request.ask](self, request)
        except NotReady as error:
            return HelperAnswer(request.number, Outcome.NOT_READY, (str(error),))
        except TuneError as error:
            outcome = Outcome.FORBIDDEN if error.forbidden else Outcome.REFUSED
            return HelperAnswer(request.number, outcome, (str(error),), self._channels())
        except OSError as error:
            return HelperAnswer(request.number, Outcome.REFUSED, (str(error),))

    def _send(self, answer: HelperAnswer, ask: Ask) -> None:
        rights = []
        if ask is Ask.CAPTURE and answer.outcome is Outcome.DONE and self._copier is not None:
            rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", self._copier.descriptors))]
        self.connection.sendmsg([pack_answer(answer)], rights)

    def _open(self, request: HelperRequest) -> HelperAnswer:
        self._close()
        control = self._workshop.control(request.name)
        try:
            control.open()
        except BaseException:
            control.close()
            raise
        self._control = control
        say(f"opened {control.description}")
        return HelperAnswer(request.number, Outcome.DONE, (control.interface, control.description), self._channels())

    def _set_channel(self, request: HelperRequest) -> HelperAnswer:
        assert request.channel is not None
        self._opened().set_channel(request.channel)
        return HelperAnswer(request.number, Outcome.DONE)

    def _cycle(self, request: HelperRequest) -> HelperAnswer:
        if self._scans is not None:
            self._scans.cycle()
        else:
            self._opened().cycle()
        return HelperAnswer(request.number, Outcome.DONE)

    def _recreate(self, request: HelperRequest) -> HelperAnswer:
        self._opened().recreate()
        return HelperAnswer(request.number, Outcome.DONE)

    def _shut(self, request: HelperRequest) -> HelperAnswer:
        return HelperAnswer(request.number, Outcome.DONE, tuple(self._close()))

    def _look(self, request: HelperRequest) -> HelperAnswer:
        link_type = link_type_of(request.name)
        return HelperAnswer(request.number, Outcome.DONE, (describe(request.name),), link_type=link_type)

    def _capture(self, request: HelperRequest) -> HelperAnswer:
        self._end_capture()
        link_type_of(request.name)  # on a monitor interface, and on no other
        try:
            packet = PacketSocket(request.name, request.program, request.size)
        except OSError as error:
            raise NotReady(no_capture(request.name, error, request.size)) from error
        self._copier = Copier(packet)
        self._copier.start()
        return HelperAnswer(request.number, Outcome.DONE)

    def _thin(self, request: HelperRequest) -> HelperAnswer:
        from whimbrel.drivers.linux.thinning.object_file import BadObject

        if self._copier is None:
            raise NotReady("nothing is captured")
        try:
            counts = self._copier.thin(request.order)
        except (OSError, BadObject) as error:
            said = (
                f"{error.strerror} ({error.filename})" if isinstance(error, OSError) and error.filename else str(error)
            )
            return HelperAnswer(request.number, Outcome.REFUSED, (said,), error=getattr(error, "errno", 0) or errno.EIO)
        return HelperAnswer(request.number, Outcome.DONE, counts=counts)

    def _scan(self, request: HelperRequest) -> HelperAnswer:
        self._close()
        scans = self._workshop.scans()
        scans.open(request.name, connected=request.connected)
        self._scans = scans
        say(f"scans with {scans.interface}")
        return HelperAnswer(request.number, Outcome.DONE, (scans.interface,))

    def _trigger(self, request: HelperRequest) -> HelperAnswer:
        if self._scans is None:
            raise TuneError("no radio is open for scanning")
        if request.active and not self._workshop.active:
            reason = (
                "this service does not transmit: device.txt of the image allows it (allow_active_scans=yes), "
                "elsewhere the drop-in 50-active-scans.conf of /usr/share/whimbrel/examples"
            )
            return HelperAnswer(request.number, Outcome.FORBIDDEN, (reason,), error=errno.EPERM)
        try:
            self._scans.trigger(freqs=request.freqs, active=request.active)
        except NetlinkError as error:
            return HelperAnswer(request.number, Outcome.REFUSED, (error.detail,), error=error.errno or errno.EIO)
        return HelperAnswer(request.number, Outcome.DONE)

    def _opened(self) -> RadioControl:
        if self._control is None:
            raise TuneError("no radio is open")
        return self._control

    def _channels(self) -> tuple[int, ...]:
        return tuple(channel.freq for channel in self._control.channels()) if self._control else ()

    def _close(self) -> list[str]:
        self._end_capture()
        scans, self._scans = self._scans, None
        if scans is not None:
            return list(scans.close())
        control, self._control = self._control, None
        if control is None:
            return []
        control.close()
        say(f"closed {control.description}")
        return list(control.left)

    def _end_capture(self) -> None:
        copier, self._copier = self._copier, None
        if copier is not None:
            copier.close()

    _answers: ClassVar[dict[Ask, Callable[[HelperSession, HelperRequest], HelperAnswer]]] = {
        Ask.OPEN: _open,
        Ask.SET_CHANNEL: _set_channel,
        Ask.CYCLE: _cycle,
        Ask.RECREATE: _recreate,
        Ask.CLOSE: _shut,
        Ask.LOOK: _look,
        Ask.CAPTURE: _capture,
        Ask.SCAN: _scan,
        Ask.THIN: _thin,
        Ask.TRIGGER: _trigger,
    }


class HelperSessions:
    """The connections of one daemon: one for each of its receivers.

    A connection of another process replaces them all, because only one daemon runs; one more than there are receivers
    replaces the oldest, because that was given up.
    """

    def __init__(self, workshop: Workshop) -> None:
        self._workshop = workshop
        self._process = 0
        self._open: list[HelperSession] = []

    def __len__(self) -> int:
        return len(self._open)

    @property
    def connections(self) -> list[socket.socket]:
        """Those that are open."""
        return [session.connection for session in self._open]

    @property
    def radios(self) -> list[str]:
        """The names of the radios that are open."""
        return [session.radio for session in self._open if session.radio]

    def add(self, connection: socket.socket) -> None:
        """Take a new connection in."""
        process = _process_of(connection)
        while self._open and (process != self._process or len(self._open) >= RECEIVERS):
            self._open.pop(0).close()
        self._process = process
        self._open.append(HelperSession(connection, self._workshop))

    def answer(self, ready: Container[int]) -> None:
        """Answer on the connections of these descriptors; end those that are over."""
        for session in self._open.copy():
            if session.connection.fileno() in ready and not session.answer():
                self._open.remove(session)
                session.close()


def serve(
    listener: socket.socket,
    workshop: Workshop,
    *,
    idle: float | None = None,
    alive: Callable[[], object] = int,
    in_use: RadiosInUse | None = None,
) -> None:
    """Answer until nobody has been connected for `idle` seconds, or the listener is shut down.

    `alive` is called after each request, and every `PULSE` seconds; `in_use` keeps the names of the open radios.
    """
    sessions = HelperSessions(workshop)
    in_use = in_use or RadiosInUse("")
    left = time.monotonic()
    while True:
        alive()
        in_use.note(sessions.radios)
        poller = select.poll()
        for each in (listener, *sessions.connections):
            poller.register(each, select.POLLIN)
        if sessions:
            left = time.monotonic()
        ready = {descriptor for descriptor, _ in poller.poll(PULSE * 1000)}
        # First those that are there: one that has ended has to give its radio back before the next one asks for it.
        sessions.answer(ready)
        if listener.fileno() in ready:
            try:
                connection, _ = listener.accept()
            except OSError:  # it was shut down
                return
            sessions.add(connection)
        elif not sessions and idle is not None and time.monotonic() - left >= idle:
            return


def _process_of(connection: socket.socket) -> int:
    """Return the number of the process at the other end (unix(7), SO_PEERCRED)."""
    process: int = _PEER.unpack(connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _PEER.size))[0]
    return process


def say(line: str) -> None:
    """Write a line to the journal; control characters in it are replaced."""
    sys.stderr.write("".join(each if each.isprintable() else "?" for each in line) + "\n")
    sys.stderr.flush()
