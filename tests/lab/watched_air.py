"""Both real processes on a simulated air that is full of names made to do harm, with their web page."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from tests.lab.child import Child
from tests.lab.ports import free_port, listens
from tests.lab.waiting import block_until
from tests.process.daemon import DaemonProcess

from whimbrel.testing import PATIENCE

TOKEN = "a-token-of-the-tests-0123456789"
HARMFUL = (
    "<img src=x onerror=alert(1)>", "<script>hurt()</script>", "</a><b>bold</b>&amp;", "javascript:alert(1)//",
    '" onmouseover="hurt()" x="', "\u202egpj.exe", "{{7*7}}${7*7}", "__proto__", "constructor", "#/health",
)  # fmt: skip
"""Names of access points; at most 32 octets each."""

_RADIOS = """\
about: names made to do harm, and an attack that begins at once
radios:
  - {name: home, networks: [{ssid: Brambling}], channel: 6, position: [5, 4], vendor: "f0:9f:c2", load: true}
  - {name: cafe, networks: [{ssid: Café, security: open}], channel: 6, position: [9, 4], vendor: "c0:25:06"}
"""
_REST = """\
stations:
  - {name: desks, count: 3, network: Brambling, position: [3, 2], habit: browse, asks: ["<b>asked</b>"]}
incidents:
  - {kind: deauthentication, at: 3s, lasts: 6s, rate: 60, target: Brambling, every: 100s}
  - {kind: hostile-names, at: 1s, lasts: 5s, rate: 12, channel: 6, every: 200s}
"""
_SETTINGS = """\
daemon: {retry: 200ms, backoff_min: 100ms, stop_timeout: 1s, report: 200ms}
reach: {retry: 50ms}
modules:
  sniffer:
    source: sim
    tuner: sim
    sim: {scene: FOLDER/scene.yaml, speed: SPEED, volume: 0.2}
    hop: {channels: [CHANNELS]}
  watcher:
    learned: FOLDER/guarded.yaml
    ignored: FOLDER/ignored.txt
    remembered: FOLDER/remembered.json
    forget_access_points: FORGET
    # So many new names at once are a flood, whose members are not listed.
    detections: {beacon-flood: {enabled: false}}
  logger: {to: stderr, level: notice}
  control: {socket: SOCKET}
  buttons: {driver: none}
  display: {driver: none}
  system: {shutdown: [], reboot: []}
  recorder: {folder: FOLDER/recordings}
  history: {file: FOLDER/history.db}
  web: {port: PORT, token: "file:FOLDER/token", may: MAY}
"""
ALLOCATION = {"MALLOC_ARENA_MAX": "1", "MALLOC_MMAP_THRESHOLD_": "131072"}
"""How the C library hands out memory in the second process, by its unit."""
ALL = "[acknowledge, lock, camp, press, record, learn, forget, ignore, set-time]"


def scene(names: tuple[str, ...] = HARMFUL) -> str:
    """Return the scene with these names."""
    quoted = (name.replace("\\", "\\\\").replace('"', '\\"') for name in names)
    radios = [
        f'  - {{name: "r{number}", networks: [{{ssid: "{name}"}}], channel: 6, position: [{number + 3}, {number}]}}\n'
        for number, name in enumerate(quoted)
    ]
    return _RADIOS + "".join(radios) + _REST


class WatchedAir:
    """The device of one folder; `daemon` and `reach` start its processes."""

    def __init__(
        self, folder: Path, *, may: str = ALL, air: str | None = None, speed: float = 4, channels: str = "6",
        forget: str = "10min", more: str = "",
    ) -> None:  # fmt: skip
        """`air`: a scene other than that of the names; `channels`: those that the radio visits; `forget`: silence
        after which an access point is gone; `more`: lines with further modules."""
        self.folder = folder
        self._more = more
        self._radio = (("SPEED", f"{speed:g}"), ("CHANNELS", channels), ("FORGET", forget))
        self.port = free_port()
        self.origin = f"http://127.0.0.1:{self.port}"
        (folder / "scene.yaml").write_text(scene() if air is None else air, encoding="utf-8")
        token = folder / "token"
        token.write_text(TOKEN)
        token.chmod(0o600)
        self.allow(may)

    def allow(self, may: str) -> None:
        """Write the settings, in which the page may do this."""
        text = _SETTINGS.replace("FOLDER", str(self.folder)).replace("PORT", str(self.port)).replace("MAY", may)
        for word, value in self._radio:
            text = text.replace(word, value)
        text += self._more
        self._settings = text
        DaemonProcess(self.folder, text)

    def daemon(self, *, checks: bool = True) -> DaemonProcess:
        """Return the daemon, which its `with` block starts; `checks` as in `DaemonProcess`."""
        return DaemonProcess(self.folder, self._settings, arguments=("--no-reach",), checks=checks)

    def reach(self) -> Child:
        """Start the second process."""
        environment = os.environ | {"STATE_DIRECTORY": str(self.folder / "state"), "NO_COLOR": "1"}
        environment |= ALLOCATION
        command = [sys.executable, "-m", "whimbrel", "reach", "--config", str(self.folder / "whimbrel.yaml")]
        with (self.folder / "reach.log").open("ab") as log:
            return Child(command, env=environment, stderr=log)

    def wait_for_page(self) -> None:
        """Wait until the page is served."""
        block_until(lambda: listens(self.port), "the page's server", every=0.05)


def end(child: Child) -> None:
    """End a process, and wait for it."""
    child.terminate()
    child.wait(PATIENCE)


def raised(daemon: DaemonProcess) -> list[dict[str, Any]]:
    """Return the incidents that the daemon remembers."""
    incidents: list[dict[str, Any]] = daemon.ask("alerts")["incidents"]
    return incidents
