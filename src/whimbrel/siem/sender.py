"""A connection to a log server: UDP, TCP or TLS."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import socket
import ssl
import struct
import termios

from whimbrel import tls
from whimbrel.errors import WhimbrelError
from whimbrel.siem.settings import SyslogSettings

_FAREWELL = 2.0
_CLOSED = " has closed the connection"


class LogServerAway(WhimbrelError):
    """The server cannot be written to; the message says why, and what to do."""


class LogConnection:
    """Writes to the server that the settings name. Made by `open_connection`."""

    def __init__(self, settings: SyslogSettings) -> None:
        self._settings = settings
        self.where = f"{settings.host}:{settings.port_in_use}"
        """Host and port, for messages."""
        self._writer: asyncio.StreamWriter | None = None
        self._datagrams: asyncio.DatagramTransport | None = None
        self._closed: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Connect. Raises `LogServerAway`."""
        host, port = self._settings.host, self._settings.port_in_use
        try:
            async with asyncio.timeout(self._settings.patience):
                if self._settings.transport == "udp":
                    loop = asyncio.get_running_loop()
                    self._datagrams, _ = await loop.create_datagram_endpoint(
                        asyncio.DatagramProtocol, remote_addr=(host, port)
                    )
                    return
                context = tls.context(self._settings) if self._settings.transport == "tls" else None
                reader, self._writer = await asyncio.open_connection(host, port, ssl=context)
                self._closed = asyncio.create_task(_until_closed(reader))
        except tls.UnusableTlsFile as error:
            raise LogServerAway(str(error)) from None
        except TimeoutError:
            raise LogServerAway(f"{self.where} does not answer in time") from None
        except ssl.SSLCertVerificationError as error:
            why = f"its certificate is not trusted ({error.verify_message})"
            advice = "name its authority in modules.syslog.ca, and the host as the certificate has it"
            raise LogServerAway(f"{self.where}: {why}; {advice}") from None
        except ssl.SSLError as error:
            raise LogServerAway(
                f"{self.where}: TLS failed ({error.reason or error}); does it speak TLS there?"
            ) from None
        except OSError as error:
            raise LogServerAway(f"{self.where}: {error.strerror or error}; is the server there?") from None

    async def write(self, octets: bytes) -> None:
        """Write one message. Raises `LogServerAway`."""
        if self._datagrams is not None:
            self._datagrams.sendto(octets)
            return
        assert self._writer is not None
        self.check()
        try:
            self._writer.write(octets)
            async with asyncio.timeout(self._settings.patience):
                await self._writer.drain()
        except TimeoutError:
            raise LogServerAway(f"{self.where} takes nothing any more") from None
        except (BrokenPipeError, ConnectionResetError):  # before the reader has noticed
            raise LogServerAway(f"{self.where}{_CLOSED}") from None
        except OSError as error:
            raise LogServerAway(f"{self.where}: {error.strerror or error}") from None

    def check(self) -> None:
        """Raise `LogServerAway` if the server has closed the connection."""
        if self._closed is not None and self._closed.done():
            raise LogServerAway(f"{self.where}{_CLOSED}")

    def unconfirmed(self) -> int:
        """Return how many octets the server's machine has not confirmed yet (tcp(7), SIOCOUTQ); 0 over UDP."""
        if self._writer is None:
            return 0
        transport = self._writer.transport
        octets: int = transport.get_write_buffer_size()
        sock: socket.socket = transport.get_extra_info("socket")
        if sock.fileno() < 0:
            return octets
        (queued,) = struct.unpack("i", fcntl.ioctl(sock.fileno(), termios.TIOCOUTQ, bytes(4)))
        return octets + int(queued)

    async def close(self) -> None:
        """Close the connection. Idempotent."""
        if self._datagrams is not None:
            self._datagrams.close()
        if self._closed is not None:
            self._closed.cancel()
            with contextlib.suppress(asyncio.CancelledError, OSError):
                await self._closed
        if self._writer is not None:
            self._writer.close()
            with contextlib.suppress(OSError, TimeoutError):
                async with asyncio.timeout(_FAREWELL):
                    await self._writer.wait_closed()


async def _until_closed(reader: asyncio.StreamReader) -> None:
    """Return once the server has closed the connection; what it says meanwhile is ignored."""
    while await reader.read(4096):
        pass
