"""A phone at the end of a cable: all modules of reach are on, and an attack shows on it within two seconds.

Device and phone are network namespaces with a virtual cable between them; the broker is the real one.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.lab.child import Child
from tests.lab.mosquitto import PROGRAM
from tests.lab.waiting import block_until
from tests.lab.watched_air import ALLOCATION, TOKEN, WatchedAir, end

pytestmark = [
    pytest.mark.process,
    pytest.mark.skipif(os.geteuid() != 0 or shutil.which("ip") is None, reason="network namespaces need root and ip"),
    pytest.mark.skipif(PROGRAM is None, reason="mosquitto is not installed"),
]
for library in ("aiohttp", "paho.mqtt.client", "prometheus_client"):
    pytest.importorskip(library)
DEVICE, PHONE, PORT = "10.66.0.1", "10.66.0.2", 8080
SOONEST = 2.0
"""Seconds from the first alert to a phone's view of it."""
RESIDENT = 48 * 1024
"""KiB of reach with everything on."""


def ip(*argv: str) -> None:
    done = subprocess.run(["ip", *argv], capture_output=True, text=True, check=False)
    if done.returncode and "peer" in argv:
        pytest.skip(f"no virtual cable here: {done.stderr}")
    assert done.returncode == 0, done.stderr


@contextmanager
def cable() -> Iterator[tuple[str, str]]:
    """Make both namespaces, with a cable between them; give their names."""
    device, phone = (f"whimbrel-{side}-{os.getpid()}" for side in ("device", "phone"))
    with ExitStack() as stack:
        for name in (device, phone):
            ip("netns", "add", name)
            stack.callback(ip, "netns", "delete", name)
            ip("-n", name, "link", "set", "lo", "up")
        ip("-n", device, "link", "add", "usb0", "type", "veth", "peer", "name", "eth0", "netns", phone)
        for name, interface, address in ((device, "usb0", DEVICE), (phone, "eth0", PHONE)):
            ip("-n", name, "address", "add", f"{address}/24", "dev", interface)
            ip("-n", name, "link", "set", interface, "up")
        yield device, phone


class Everything(WatchedAir):
    """The device of the harmful names with every module of reach on."""

    def allow(self, may: str) -> None:
        super().allow(may)
        more = f"""\
  mqtt: {{host: 127.0.0.1, name: attic}}
  metrics: {{}}
  syslog: {{host: 127.0.0.1, transport: udp, port: 5140}}
  notify: {{command: [sh, -c, "cat > {self.folder}/told"]}}
"""
        page = f'{{addresses: [{DEVICE}], port: {PORT}, tls: made, token: "file:{self.folder}/token", may: {may}}}\n'
        self._settings = self._settings.partition("  web:")[0] + f"  web: {page}{more}"


def inside(namespace: str, *argv: str, environment: dict[str, str] | None = None, output: Path) -> Child:
    with output.open("ab") as file:
        command = ["ip", "netns", "exec", namespace, *argv]
        return Child(command, env=os.environ | (environment or {}), stdout=file, stderr=file)


def alerts(path: Path) -> list[dict[str, Any]]:
    """Return the alerts that the phone was told, each with the time at which it arrived."""
    lines = path.read_text().splitlines(keepends=True)
    found = [json.loads(line) for line in lines if line.startswith("{") and line.endswith("\n")]
    return [each for each in found if each["said"].get("kind") == "alert"]


@pytest.mark.slow
def test_a_phone_sees_the_attack_at_once_and_reach_stays_small(tmp_path: Path) -> None:
    air = Everything(tmp_path, speed=1)
    assert PROGRAM is not None
    with cable() as (device, phone), air.daemon() as daemon, ExitStack() as stack:
        broker = inside(device, PROGRAM, output=tmp_path / "broker.log")
        stack.callback(end, broker)
        state = {"STATE_DIRECTORY": str(tmp_path / "state"), **ALLOCATION}
        command = [sys.executable, "-m", "whimbrel", "reach", "--config", str(tmp_path / "whimbrel.yaml")]
        reach = inside(device, *command, environment=state, output=tmp_path / "reach.log")
        stack.callback(end, reach)
        certificate = tmp_path / "state/web-certificate.pem"
        served = f"https://{DEVICE}:{PORT}"
        block_until(lambda: served in (tmp_path / "reach.log").read_text(), "the page", ended=reach.poll)
        kinds = "alert,incident-opened,access-point-found"
        looks = [sys.executable, "-m", "tests.e2e.guest.phone", served, str(certificate), TOKEN, kinds]
        watching = inside(phone, *looks, output=tmp_path / "phone")
        stack.callback(end, watching)
        what = tmp_path / "phone"
        first = block_until(lambda: alerts(what), "the phone to see the attack", ended=watching.poll)[0]
        daemon.wait_until((tmp_path / "told").exists, "a person to be told")
        assert 0 <= first["at"] - first["said"]["time"] <= SOONEST
        assert resident_of(reach.pid) <= RESIDENT


def resident_of(pid: int) -> int:
    """Return the resident memory of a process in KiB."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmRSS:")).split()[1])
