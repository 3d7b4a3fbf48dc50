"""What the daemon remembers under its unit: a history in the state directory, and positions by way of gpsd's socket."""

from __future__ import annotations

import contextlib
import itertools
import json
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import yaml
from tests.e2e.guest import daemon
from tests.e2e.guest.package_checks import write_settings
from tests.e2e.guest.service_checks import stays_within_its_memory
from tests.vm.guest.checks import check, run, say, wait_for

_FILE = Path("/var/lib/whimbrel/history.db")
_SOCKET = Path("/run/whimbrel-position.sock")
_UNITS = "whimbrel-position.socket", "whimbrel-position.service"
_GPSD = ("127.0.0.1", 2947)


def remembers_across_a_restart_what_was_heard_where() -> None:
    """Everything that the history and the position need of the sandbox: a file, a lock, a log, a socket, a proxy."""
    with _position(), _settings_with("history", "position"):
        wait_for("the history", lambda: daemon.modules()["history"]["state"] == "ready", 60)
        wait_for("the position", lambda: daemon.modules()["position"]["state"] == "ready", 90)
        _is_passed_on_by_nobody_with_rights()
        heard = wait_for("positions in the history", _kept, 120)
        stays_within_its_memory()
        check(_FILE.owner() == daemon.USER, f"{_FILE} belongs to {_FILE.owner()}")
        check(_mode(_FILE) == 0o640 and _mode(_FILE.parent) == 0o750, f"{_mode(_FILE):o}, {_mode(_FILE.parent):o}")
        began = daemon.now()
        run("systemctl", "restart", daemon.UNIT)
        daemon.wait_until_ready()
        wait_for("the history", lambda: daemon.modules()["history"]["state"] == "ready", 60)
        said = daemon.wait_for_entry("since-last-time", began)["MESSAGE"]
        say("NOTE  said:", said)
        check(str(said).startswith("Last listened "), said)
        wait_for("the positions of the process before", lambda: heard <= _there(), 60)
        lines = run("whimbrel", "export", "wigle", "-").splitlines()
        check(heard <= {line.split(",")[0] for line in lines[2:]}, lines)
        check("BEGAN" in run("whimbrel", "history"), "no time of listening")
        say("NOTE ", run("whimbrel", "forget", "--everything").strip())
        left = daemon.ask("history", what="sessions")["sessions"]
        check(len(left) <= 1, left)


def _is_passed_on_by_nobody_with_rights() -> None:
    check(_SOCKET.group() == daemon.USER and _mode(_SOCKET) == 0o660, f"{_SOCKET.group()}, {_mode(_SOCKET):o}")
    process = Path("/proc", run("systemctl", "show", "--property=MainPID", "--value", _UNITS[1]).strip())
    # Until then it is systemd's own, with all rights, which it drops on the way.
    wait_for("the proxy to run", lambda: (process / "comm").read_text().startswith("systemd-socket"), 60)
    status = dict(line.split(":\t", 1) for line in (process / "status").read_text().splitlines() if ":\t" in line)
    check(int(status["Uid"].split()[0]) not in {0, _FILE.stat().st_uid}, status["Uid"])
    check(int(status["CapEff"], 16) == 0 and status["Seccomp"] == "2", status)


def _kept() -> set[str]:
    """Return the access points whose positions are in the file."""
    return {row["bssid"] for row in daemon.ask("earlier-sightings")["sightings"]}


def _there() -> set[str]:
    return {row["bssid"] for row in daemon.ask("sightings")["sightings"]}


def _mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


@contextlib.contextmanager
def _settings_with(*modules: str) -> Iterator[None]:
    """Have these modules run, the history with a sample every two seconds."""
    settings = yaml.safe_load(daemon.SETTINGS.read_text())
    settings["modules"] |= dict.fromkeys(modules) | {"history": {"commit": "2s"}}
    daemon.SETTINGS.write_text(yaml.safe_dump(settings))
    _reload()
    try:
        yield
    finally:
        write_settings()
        _reload()
        check(not set(modules) & daemon.modules().keys(), daemon.modules().keys())


def _reload() -> None:
    began = daemon.now()
    run("systemctl", "reload", daemon.UNIT)
    daemon.wait_for_entry("settings-reloaded", began)


@contextlib.contextmanager
def _position() -> Iterator[None]:
    """Stand in for gpsd, where the proxy looks for it: the device goes north by ten metres a second."""
    over = threading.Event()
    with socket.create_server(_GPSD) as server:
        thread = threading.Thread(target=_tell, args=(server, over), daemon=True)
        thread.start()
        run("systemctl", "start", _UNITS[0])
        try:
            yield
        finally:
            over.set()
            run("systemctl", "stop", *_UNITS)


def _tell(server: socket.socket, over: threading.Event) -> None:
    """Tell each client, one after the other, until the server is closed."""
    fix = {"class": "TPV", "device": "/dev/gps0", "mode": 3, "lon": 18.0, "altMSL": 7.0, "eph": 8.0}
    seconds = itertools.count()
    with contextlib.suppress(OSError):
        while not over.is_set():
            client, _ = server.accept()
            with client, contextlib.suppress(OSError):
                while not over.wait(1.0):
                    client.sendall(json.dumps(fix | {"lat": 59.0 + next(seconds) * 9e-5}).encode() + b"\n")
