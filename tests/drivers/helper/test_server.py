from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.drivers.helper.helping import helper_of, helper_on
from tests.drivers.nl80211.machine import PHY, Machine, Phy, Port
from tests.lab.tun import ETHERNET, MonitorTun, skip_without_tun
from tests.lab.waiting import block_until

from whimbrel.drivers.helper import server
from whimbrel.drivers.helper.__main__ import tell_alive
from whimbrel.drivers.helper.link import HelperAway, HelperLink
from whimbrel.drivers.helper.protocol import Ask, HelperRequest, Outcome, pack_request, unpack_answer
from whimbrel.wifi.channels import Channel


@pytest.fixture
def machine() -> Iterator[Machine]:
    """Two radios, each with its interface; the first is connected."""
    ports = {1: Port("wlan0", 0, up=True, running=True), 2: Port("wlan1", 1, up=True)}
    made = Machine([Phy("phy0", dict(PHY)), Phy("phy1", dict(PHY))], ports)
    yield made
    made.close()


@pytest.fixture
def path(machine: Machine, tmp_path: Path) -> Iterator[Path]:
    where = tmp_path / "radio.sock"
    with helper_of(machine, where):
        yield where


@pytest.fixture
def link(path: Path) -> Iterator[HelperLink]:
    made = HelperLink(str(path))
    yield made
    made.close()


def connected(path: Path) -> socket.socket:
    made = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    made.settimeout(10)
    made.connect(str(path))
    return made


def test_the_end_of_the_connection_undoes_everything(machine: Machine, link: HelperLink) -> None:
    before = machine.state()
    answer = link.ask(Ask.OPEN).answer
    assert answer.outcome is Outcome.DONE
    assert answer.lines[0] == "phy1mon"
    assert 2412 in answer.channels
    assert machine.state() != before
    link.close()
    block_until(lambda: machine.state() == before, "the old state")


@pytest.mark.parametrize("name", ["wlan0", "phy0"])
def test_a_daemon_cannot_have_a_connected_interface(machine: Machine, link: HelperLink, name: str) -> None:
    before = machine.state()
    answer = link.ask(Ask.OPEN, name=name).answer
    assert answer.outcome is Outcome.NOT_READY
    assert "wlan0 is connected" in answer.lines[0]
    assert machine.state() == before


def test_each_receiver_of_a_daemon_has_a_radio(machine: Machine, path: Path) -> None:
    machine.phys[2] = Phy("phy2", dict(PHY))
    before = machine.state()
    first, second = HelperLink(str(path)), HelperLink(str(path))
    assert first.ask(Ask.OPEN, name="phy1").answer.lines[0] == "phy1mon"
    assert second.ask(Ask.OPEN, name="phy2").answer.lines[0] == "phy2mon"
    for link in (first, second):
        assert link.ask(Ask.CYCLE).answer.outcome is Outcome.DONE
    first.close()
    block_until(lambda: "phy1mon" not in machine.state(), "the first one's radio is given back")
    assert "phy2mon" in machine.state()
    assert second.ask(Ask.CYCLE).answer.outcome is Outcome.DONE
    second.close()
    block_until(lambda: machine.state() == before, "the old state")


def test_one_connection_too_many_replaces_the_oldest(machine: Machine, path: Path) -> None:
    first, second, third = (HelperLink(str(path)) for _ in range(3))
    first.ask(Ask.OPEN)
    second.ask(Ask.CYCLE)
    assert third.ask(Ask.OPEN).answer.lines[0] == "phy1mon"
    with pytest.raises(HelperAway, match="systemctl status"):
        first.ask(Ask.CYCLE)
    assert second.ask(Ask.CYCLE).answer.outcome is Outcome.REFUSED, "it is connected as before, and has nothing open"
    assert third.ask(Ask.CYCLE).answer.outcome is Outcome.DONE
    for link in (first, second, third):
        link.close()


def test_another_daemon_replaces_the_one_before_it(machine: Machine, path: Path) -> None:
    first, second = HelperLink(str(path)), HelperLink(str(path))
    first.ask(Ask.OPEN)
    second.ask(Ask.CYCLE)
    code = "import sys; from tests.drivers.helper.test_server import connect_and_open; connect_and_open(sys.argv[1])"
    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True)
    assert done.stdout == "phy1mon\n"
    for link in (first, second):
        with pytest.raises(HelperAway, match="systemctl status"):
            link.ask(Ask.CYCLE)
        link.close()


def connect_and_open(path: str) -> None:
    """Be another daemon."""
    print(HelperLink(path).ask(Ask.OPEN).answer.lines[0])  # noqa: T201  # for the test that runs this


@pytest.mark.parametrize(
    "data",
    [b"x", b"\0\0\0\0\xff", b"\0\0\0\0\1../etc", bytes(60_000), pack_request(HelperRequest(1, Ask.CYCLE)) + b"1"],
)
def test_it_hangs_up_on_nonsense_and_serves_the_next(machine: Machine, path: Path, data: bytes) -> None:
    before = machine.state()
    with connected(path) as raw:
        raw.send(pack_request(HelperRequest(7, Ask.OPEN)))
        assert unpack_answer(raw.recv(65536)).number == 7
        raw.send(data)
        assert unpack_answer(raw.recv(65536)).outcome is Outcome.MALFORMED
        assert raw.recv(65536) == b""
    block_until(lambda: machine.state() == before, "the old state")
    link = HelperLink(str(path))
    assert link.ask(Ask.OPEN).answer.outcome is Outcome.DONE
    link.close()


def test_descriptors_that_are_sent_to_it_are_not_kept(path: Path) -> None:
    reading, writing = os.pipe()
    with connected(path) as raw:
        socket.send_fds(raw, [pack_request(HelperRequest(1, Ask.CYCLE))], [writing])
        assert unpack_answer(raw.recv(65536)).outcome is Outcome.REFUSED
        os.close(writing)
        assert os.read(reading, 1) == b""  # nobody has its other end
    os.close(reading)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.lists(
        st.binary(min_size=1, max_size=40)
        | st.builds(lambda ask, body: b"\0\0\0\0" + bytes([ask]) + body, st.sampled_from(Ask), st.binary(max_size=30)),
        max_size=6,
    )
)
def test_no_sequence_of_messages_ends_it_or_leaves_anything(
    machine: Machine, path: Path, messages: list[bytes]
) -> None:
    before = machine.state()
    with connected(path) as raw:
        for message in messages:
            try:
                raw.send(message)
                if not raw.recv(65536):
                    break
            except ConnectionError:
                break
    link = HelperLink(str(path))
    assert link.ask(Ask.CYCLE).answer.outcome is Outcome.REFUSED
    assert machine.state() == before
    link.close()


def test_a_channel_is_set_and_a_forbidden_one_refused(machine: Machine, link: HelperLink) -> None:
    link.ask(Ask.OPEN)
    assert link.ask(Ask.SET_CHANNEL, channel=Channel(2437)).answer.outcome is Outcome.DONE
    assert next(port.freq for port in machine.ports.values() if port.name == "phy1mon") == 2437
    refused = link.ask(Ask.SET_CHANNEL, channel=Channel(2472)).answer
    assert refused.outcome is Outcome.FORBIDDEN
    assert 2472 not in refused.channels
    assert 2412 in refused.channels


@pytest.mark.tun
@pytest.mark.parametrize("name", ["lo", "eth9", "wmon0", ""])
def test_it_captures_on_monitor_interfaces_only(tmp_path: Path, name: str) -> None:
    skip_without_tun()
    with MonitorTun(link_type=ETHERNET) as tun, helper_on(tun, tmp_path / "radio.sock"):
        link = HelperLink(str(tmp_path / "radio.sock"))
        for ask in (Ask.LOOK, Ask.CAPTURE):
            delivery = link.ask(ask, name=name, size=1 << 20)
            assert delivery.answer.outcome is Outcome.NOT_READY
            assert delivery.descriptors == ()
        link.close()


def test_it_ends_when_nobody_has_come_for_a_while_and_tells_that_it_lives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "PULSE", 0.01)
    signs: list[int] = []
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener:
        listener.bind(str(tmp_path / "radio.sock"))
        listener.listen(1)
        server.serve(listener, server.Workshop(), idle=0.1, alive=lambda: signs.append(1))
    assert len(signs) > 2


def test_systemd_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    tell_alive()
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
    tell_alive()  # nobody listens
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        tell_alive()
        assert manager.recv(100) == b"READY=1\nWATCHDOG=1"
