"""Runs in the guest whose power is cut: lets the daemon record an attack onto the card, and tells of it line by line.

``SENT n``: frame n, and all before it, are on the interface. ``RECORDS``: there is a file. ``SEEN id``: the daemon has
answered that this alert is acknowledged. ``LOG …``: its journal. Each life has its own numbers and access point.
"""

from __future__ import annotations

import contextlib
import struct
import subprocess
import sys
import threading
import time
from pathlib import Path

from tests.lab.tun import MonitorTun
from tests.vm.guest.checks import say

from whimbrel.client import BlockingClient, ClientError
from whimbrel.verbs.alerts import ACKNOWLEDGE, ALERTS

PER_SECOND = 200
"""Frames; emulated, the daemon takes ten times as long for one."""
EVERY = 10
"""One of so many disconnects everybody."""
LIFE = 1_000_000
"""Numbers of a life."""
CARD = Path("/card")
SOCKET = Path("/run/control.sock")
SETTINGS = f"""\
daemon: {{report: 500ms}}
modules:
  sniffer: {{source: linux, tuner: none, linux: {{interface: wmon0, buffer: 8MiB}}}}
  watcher: {{remembered: {CARD}/alerts.json}}
  logger: {{to: stderr, level: warning}}
  control: {{socket: {SOCKET}}}
  history: {{file: {CARD}/history.db}}
  recorder: {{folder: {CARD}/recordings, least_free: 0B, mode: all, file_size: 1MiB, folder_size: 32MiB}}
"""
_RADIOTAP = struct.pack("<BBHIHHbB", 0, 0, 14, 0x28, 2437, 0x00A0, -40, 0)
_NUMBER = b"\xdd\x07\x02\0\0"


def main() -> None:
    """Go on until there is no more power."""
    life = int(sys.argv[1])
    config = Path("/run/whimbrel.yaml")
    config.write_text(SETTINGS)
    with MonitorTun() as tun:
        daemon = tun.spawn(
            [sys.executable, "-m", "whimbrel", "run", "--config", str(config)],
            stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        threading.Thread(target=_tell_journal, args=[daemon], daemon=True).start()
        threading.Thread(target=_acknowledge, daemon=True).start()
        threading.Thread(target=_tell_of_files, args=[life], daemon=True).start()
        _feed(tun, life)


def _feed(tun: MonitorTun, life: int) -> None:
    beacon, deauthentication = _frames(life)
    begun, sent, told = time.monotonic(), 0, 0.0
    while True:
        time.sleep(0.02)
        now = time.monotonic()
        for number in range(sent, int((now - begun) * PER_SECOND)):
            frame = beacon if number % EVERY else deauthentication
            tun.write(_RADIOTAP + frame + _NUMBER + struct.pack(">I", life * LIFE + number))
            sent = number + 1
        if now - told >= 0.1 and sent:
            told = now
            say("SENT", life * LIFE + sent - 1)


def _frames(life: int) -> tuple[bytes, bytes]:
    """Return a beacon, and a frame that disconnects everybody, of this life's access point."""
    address = struct.pack(">HI", 0x0200, life + 1)
    ends = b"\xff" * 6 + address * 2 + bytes(2)
    name = b"life%d" % life
    return (
        b"\x80\0\0\0" + ends + bytes(8) + b"\x64\0\x01\x04\0" + bytes([len(name)]) + name,
        b"\xc0\0\0\0" + ends + b"\x07\0",
    )


def _tell_journal(daemon: subprocess.Popen[str]) -> None:
    assert daemon.stderr is not None
    for line in daemon.stderr:
        say("LOG", line.rstrip())


def _tell_of_files(life: int) -> None:
    before = set(CARD.glob("recordings/*"))
    while not set(CARD.glob("recordings/*-all*.open.pcapng")) - before:
        time.sleep(0.1)
    say("RECORDS", life)


def _acknowledge() -> None:
    seen: set[str] = set()
    while True:
        time.sleep(0.5)
        with contextlib.suppress(ClientError, OSError), BlockingClient(SOCKET) as client:
            while True:
                for row in client.ask(ALERTS).alerts:
                    if row.id not in seen and not row.acknowledged:
                        done = client.ask(ACKNOWLEDGE, alert=row.id)
                        for number in done.acknowledged if done.safe else ():
                            say("SEEN", number)
                    seen.add(row.id)
                time.sleep(0.5)


if __name__ == "__main__":
    main()
