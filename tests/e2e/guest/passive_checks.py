"""Whoever takes over the daemon cannot transmit: a module tries it, inside the real sandbox, in every way."""

from __future__ import annotations

import contextlib
import json
import select
import shutil
import socket
import sys
import threading
from pathlib import Path
from typing import Any, Self

import yaml
from tests.e2e.guest import air, attempts, daemon
from tests.e2e.guest.package_checks import write_settings
from tests.vm.guest.checks import check, run, say, wait_for

UNIT = "whimbrel-radio.service"
EXPOSURE = 2.0
"""Of 10, by ``systemd-analyze security``."""
RESIDENT = 24 * 1024 * 1024
_CAPABILITIES = 1 << 12 | 1 << 13
"""CAP_NET_ADMIN and CAP_NET_RAW (linux/capability.h)."""
_MONITOR = f"{air.RADIO}mon"
_REPORT = Path("/run/whimbrel/villain.json")
_TARGET = Path("/run/villain.target")
_MARK = "02bad0bad0ba"
"""The address that the module sends from."""
_MODULE = f'''
import asyncio, json
from pathlib import Path
from typing import Any, Self
from villain_attempts import Attempts
from whimbrel.events.radio import RadioOpened
from whimbrel.module import Module

def attempt():
    monitor, helper = Path("{_TARGET}").read_text().split()
    if not Path("{_REPORT}").exists():
        Path("{_REPORT}").write_text(json.dumps(Attempts(monitor, int(helper), "{_MARK}").run([])))

class Villain(Module[Any]):
    async def run(self):
        opened = self.ctx.subscribe(RadioOpened)
        self.ctx.ready()
        async for _ in opened:
            await asyncio.to_thread(attempt)
'''
_OF_ROOT = "02bad0000001"
"""The address from which the same attempts send without a sandbox."""
_SENDING = "by_a_packet_socket", "by_a_packet_socket_to_an_address", "by_raw_ip", "by_udp"
_OPENING = (
    "by_io_uring", "by_bpf", "by_a_tun", "by_another_namespace", "by_the_helper_s_memory", "by_nl80211",
    "by_tracing_a_process_of_its_own_user", "by_the_memory_of_a_process_of_its_own_user", "by_kernel_aio",
    "by_services_of_the_bus",
)  # fmt: skip
"""Attempts that succeed for root, so that their refusal means something."""
_PLACE = Path(f"/usr/local/lib/python{sys.version_info[0]}.{sys.version_info[1]}/dist-packages")


def the_helper_alone_has_the_capabilities() -> None:
    users = {daemon.of_process("Uid", unit).split()[0] for unit in (daemon.UNIT, UNIT, "whimbrel-reach.service")}
    check(len(users) == 3 and "0" not in users, users)
    daemon.check_privileges(_CAPABILITIES, UNIT)


def the_helper_is_exposed_to_little_and_small() -> None:
    daemon.check_exposure(EXPOSURE, UNIT)
    resident = int(daemon.of_process("VmRSS", UNIT).split()[0]) * 1024
    say(f"NOTE  resident memory of the helper {resident >> 10} KiB (peak {daemon.of_process('VmHWM', UNIT)})")
    check(resident <= RESIDENT, f"resident {resident} octets")


def a_helper_that_dies_is_started_again() -> None:
    began, old = daemon.now(), daemon.pid(UNIT)
    run("kill", "-KILL", str(old))
    daemon.wait_for_entry("radio-closed", began)
    wait_for("another helper", lambda: daemon.pid(UNIT) not in {0, old}, 60)
    daemon.wait_for_entry("radio-opened", began)
    wait_for("the sniffer", lambda: daemon.modules()["sniffer"]["state"] == "ready", 60)
    heard = daemon.ask("survey")["totals"]["frames"]
    wait_for("frames again", lambda: daemon.ask("survey")["totals"]["frames"] > heard, 60)


def a_module_that_wants_to_transmit_cannot() -> None:
    """Compare with the same attempts of root, which succeed: so the test can fail."""
    # The helper gives the radio of a station that an earlier attack has thrown out to anybody: nobody uses it.
    for network in (air.PERSONAL, air.SAE):
        air.join_again(network)
    with _Ear() as ear:
        found = _attempts_of_the_module()
        of_module = set(ear.senders)
        wait_for("the radio to be back", lambda: air.interfaces().get(_MONITOR) == "monitor", 60)
        names = (*_SENDING, *_OPENING)
        by_root = json.loads(
            run("python3", attempts.__file__, _MONITOR, str(daemon.pid(UNIT)), _OF_ROOT, *names, timeout=240)
        )
        wait_for("root's frames in the air", lambda: _OF_ROOT in ear.senders, 30)
    for name, outcome in found.items():
        say(f"NOTE  {name}: {outcome}" + (f"; root: {by_root[name]}" if name in by_root else ""))
    check(of_module, "nothing at all was heard")
    check(_MARK not in of_module, "a frame of the module was in the air")
    check(found.pop("by_every_family") == [socket.AF_UNIX, socket.AF_NETLINK], found)
    wrong = {name: outcome for name, outcome in found.items() if not str(outcome).startswith("refused")}
    check(wrong == {}, wrong)
    check(all(by_root[name] == "SENT" for name in _SENDING), by_root)
    check(all(str(by_root[name]).startswith("OPENED") for name in _OPENING), by_root)
    for network in (air.PERSONAL, air.SAE):
        check(air.connected(network), f"{network.station} is not connected any more")
    wait_for("the sniffer", lambda: daemon.modules()["sniffer"]["state"] == "ready", 60)


def _attempts_of_the_module() -> dict[str, Any]:
    """Install the module, let it make its attempts, and take it away again; return what came of each."""
    info = _PLACE / "villain-1.dist-info"
    info.mkdir(parents=True)
    shutil.copy(attempts.__file__, _PLACE / "villain_attempts.py")
    (_PLACE / "villain.py").write_text(_MODULE)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: villain\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[whimbrel.modules]\nvillain = villain:Villain\n")
    _TARGET.write_text(f"{_MONITOR} {daemon.pid(UNIT)}\n")
    try:
        write_settings()
        settings = yaml.safe_load(daemon.SETTINGS.read_text())
        settings["modules"]["villain"] = {}
        daemon.SETTINGS.write_text(yaml.safe_dump(settings))
        run("systemctl", "restart", daemon.UNIT, timeout=240)
        return dict(wait_for("the module's report", _report, 300))
    finally:
        write_settings()
        shutil.rmtree(info)
        for path in (_PLACE / "villain_attempts.py", _PLACE / "villain.py", _TARGET):
            path.unlink()
        run("systemctl", "restart", daemon.UNIT, timeout=240)


def _report() -> dict[str, Any]:
    with contextlib.suppress(ValueError, OSError):
        return dict(json.loads(_REPORT.read_text()))
    return {}


class _Ear:
    """Hears all simulated radios: hwsim0 shows what any of them transmits. A context manager.

    The counters of a monitor interface tell nothing: mac80211 does not count what is sent on one.
    """

    def __init__(self) -> None:
        self.senders: set[str] = set()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._listen)

    def __enter__(self) -> Self:
        run("ip", "link", "set", "hwsim0", "up")
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _listen(self) -> None:
        with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3)) as ear:
            ear.bind(("hwsim0", 3))
            while not self._over.is_set():
                if select.select([ear], [], [], 0.1)[0]:
                    frame = ear.recv(4096)
                    start = int.from_bytes(frame[2:4], "little")
                    self.senders.add(frame[start + 10 : start + 16].hex())
