"""Syslog with a real rsyslog over TLS, and over connections that break: nothing lost, in order, once by its key."""

from __future__ import annotations

import asyncio
import json
import shutil
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.lab.alerts import alert
from tests.lab.child import Child
from tests.lab.mosquitto import Certificate
from tests.lab.ports import free_port, listens
from tests.lab.waiting import until

from whimbrel.events.alerts import Severity
from whimbrel.events.reach import LogServerConnected, LogServerLost
from whimbrel.modules.syslog import Syslog
from whimbrel.settings import Duration
from whimbrel.siem.sender import LogConnection, LogServerAway
from whimbrel.siem.settings import SyslogSettings
from whimbrel.testing import Lab, run_module

RSYSLOG_KNOWS_TLS = any(Path("/usr/lib").glob("*/rsyslog/lmnsd_ossl.so"))
RSYSLOG = shutil.which("rsyslogd", path="/usr/sbin:/usr/bin:/sbin")
TEMPLATE = "%msgid% %structured-data% %msg%\\n"


class Server:
    """A server of TCP that keeps lines, and may hang up."""

    def __init__(self, port: int = 0, greeting: bytes = b"") -> None:
        self.greeting = greeting
        self.octets = b""
        self._writers: list[asyncio.StreamWriter] = []
        self._server: asyncio.Server
        self.port = port

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = int(self._server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        self._server.close()
        for writer in self._writers:
            writer.close()
        self._writers.clear()
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.append(writer)
        writer.write(self.greeting)
        while octets := await reader.read(4096):
            self.octets += octets

    def numbers(self) -> list[int]:
        found: dict[str, int] = {}
        for line in self.octets.split(b"\n")[:-1]:
            value = json.loads(line)
            found.setdefault(value["event"]["id"], int(value["whimbrel"]["id"]))
        return list(found.values())


def settings(folder: Path, port: int, **more: Any) -> SyslogSettings:
    values: dict[str, Any] = {
        "host": "127.0.0.1", "port": port, "name": "attic", "file": folder / "syslog.db", "retry": Duration(0.05),
        "settle": Duration(0.2),
    }  # fmt: skip
    return SyslogSettings(**values | more)


@asynccontextmanager
async def running(chosen: SyslogSettings) -> AsyncIterator[Lab]:
    async with run_module(Syslog, chosen, name="syslog") as lab:
        await lab.ready()
        yield lab
        await lab.finish()


async def test_alerts_arrive_once_and_in_order_over_a_server_that_hangs_up(tmp_path: Path) -> None:
    server = Server()
    await server.start()
    async with running(settings(tmp_path, server.port, form="ecs")) as lab:
        await lab.event(LogServerConnected)
        for number in range(1, 51):
            lab.publish(alert(number))
        await until(lambda: server.numbers()[:10] == list(range(1, 11)))
        await server.stop()
        lost = await lab.event(LogServerLost)
        assert "closed the connection" in lost.reason or "refused" in lost.reason
        for number in range(51, 101):
            lab.publish(alert(number))
        await server.start()
        await until(lambda: len(server.numbers()) == 100)
        assert server.numbers() == list(range(1, 101))
    await server.stop()


async def test_a_server_that_says_something_has_not_hung_up(tmp_path: Path) -> None:
    server = Server(greeting=b"welcome\n")
    await server.start()
    async with running(settings(tmp_path, server.port, form="ecs")) as lab:
        await lab.event(LogServerConnected)
        lab.publish(alert(1))
        await until(lambda: server.numbers() == [1])
        outbox = lab.module._outbox  # type: ignore[attr-defined]
        await until(lambda: outbox.waiting == 0)
        assert server.octets.count(b"\n") == 1
        assert not lab.ctx.warnings
    await server.stop()


async def test_what_the_other_machine_does_not_confirm_stays_on_disk(tmp_path: Path) -> None:
    """As of a server without power: what the kernel here has taken is not there."""
    with socket.socket() as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)  # the least that there is, and nobody reads
        server.bind(("127.0.0.1", 0))
        server.listen()
        async with running(settings(tmp_path, server.getsockname()[1], patience=Duration(0.5))) as lab:
            await lab.event(LogServerConnected)
            for number in range(1, 21):
                lab.publish(alert(number))
            lost = await lab.event(LogServerLost)
            assert "confirms nothing any more" in lost.reason
            outbox = lab.module._outbox  # type: ignore[attr-defined]
            await until(lambda: outbox.waiting == 20)


async def test_one_that_is_reset_while_it_is_written_to_was_closed_by_the_server(tmp_path: Path) -> None:
    """As by a server that has left something unread. That it was closed is noticed a turn of the loop later."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        connection = LogConnection(settings(tmp_path, server.getsockname()[1]))
        await connection.open()
        there, _ = server.accept()
        there.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        there.close()
        with pytest.raises(LogServerAway, match="has closed the connection"):
            await connection.write(b"x")
        await connection.close()


async def test_what_is_less_severe_is_left_out(tmp_path: Path) -> None:
    server = Server()
    await server.start()
    async with running(settings(tmp_path, server.port, form="ecs", severity="warning")) as lab:
        lab.publish(alert(1, severity=Severity.NOTICE))
        lab.publish(alert(2))
        await until(lambda: server.numbers() == [2])
    await server.stop()


async def test_datagrams_are_messages_without_a_frame(tmp_path: Path) -> None:
    heard: list[bytes] = []

    class Protocol(asyncio.DatagramProtocol):
        def datagram_received(self, data: bytes, addr: Any) -> None:
            heard.append(data)

    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(Protocol, local_addr=("127.0.0.1", 0))
    port = transport.get_extra_info("sockname")[1]
    async with running(settings(tmp_path, port, transport="udp")) as lab:
        lab.publish(alert(1))
        await until(lambda: heard)
    transport.close()
    assert heard[0].startswith(b"<129>1 ")


@pytest.mark.slow
@pytest.mark.parametrize("trusted", [True, False])
async def test_rsyslog_takes_messages_over_tls(tmp_path: Path, trusted: bool) -> None:
    if RSYSLOG is None:
        pytest.skip("rsyslog is not installed")
    if not RSYSLOG_KNOWS_TLS:
        pytest.skip("rsyslog-openssl is not installed")
    certificate, other = Certificate(tmp_path, "localhost"), Certificate(tmp_path, "other")
    port, out = free_port(), tmp_path / "out"
    config = tmp_path / "rsyslog.conf"
    config.write_text(
        f'global(workDirectory="{tmp_path}" defaultNetstreamDriver="ossl" '
        f'defaultNetstreamDriverCAFile="{certificate.certificate}" '
        f'defaultNetstreamDriverCertFile="{certificate.certificate}" '
        f'defaultNetstreamDriverKeyFile="{certificate.key}")\n'
        'module(load="imtcp" streamDriver.name="ossl" streamDriver.mode="1" streamDriver.authMode="anon")\n'
        f'input(type="imtcp" port="{port}" address="127.0.0.1")\n'
        f'template(name="t" type="string" string="{TEMPLATE}")\n'
        f'action(type="omfile" file="{out}" template="t")\n'
    )
    with (tmp_path / "log").open("wb") as log:
        command = [RSYSLOG, "-n", "-f", str(config), "-i", str(tmp_path / "pid")]
        with Child(command, stdout=log, stderr=log) as child:
            # Else the module may tell first that nothing listens, and tells only the beginning of an absence.
            await until(lambda: listens(port), ended=child.poll)
            chosen = settings(
                tmp_path, port, host="localhost", transport="tls", ca=(certificate if trusted else other).certificate
            )
            async with running(chosen) as lab:
                for number in range(1, 21):
                    lab.publish(alert(number))
                if trusted:
                    await until(
                        lambda: out.exists() and out.read_text().count("\n") == 20, (tmp_path / "log").read_text()
                    )
                    lines = out.read_text().splitlines()
                    assert [line.split(' id="')[1].split('"')[0] for line in lines] == [str(n) for n in range(1, 21)]
                    assert all(line.startswith("alert [whimbrel@32473 ") for line in lines)
                else:
                    await lab.event(LogServerLost, lambda body: "is not trusted" in body.reason)
            child.terminate()


async def test_a_server_that_is_away_is_said(tmp_path: Path) -> None:
    async with running(settings(tmp_path, 1)) as lab:
        lost = await lab.event(LogServerLost)
        assert "is the server there?" in lost.reason
