"""The card as it was written, started for the first time, with an adapter plugged in."""

from __future__ import annotations

from pathlib import Path

from tests.pi.board import Card, started
from tests.pi.console import Console, Silent
from tests.pi.report import Report

PATIENCE = 600.0
"""Seconds of this machine, if it has nothing else to do, until the board has a shell, or has ended."""
SPLASH = 12.0
"""Seconds from the kernel's start to the first picture, at most."""
COPIED = (
    "head -n 1 /etc/whimbrel/whimbrel.yaml | grep -q 'A copy that each start makes anew' &&"
    " tail -n +2 /etc/whimbrel/whimbrel.yaml | cmp /boot/firmware/whimbrel.yaml"
)


def run(card: Card, results: Path, report: Report) -> None:
    """Check what a person finds who changed nothing."""
    with started(card, results, "first") as board:
        board.open(PATIENCE)
        report.becomes(board, "whimbrel.service is ready", "systemctl is-active --quiet whimbrel", 180)
        _measure(board, report)
        _is_whole(board, report, card.machine.model)
        _is_split(board, report)
        _listens(board, report)
        _is_closed(board, report)
        _spares_the_card(board, report)
        stop(board, card, report)


def _measure(board: Console, report: Report) -> None:
    def microseconds(unit: str, name: str) -> int:
        return int(board.ask(f"systemctl show --value --property {name} {unit}").output)

    ready = microseconds("whimbrel", "ActiveEnterTimestampMonotonic")
    begun = microseconds("whimbrel", "InactiveExitTimestampMonotonic")
    userspace = int(board.ask("systemctl show --value --property UserspaceTimestampMonotonic").output)
    report.figure("first start: kernel to READY, s", round(ready / 1e6, 2))
    report.figure("of it the kernel and its first file system, s", round(userspace / 1e6, 2))
    report.figure("of it the service, exec to READY, s", round((ready - begun) / 1e6, 2))


def _is_whole(board: Console, report: Report, model: str) -> None:
    report.becomes(board, "the system has started", "systemctl is-system-running | grep -qx running", 180)
    report.check("no unit has failed", not (failed := board.ask("systemctl --failed --no-legend").output), failed)
    report.true(board, "whimbrel.service was started once", '[ "$(systemctl show --value -p NRestarts whimbrel)" = 0 ]')
    report.becomes(board, "the root has the whole card", "[ $(df --output=size -B1M / | tail -n 1) -gt 1600 ]")
    report.true(board, "and will not be grown again", "[ -e /var/lib/whimbrel-image/grown ]")
    report.true(board, "this device has an identity of its own", "grep -qx '[0-9a-f]\\{32\\}' /etc/machine-id")
    watchdog = board.ask(
        "systemctl show --value --property RuntimeWatchdogUSec; cat /sys/class/watchdog/watchdog1/state"
    )
    report.check("a watchdog of 15 s is set", watchdog.output.split() == ["15s", "active"], watchdog.output)
    report.true(
        board, "the board's own watchdog has its driver", "grep -q BCM2835 /sys/class/watchdog/watchdog0/identity"
    )
    report.true(board, "I2C is there for programs", "[ -c /dev/i2c-1 ] && [ $(stat -c %G /dev/i2c-1) = i2c ]")
    rate = board.ask("od -An -tx1 /proc/device-tree/soc/i2c@7e804000/clock-frequency")
    report.check("at 400 kHz", rate.output.split() == ["00", "06", "1a", "80"], rate.output)
    report.true(board, "the board is known", f"grep -q '{model}' /proc/device-tree/model")
    report.true(board, "the daemon answers", "whimbrel status | grep -q '^ready: *yes'")
    report.true(board, "its settings are a copy of those of the boot partition, which it says", COPIED)
    report.true(board, "nothing is complained of", "[ ! -e /boot/firmware/problems.txt ]")
    report.true(
        board, "what the daemon keeps has a room of its own", "findmnt -no SOURCE /var/lib/whimbrel | grep loop"
    )
    stamp = board.ask("systemctl show --value -p ExecMainStartTimestampMonotonic whimbrel-splash@i2c-1").output
    began = int(stamp or 0) / 1e6
    report.figure("first start: kernel to the splash on its bus, s", round(began, 2))
    report.check(f"the splash begins within {SPLASH} s of the kernel", 0 < began < SPLASH, stamp)
    report.true(board, "and ends well without a panel", "systemctl show -p Result whimbrel-splash@i2c-1 | grep success")


def _is_split(board: Console, report: Report) -> None:
    """Check which process may do what."""
    held = "grep -h ^CapEff /proc/$(systemctl show --value -p MainPID {})/status"
    daemon = board.ask(held.format("whimbrel")).output.split()
    report.check("the daemon has no capability", daemon == ["CapEff:", "0" * 16], daemon)
    helper = board.ask(held.format("whimbrel-radio")).output.split()
    report.check("the radio's helper has two", helper == ["CapEff:", f"{1 << 12 | 1 << 13:016x}"], helper)
    memory = "ls -l /proc/$(systemctl show --value -p MainPID whimbrel)/fd | grep memfd"
    report.true(board, "frames reach the daemon in memory", memory)
    ended = "systemctl show -p Result,ActiveState whimbrel-reach | sort | tr '\\n' ' '"
    reach = board.ask(ended).output.strip()
    report.check("reach, without a module, has ended well", reach == "ActiveState=inactive Result=success", reach)


def _listens(board: Console, report: Report) -> None:
    opened = board.ask("journalctl -b -u whimbrel WHIMBREL_KIND=radio-opened -o cat").output
    report.check("a radio in monitor mode is chosen, and the journal says so", "driver linux" in opened, opened)
    report.true(board, "in a monitor interface of its own", "iw dev | grep -q 'type monitor'")
    heard = "for i in 1 2 3 4 5 6 7 8; do iw dev | grep -o 'channel [0-9]*'; sleep 0.5; done | sort -u | wc -l"
    channels = board.ask(heard)
    report.check("the radio hops", int(channels.output) > 2, channels.output)


def _is_closed(board: Console, report: Report) -> None:
    open_ = board.ask("cut -d: -f1,2 /etc/shadow | grep -v ':[*!]' ")
    report.check("no account has a password", open_.status == 1, open_.output)
    report.true(board, "no shell waits for one", "! pgrep agetty")
    report.true(board, "nothing joins a network", "! pgrep wpa_supplicant && ! systemctl is-enabled wpa_supplicant")
    report.true(board, "sshd does not run without a key", "! systemctl is-active --quiet ssh && ! pgrep -x sshd")
    report.true(board, "no TCP port is open", "! ss -Hltn | awk '{ print $4 }' | grep -v '^127\\.'")
    report.true(board, "there is no key of the building machine", "! ls /etc/ssh/ssh_host_*")


def _spares_the_card(board: Console, report: Report) -> None:
    report.true(
        board, "the root is mounted to be written seldom", "findmnt -no OPTIONS / | grep noatime | grep -q commit=120"
    )
    report.true(board, "the boot partition is read-only", "findmnt -no OPTIONS /boot/firmware | grep -q '^ro,'")
    report.true(board, "/tmp and /var/tmp are in memory", "[ $(stat -f -c %T /tmp /var/tmp | grep -c tmpfs) = 2 ]")
    report.true(board, "there is no swap", "[ $(wc -l < /proc/swaps) = 1 ]")
    timers = set(board.ask("systemctl list-timers --no-legend | grep -o '[a-z0-9-]*\\.timer'").output.split())
    usual = {"systemd-tmpfiles-clean.timer", "whimbrel-problems.timer"}
    report.check("no timer but those that tidy, and look for problems", timers in (usual, {min(usual)}), timers)
    report.true(board, "the journal is kept", "ls /var/log/journal/$(cat /etc/machine-id)/system.journal")
    report.true(board, "and bounded", "systemd-analyze cat-config systemd/journald.conf | grep -q '^SystemMaxUse='")
    size = "find /var/log/journal -name system.journal -size -513k | grep -q ."
    report.true(board, "in files so small that a pulled plug wastes little", size)


def stop(board: Console, card: Card, report: Report) -> None:
    """Switch off, and check that everything was put away."""
    board.ask("systemctl --no-block poweroff")
    try:
        board.expect("Power down", PATIENCE)
        board.expect("will never come", 4)
    except Silent as error:
        if "Power down" not in str(error) and "the emulator ended" not in str(error):
            report.check("it switches itself off", False, error)
            return
    report.check("it switches itself off", True)
    wrong = card.check_root()
    report.check("its file system is clean", not wrong, wrong)
