"""Packages of Whimbrel on the boot partition: one refused for want of a signature, then allowed; one that is signed."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from tests.pi.board import Card, started
from tests.pi.console import Console
from tests.pi.firststart import PATIENCE, stop
from tests.pi.report import Report

_PROJECT = Path(__file__).parents[2]
_KEY = "usr/share/whimbrel/release.gpg"
_LONG = 3600
"""Seconds of the board that an update may take: packing up the old version, dpkg, and two starts of the daemon."""


def run(card: Card, results: Path, report: Report) -> None:
    """Put one package on the card that nobody signed, then one whose signature the first one's key confirms."""
    work = card.file.parent / "updates"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    home = _make_key(work)
    unsigned, signed = (_make(work, version) for version in ("9.1", "9.2"))
    sign = ["gpg", "--batch", "--yes", "--armor", "--detach-sign", str(signed)]
    subprocess.run(sign, env=home, check=True, capture_output=True)
    card.write("device.txt", "hostname=curlew\n...\n")
    card.copy("packages", unsigned)
    card.copy("later", signed, signed.with_name(f"{signed.name}.asc"))
    with started(card, results, "updates") as board:
        board.open(PATIENCE)
        board.until("systemctl is-active --quiet whimbrel", 180)
        board.until("systemctl show -p ActiveState --value whimbrel-packages | grep -qx failed", _LONG)
        told = board.ask("cat /boot/firmware/problems.txt").output
        report.check("a package without a signature is refused, and the card says how to allow it",
                     "allow_unsigned=yes" in told, told)  # fmt: skip
        _put(board, "echo allow_unsigned=yes > device.txt; echo ... >> device.txt")
        board.ask("systemctl restart whimbrel-boot-settings", _LONG)
        _installs(board, report, "9.1", "a package that its owner allows is installed")
        _put(
            board, "echo hostname=curlew > device.txt; echo ... >> device.txt; mkdir -p packages; mv later/* packages/"
        )
        board.ask("systemctl restart whimbrel-boot-settings", _LONG)
        _installs(board, report, "9.2", "so is a signed one, without that permission")
        report.true(board, "nothing is left half installed", '[ -z "$(dpkg --audit)" ]')
        stop(board, card, report)
    told = card.read("done.txt").decode()
    report.check("its owner's computer finds both", "9.1 is installed" in told and "9.2 is installed" in told, told)


def _make_key(work: Path) -> dict[str, str]:
    """Make a key to sign with, its public part beside it, and return gpg's environment."""
    (work / "gpg").mkdir(mode=0o700)
    home = {**os.environ, "GNUPGHOME": str(work / "gpg")}
    made = ["gpg", "--batch", "--passphrase", "", "--pinentry-mode", "loopback", "--quick-gen-key", "pi@example.org"]
    subprocess.run([*made, "ed25519"], env=home, check=True, capture_output=True)
    exported = subprocess.run(["gpg", "--export"], env=home, check=True, capture_output=True).stdout
    (work / "release.gpg").write_bytes(exported)
    return home


def _make(work: Path, version: str) -> Path:
    """Make the newest package of `make deb` as another version, which trusts the tests' key."""
    source = max((_PROJECT / "build/deb").glob("whimbrel_*_all.deb"), key=lambda path: path.stat().st_mtime)
    tree, package = work / "tree", work / f"whimbrel_{version}_all.deb"
    shutil.rmtree(tree, ignore_errors=True)
    subprocess.run(["dpkg-deb", "-R", source, tree], check=True)
    control = tree / "DEBIAN/control"
    lines = control.read_text().splitlines()
    control.write_text(
        "".join(f"Version: {version}\n" if line.startswith("Version:") else f"{line}\n" for line in lines)
    )
    shutil.copy2(work / "release.gpg", tree / _KEY)
    build = ["dpkg-deb", "--root-owner-group", "-Zgzip", "--build", str(tree), str(package)]
    subprocess.run(build, check=True, stdout=subprocess.DEVNULL)
    return package


def _put(board: Console, change: str) -> None:
    """Change something on the boot partition, as its owner does in another computer."""
    board.ask(f"mount -o remount,rw /boot/firmware; cd /boot/firmware; {change}; cd /; sync -f /boot/firmware")
    board.ask("mount -o remount,ro /boot/firmware")


def _installs(board: Console, report: Report, version: str, what: str) -> None:
    took = board.ask("date +%s.%N; systemctl start whimbrel-packages; date +%s.%N", _LONG).output.split()
    report.figure(f"an update to {version} took, s", round(float(took[-1]) - float(took[0]), 1))
    found = board.ask("dpkg-query -Wf '${Version} ${db:Status-Status}' whimbrel").output
    report.check(what, found == f"{version} installed", found)
    report.true(board, "its daemon is ready", "systemctl is-active --quiet whimbrel && whimbrel status")
