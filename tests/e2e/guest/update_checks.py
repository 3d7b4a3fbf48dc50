"""Packages on the boot partition and security updates, under a real systemd: the daemon is replaced, and comes back.

What dpkg and gpgv make of each package is tried in ``tests/deploy/chroot/updates.sh``.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from pathlib import Path

from tests.e2e.guest import daemon
from tests.vm.guest.checks import check, run, say, wait_for

_UNIT = "whimbrel-packages.service"
_CARD = Path("/boot/firmware")
_STATE = Path("/var/lib/whimbrel-update")
_KEY = Path("/usr/share/whimbrel/release.gpg")
_WORK = Path("/tmp/update")
_DROP_IN = Path(f"/etc/systemd/system/{_UNIT}.d/e2e.conf")
_HOME = {**os.environ, "GNUPGHOME": str(_WORK / "gpg")}
_BROKEN = "usr/lib/python3/dist-packages/whimbrel/supervisor.py"


def takes_a_signed_package_and_is_ready_again() -> None:
    _prepare()
    old, began = daemon.pid(), time.monotonic()
    _put(_make("9.1"))
    _start()
    say(f"NOTE  an update took {time.monotonic() - began:.0f} s")
    check(_version() == "ii 9.1", _version())
    check(daemon.pid() not in {0, old}, "the daemon is the old one")
    check(daemon.is_ready(), daemon.of_unit("ActiveState"))
    check("Whimbrel 9.1 is installed" in (_CARD / "done.txt").read_text(), "done.txt")
    check(not list((_CARD / "packages").iterdir()), "the package lies there still")
    _is_closed()


def goes_back_to_the_old_version_where_the_new_daemon_does_not_run() -> None:
    _put(_make("9.2", broken=True))
    _start(fails=True)
    check(_version() == "ii 9.1", _version())
    daemon.wait_until_ready()
    told = (_CARD / "problems.txt").read_text()
    say("NOTE  said:", told.splitlines()[-1])
    check("9.2 failed (its daemon did not become ready" in told and "so 9.1 was put back" in told, told)
    check(run("dpkg", "--audit") == "", "dpkg complains")
    pid = daemon.pid()
    _start(fails=True)
    check((_version(), daemon.pid()) == ("ii 9.1", pid), "it was tried again")
    _is_closed()


def goes_on_after_a_power_cut() -> None:
    _put(_make("9.3", slow=True))
    run("systemctl", "start", "--no-block", _UNIT)
    wait_for("the package to be unpacked", (_WORK / "slow").exists, 300)
    run("systemctl", "kill", "--signal=KILL", "--kill-whom=all", _UNIT)
    wait_for("the end of it", lambda: _of("ActiveState") == "failed", 60)
    check((_STATE / "pending.json").exists(), "the update is forgotten")
    say("NOTE  after the cut:", _version())
    _start()
    check(_version() == "ii 9.3", _version())
    check(daemon.is_ready(), daemon.of_unit("ActiveState"))
    _is_closed()


def starts_nothing_without_a_package() -> None:
    _put(None)
    began = time.monotonic()
    run("systemctl", "start", _UNIT)
    say(f"NOTE  without a package, the unit took {1000 * (time.monotonic() - began):.0f} ms, systemctl included")
    check(_of("ConditionResult") == "no", "it was started")


def asks_for_security_updates_by_a_file_alone() -> None:
    run("systemctl", "enable", "--now", "whimbrel-security.path")
    run("systemctl", "restart", daemon.UNIT, timeout=240)
    daemon.wait_until_ready()
    asked = subprocess.run(["whimbrel", "security-updates"], check=False, capture_output=True, text=True, timeout=600)
    say("NOTE  said:", asked.stderr.strip())
    # The guest has no network.
    check(asked.returncode == 1, asked.stdout)
    check("names no archive" in asked.stderr or "connect the device to a network" in asked.stderr, asked.stderr)
    run("systemctl", "disable", "--now", "whimbrel-security.path")
    run("umount", str(_CARD))
    for place in (_WORK, _DROP_IN.parent):
        shutil.rmtree(place, ignore_errors=True)


def _prepare() -> None:
    (_WORK / "gpg").mkdir(mode=0o700, parents=True)
    new_key = [
        "gpg",
        "--batch",
        "--passphrase",
        "",
        "--pinentry-mode",
        "loopback",
        "--quick-gen-key",
        "e2e@example.org",
    ]
    subprocess.run([*new_key, "ed25519"], env=_HOME, check=True, capture_output=True)
    _KEY.write_bytes(subprocess.run(["gpg", "--export"], env=_HOME, check=True, capture_output=True).stdout)
    # What the image has: the partition, which is read-only, with a file by which it is known.
    _CARD.mkdir(parents=True, exist_ok=True)
    run("mount", "-t", "tmpfs", "tmpfs", str(_CARD))
    (_CARD / "hardware.txt").touch()
    run("mount", "-o", "remount,ro", str(_CARD))
    _DROP_IN.parent.mkdir(parents=True)
    _DROP_IN.write_text("[Service]\nEnvironment=WHIMBREL_UPDATE_PATIENCE=90\n")
    run("systemctl", "daemon-reload")


def _make(version: str, *, broken: bool = False, slow: bool = False) -> Path:
    """Make the installed package as another version; one that is broken, or whose installation takes a while once."""
    (source,) = Path("/opt/whimbrel/packages").glob("*.deb")
    folder, package = _WORK / "tree", _WORK / f"whimbrel_{version}_all.deb"
    shutil.rmtree(folder, ignore_errors=True)
    run("dpkg-deb", "-R", str(source), str(folder))
    control = folder / "DEBIAN/control"
    lines = (
        f"Version: {version}" if line.startswith("Version:") else line for line in control.read_text().splitlines()
    )
    control.write_text("\n".join(lines) + "\n")
    shutil.copy2(_KEY, folder / "usr/share/whimbrel/release.gpg")
    if broken:
        (folder / _BROKEN).write_text("raise SystemExit('a broken version')\n")
    if slow:
        script = folder / "DEBIAN/postinst"
        wait = f"[ -e {_WORK}/slow ] || {{ touch {_WORK}/slow; sleep 600; }}\n"
        script.write_text(script.read_text().replace("set -e\n", f"set -e\n{wait}", 1))
    run("dpkg-deb", "--root-owner-group", "-Zgzip", "-z1", "--build", str(folder), str(package), timeout=300)
    sign = ["gpg", "--batch", "--yes", "--armor", "--detach-sign", str(package)]
    subprocess.run(sign, env=_HOME, check=True, capture_output=True)
    return package


def _put(package: Path | None) -> None:
    """Leave this package alone on the card, as its owner does."""
    run("mount", "-o", "remount,rw", str(_CARD))
    shutil.rmtree(_CARD / "packages", ignore_errors=True)
    (_CARD / "packages").mkdir()
    for file in (package, package.with_name(f"{package.name}.asc")) if package else ():
        shutil.copy2(file, _CARD / "packages")
    run("mount", "-o", "remount,ro", str(_CARD))


def _start(*, fails: bool = False) -> None:
    """Do what the next start does."""
    done = subprocess.run(["systemctl", "start", _UNIT], check=False, capture_output=True, text=True, timeout=1200)
    check(bool(done.returncode) is fails, f"{done.stderr}\n{run('journalctl', '-u', _UNIT, '-n', '20', '--no-pager')}")


def _of(name: str) -> str:
    return run("systemctl", "show", "--value", f"--property={name}", _UNIT).strip()


def _version() -> str:
    return run("dpkg-query", "-Wf", "${db:Status-Abbrev}${Version}", "whimbrel").strip()


def _is_closed() -> None:
    try:
        (_CARD / "x").touch()
    except OSError:
        return
    raise AssertionError("the partition is writable")
