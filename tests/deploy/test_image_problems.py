"""What problems.txt on the boot partition says, who writes it, and when it goes away."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.deploy.test_image_boot_settings import PROJECT, SCRIPT, Card

from whimbrel.testing import PATIENCE

pytestmark = pytest.mark.skipif(
    not all(map(shutil.which, ("bash", "ssh-keygen", "mountpoint"))), reason="bash, ssh-keygen or mountpoint is missing"
)
TELL, FIND = SCRIPT.with_name("tell-owner"), SCRIPT.with_name("find-problems")
WAITING = "sniffer waiting: no Wi-Fi radio: plug in an adapter"
LISTENS = "hopping: 3 access points, 2 stations, 40 frames/s"


class Device(Card):
    """A device whose daemon has a status line, and whose kernel has a log."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.program("systemctl", 'cat "$WHIMBREL_RUN/status-line"')
        self.program("dmesg", 'cat "$WHIMBREL_RUN/dmesg" 2> /dev/null')

    def look(self, status: str = "", times: int = 1) -> str:
        """Look for problems while the daemon has this status line; return what the journal gets."""
        (self.run / "status-line").write_text(f"{status}\n")
        return "".join(self.start(script=FIND) for _ in range(times))

    def writes(self) -> int:
        """Return the identity of the text on the card."""
        return (self.boot / "problems.txt").stat().st_ino


@pytest.fixture
def device(tmp_path: Path) -> Device:
    return Device(tmp_path)


def test_what_the_radio_needs_is_told_when_it_lasts_and_goes_when_it_is_there(device: Device) -> None:
    device.look(LISTENS)
    assert not device.problems
    assert device.look(WAITING) == ""
    assert not device.problems, "it may have been the start"
    assert device.look(WAITING) == "<4>It cannot listen: no Wi-Fi radio: plug in an adapter\n"
    assert "It cannot listen: no Wi-Fi radio: plug in an adapter\r\n" in device.problems
    before = device.writes()
    assert device.look(WAITING, 3) == ""
    assert device.writes() == before, "the same text was written to the card again"
    device.look(LISTENS)
    assert not device.problems, "an adapter that is plugged in later is enough"
    device.look(WAITING, 2)
    assert "It cannot listen" in device.problems, "one that is pulled out later is missed, too"


def test_a_bad_contact_does_not_write_to_the_card(device: Device) -> None:
    for _ in range(3):
        device.look(WAITING)
        device.look(LISTENS)
    assert not list(device.boot.iterdir())


@pytest.mark.parametrize("status", ["", "starting", "stopping: SIGTERM"])
def test_what_was_told_stays_while_the_daemon_comes_and_goes(device: Device, status: str) -> None:
    device.look(WAITING, 2)
    told = device.problems
    device.look(status, 2)
    assert device.problems == told


def test_each_part_is_named_and_what_is_no_business_of_the_owners_is_not(device: Device) -> None:
    troubles = [
        "the settings file is refused, the last good ones are in force",
        "recorder degraded: the card is full; make room",
        "display waiting: there is no /dev/spidev0.0: switch SPI on (hardware.txt); then restart",
        "buttons failed: GPIO 5 (up) is unavailable: busy\x1b[31m",
        "sniffer2 waiting: it is gone",
        "history backing-off: disk; again",
    ]
    device.look("; ".join(troubles), 2)
    assert device.problems.splitlines()[2:] == [
        "The display does not work: there is no /dev/spidev0.0: switch SPI on (hardware.txt); then restart",
        "The buttons do not work: GPIO 5 (up) is unavailable: busy[31m",
        "It cannot listen with a second radio: it is gone",
    ]


def test_who_has_chosen_no_panel_misses_none(device: Device) -> None:
    """The image's own settings name one, for those who have it."""
    settings = device.boot / "whimbrel.yaml"
    settings.write_text("modules: {display: }\n")
    first = subprocess.run(["sha256sum", settings.name], cwd=device.boot, capture_output=True, check=True)
    (device.state / "first.sum").write_bytes(first.stdout)
    troubles = f"{WAITING}; display waiting: nothing answers; buttons waiting: no line"
    device.look(troubles, 2)
    assert device.problems.splitlines()[2:] == ["It cannot listen: no Wi-Fi radio: plug in an adapter"]
    settings.write_text("modules: {display: {driver: epaper}}\n")
    device.look(troubles, 2)
    assert "The display does not work: nothing answers\r\nThe buttons do not work: no line\r\n" in device.problems


def test_it_stands_beside_the_other_problems_of_the_card(device: Device) -> None:
    (device.boot / "device.txt").write_text("colour=blue\n...\n")
    device.start()
    device.look(WAITING, 2)
    assert "colour=blue" in device.problems
    assert "It cannot listen" in device.problems
    assert "cannot listen" not in (device.run / "problems.txt").read_text(), "the daemon knows that better"
    (device.boot / "device.txt").write_text("...\n")
    device.start()
    assert device.problems.splitlines()[2:] == ["It cannot listen: no Wi-Fi radio: plug in an adapter"]


FIRMWARE = """\
[    5.754866] brcmfmac: brcmf_fw_alloc_request: using brcm/brcmfmac43430b0-sdio for chip BCM43430/2
[    5.755074] platform regulatory.0: Direct firmware load for regulatory.db failed with error -2
[    5.786347] brcmfmac mmc1:0001:1: Direct firmware load for brcm/brcmfmac43430b0-sdio.x.bin failed with error -2
[    5.786664] brcmfmac mmc1:0001:1: Direct firmware load for brcm/brcmfmac43430b0-sdio.bin failed with error -2
[    5.786700] brcmfmac mmc1:0001:1: Direct firmware load for brcm/brcmfmac43430b0-sdio.clm_blob failed with error -2
[    6.786700] usb 1-1: Direct firmware load for ath9k_htc/htc_9271-1.dev.0.fw failed with error -2
"""


def test_firmware_that_is_not_on_the_card_is_named(device: Device) -> None:
    radio, adapter = device.sys / "bus/sdio/devices/mmc1:0001:1", device.sys / "bus/usb/devices/1-1"
    radio.mkdir(parents=True)
    (device.sys / "bus/platform/devices/regulatory.0").mkdir(parents=True)
    # An adapter that was given another firmware works.
    adapter.mkdir(parents=True)
    (adapter.parent / "1-1:1.0/ieee80211").mkdir(parents=True)
    (device.run / "dmesg").write_text(FIRMWARE)
    device.look(LISTENS, 2)
    assert not device.problems, "who can listen lacks nothing"
    device.look(WAITING, 2)
    (said,) = [line for line in device.problems.splitlines() if "firmware" in line]
    assert said.startswith(
        "A radio (mmc1:0001:1) lacks its firmware, brcm/brcmfmac43430b0-sdio.bin, which is not on this card"
    )
    (radio / "ieee80211").mkdir()
    device.look(WAITING, 2)
    assert "firmware" not in device.problems


def test_settings_that_name_missing_hardware_are_taken_and_the_card_says_what_is_missing(device: Device) -> None:
    """By the real check: this machine has no SPI. The daemon knows better, once it runs."""
    device.program("whimbrel", f'exec {sys.executable} -m whimbrel "$@"')
    given = (PROJECT / "config/waveshare-epaper-2.13-hat.yaml").read_text()
    (device.boot / "whimbrel.yaml").write_text(given.replace("device: 0", "device: 1"))
    device.start()
    assert "device: 1" in device.settings.read_text()
    assert "The display does not work: there is no /dev/spidev0.1: switch SPI on" in device.problems
    assert "radio" not in device.problems, "one may be plugged in at any time"
    device.look("display waiting: there is no panel at all", 2)
    assert device.problems.splitlines()[2:] == ["The display does not work: there is no panel at all"]
    device.look(LISTENS)
    assert not device.problems


def test_why_a_package_was_not_installed_is_told_for_as_long_as_it_lies_there(device: Device) -> None:
    device.update.mkdir()
    (device.boot / "packages").mkdir()
    (device.boot / "packages/two.deb").touch()
    device.start()
    assert not device.problems
    (device.update / "problems").write_text("packages/two.deb: it is not whole\n")
    device.start("updates", script=TELL)
    assert "packages/two.deb: it is not whole\r\n" in device.problems
    assert "it is not whole" in (device.run / "problems.txt").read_text(), "the daemon is to show it"
    (device.boot / "whimbrel.yaml").write_text("refuse: me\n")
    device.start()
    assert "it is not whole" in device.problems
    assert "whimbrel.yaml is refused" in device.problems
    device.start("updates", script=TELL)
    assert device.problems.count("it is not whole") == device.problems.count("whimbrel.yaml is refused") == 1
    (device.boot / "packages/two.deb").unlink()
    (device.boot / "whimbrel.yaml").unlink()
    device.start()
    assert not device.problems
    assert not (device.run / "problems.txt").exists()


def mounted(device: Device) -> Path:
    """Make the partition one that is mounted read-only; return the log of how it is remounted."""
    log = device.run / "mounts"
    device.program("mountpoint", "exit 0")
    device.program("findmnt", f"tail -n 1 {log} 2> /dev/null | grep -q rw && echo rw || echo ro")
    device.program("mount", f'echo "$2" >> {log}')
    device.program("sync", "exit 0")
    return log


def test_each_who_writes_holds_the_partition_by_itself(device: Device) -> None:
    """One that is done does not close it under the other."""
    log = mounted(device)
    holders = device.run / "card/holders"
    device.program("mv", f'ls {holders} >> {device.run}/held; exec {shutil.which("mv")} "$@"')
    (device.boot / "device.txt").write_text("colour=blue\n...\n")
    device.start()
    device.look(WAITING, 2)
    device.start("updates", script=TELL)
    assert set((device.run / "held").read_text().split()) >= {"settings", "state"}
    assert log.read_text().split() == ["remount,rw", "remount,ro"] * 2
    assert not list(holders.iterdir())


@pytest.mark.parametrize(
    ("program", "line", "reason"),
    [
        ("sync", 'case "$1" in *.new) echo "sync: No space left on device" >&2; exit 1 ;; esac', "No space left"),
        ("mount", 'case "$2" in *rw) echo "mount: write-protected" >&2; exit 32 ;; esac', "write-protected"),
    ],
)
def test_what_cannot_be_written_is_told_in_the_journal_closed_and_tried_again(
    device: Device, program: str, line: str, reason: str
) -> None:
    mounted(device)
    device.look(WAITING)
    right = (device.programs / program).read_text()
    device.program(program, line)
    (device.run / "status-line").write_text(f"{WAITING}\n")
    environment = {"PATH": f"{device.programs}:{os.environ['PATH']}", "WHIMBREL_PATH": str(device.programs)}
    environment |= {"WHIMBREL_RUN": str(device.run), "WHIMBREL_BOOT": str(device.boot)}
    environment |= {"WHIMBREL_CARD_PROGRAM": str(PROJECT / "systemd/whimbrel-card"), "WHIMBREL_UPDATE": "/nowhere"}
    environment |= {"WHIMBREL_CARD_RUN": str(device.run / "card")}
    done = subprocess.run(
        ["bash", FIND], env=os.environ | environment, capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert done.returncode == 1
    assert "<3>problems.txt cannot be written: " in done.stderr
    assert reason in done.stderr
    assert not device.problems
    assert not list(device.boot.glob("*.new"))
    assert not list((device.run / "card/holders").iterdir()), "the partition stays open"
    (device.programs / program).write_text(right)
    device.look(WAITING)
    assert "It cannot listen" in device.problems
