"""The package: it comes, the service starts with it, it goes and leaves nothing."""

from __future__ import annotations

import pwd
import time
from pathlib import Path
from typing import Any

import yaml
from tests.e2e.guest import air, daemon, reach_checks
from tests.vm.guest.checks import check, run, say, wait_for

_BONNET = Path("/usr/share/whimbrel/settings/adafruit-oled-bonnet.yaml")
_PYTHON = Path("/usr/lib/python3/dist-packages")
_PACKAGES = Path("/opt/whimbrel/packages")
_OURS = (
    "/opt/whimbrel",
    "/etc/systemd/system/whimbrel.service.d",
    "/var/log",
    "/var/cache/apt",
    "/var/lib/apt",
    "/tmp",
)
"""Where something of that name may stay: what the tests brought, logs, and the package manager's own."""


def installs_where_there_is_no_radio() -> None:
    began = time.monotonic()
    install()
    say(f"NOTE  the installation took {time.monotonic() - began:.1f} s")
    check(run("systemctl", "is-enabled", daemon.UNIT).strip() == "enabled", "the service is not enabled")
    check(pwd.getpwnam(daemon.USER).pw_uid < 1000, "the user is not one of the system")
    wait_for("the service to start", lambda: daemon.of_unit("ActiveState") == "activating", 60)
    wait_for("the status to say what is missing", lambda: "no Wi-Fi radio" in daemon.of_unit("StatusText"), 60)
    say("NOTE  said:", daemon.of_unit("StatusText"))


def is_ready_once_there_is_a_radio() -> None:
    old = daemon.pid()
    write_settings()
    run("systemctl", "restart", "--no-block", daemon.UNIT)
    # The radios come only now: with the settings of the package, it would have taken the first.
    wait_for("a new process", lambda: daemon.pid() not in {0, old}, 60)
    air.fill()
    wait_for("the status to name the radio", lambda: air.RADIO in daemon.of_unit("StatusText"), 60)
    check(not daemon.is_ready(), "READY without a radio")
    began = time.monotonic()
    air.plug_in_radio()
    daemon.wait_until_ready()
    say(f"NOTE  READY {time.monotonic() - began:.1f} s after the radio was plugged in")
    check(daemon.of_unit("Type") == "notify", daemon.of_unit("Type"))
    check(daemon.of_unit("NRestarts") == "0", f"{daemon.of_unit('NRestarts')} restarts")
    check(air.interfaces().get(f"{air.RADIO}mon") == "monitor", air.interfaces())
    reach_checks.start()


def is_removed_and_purged_without_a_trace() -> None:
    run("apt-get", "--yes", "remove", "whimbrel", timeout=300)
    check(not daemon.of_unit("ActiveState").startswith("activ"), daemon.of_unit("ActiveState"))
    check(_processes(pwd.getpwnam(daemon.USER).pw_uid) == [], _processes(pwd.getpwnam(daemon.USER).pw_uid))
    check(f"{air.RADIO}mon" not in air.interfaces(), air.interfaces())
    check(daemon.SETTINGS.exists(), "a removal took the settings")
    run("apt-get", "--yes", "purge", "whimbrel", timeout=300)
    left = [path for path in run("find", "/", "-xdev", "-name", "*whimbrel*").splitlines() if not _may_stay(path)]
    check(left == [], "left: " + ", ".join(left))
    names = [user.pw_name for user in pwd.getpwall()]
    check(not {daemon.USER, reach_checks.USER} & set(names), "a user is still there")


def is_installed_again_on_a_debian_without_lgpio() -> None:
    # So far the guest was as a Raspberry Pi OS, which has lgpio; Debian itself has none.
    for file in _PYTHON.glob("*lgpio*"):
        file.unlink()
    install()
    write_settings()
    run("systemctl", "restart", "--no-block", daemon.UNIT)
    daemon.wait_until_ready()


def install() -> None:
    """Install the package as a person does who has the file."""
    files = sorted(map(str, _PACKAGES.glob("*.deb")))
    check(len(files) == 1, f"not one package: {files}")
    run("apt-get", "--yes", "--no-install-recommends", "install", files[0], timeout=600)


def write_settings(*, scan: str = "", **hop: Any) -> None:
    """Write the bonnet's settings as the package has them, for the daemon's radio and a screen that stays still.

    `scan`: an interface to scan with instead.
    """
    settings = yaml.safe_load(_BONNET.read_text())
    modules = settings["modules"]
    # The handshakes are on channel 6: a radio that is there half of the time hears one of the first few.
    hop = {"channels": ["1", "6", "11", "36"], "weights": {"6": 3.0}} | hop
    # Without a fixed source it would scan with another radio while its own is pulled out.
    modules["sniffer"] = {"source": "linux", "linux": {"radio": air.RADIO}, "hop": hop}
    if scan:
        modules["sniffer"] = {"source": "scan", "tuner": "none", "scan": {"radio": scan, "pause": "1s"}}
    # An emulated machine is slow, which is a fault of no module.
    modules["recorder"] = {"mode": "interesting", "lose_at_most": "30s"}
    modules["display"] |= {"dim_after": "0s", "off_after": "0s", "shift": "0s", "alert_for": "1s"}
    modules |= reach_checks.SETTINGS
    daemon.SETTINGS.write_text(yaml.safe_dump(settings))


def _may_stay(path: str) -> bool:
    return path.startswith(_OURS) or path == "/etc/hostname"


def _processes(user: int) -> list[str]:
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if folder.stat().st_uid == user:
                found.append((folder / "cmdline").read_text().replace("\0", " "))
        except OSError:  # it has ended meanwhile
            continue
    return found
