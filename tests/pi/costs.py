"""What daemon and radio's helper cost on the board, in the time of counted instructions."""

from __future__ import annotations

from pathlib import Path

from tests.pi.board import Card, started
from tests.pi.console import Console
from tests.pi.firststart import PATIENCE
from tests.pi.owner import SETTINGS
from tests.pi.report import Report

_RATES = (100, 1000)
_ORDINARY, _ATTACK = "ordinary", "attack"
"""The airs: that of a home, more than half of it beacons; and the 14 kinds of `make icount` in turn, four of which are
a handshake and one a forged deauthentication: at 1,000 frames a second 71 of each, an attack without an end. It comes
last, because its incident stays open."""
_AIR = "python3 /mnt/tests/pi/guest/air.py air /mnt/{}.pcap"
_SECONDS = 20
_UNITS = ("whimbrel", "whimbrel-radio")
_CAMPED = SETTINGS.replace('["1", "6", "11"]', '["6"]')
_QUIET = 300
"""Seconds of the board without anything in the air, for what is written to the card."""


def run(card: Card, results: Path, report: Report) -> None:
    """Measure a start that is not the first, memory, processor, and what is written."""
    card.write("whimbrel.yaml", _CAMPED)
    with started(card, results, "costs") as board:
        board.open(PATIENCE)
        report.becomes(board, "whimbrel.service is ready a third time", "systemctl is-active --quiet whimbrel", 180)
        ready = int(board.ask("systemctl show --value -p ActiveEnterTimestampMonotonic whimbrel").output)
        report.figure("later start: kernel to READY, s", round(ready / 1e6, 2))
        board.until("systemctl is-system-running | grep -qx running", 180)
        board.ask("mount -o ro /dev/mmcblk0p3 /mnt")
        _memory(board, report, "after the start")
        _written(board, report)
        board.ask("iw phy phy1 interface add air type monitor; ip link set wlan1 down; ip link set air up")
        board.ask("iw dev air set channel 6; sleep 3")
        _silence(board, report)
        board.ask(f"{_AIR.format(_ORDINARY)} 100 {_SECONDS}", 1200)  # what is new comes once
        _processor(board, report, _ORDINARY)
        board.ask("whimbrel lock 6; sleep 3")
        _processor(board, report, _ORDINARY, "locked on the channel, ")
        board.ask("whimbrel unlock")
        _processor(board, report, _ATTACK)
        _memory(board, report, "after the load")
        _first_frame(board, report)
        restarts = "systemctl show --value -p NRestarts whimbrel whimbrel-radio | grep -c '^[1-9]'"
        report.check("nothing of it was restarted", (told := board.ask(restarts).output) == "0", told)


def _memory(board: Console, report: Report, when: str) -> None:
    for unit in _UNITS:
        process = f"$(systemctl show --value -p MainPID {unit})"
        resident = int(board.ask(f"awk '/^VmRSS/ {{ print $2 }}' /proc/{process}/status").output)
        own = int(board.ask(f"awk '/^Pss:/ {{ print $2 }}' /proc/{process}/smaps_rollup").output)
        report.figure(f"{unit}: resident memory {when}, MB", round(resident / 1000, 1))
        report.figure(f"{unit}: proportional share {when}, MB", round(own / 1000, 1))
        report.check(f"{unit}: at most 64 MB resident {when}", resident <= 64_000, resident)
    available = int(board.ask("awk '/^MemAvailable/ { print $2 }' /proc/meminfo").output)
    report.figure(f"memory available to others {when}, MB", round(available / 1000))


def _silence(board: Console, report: Report) -> None:
    _tell(report, "silence", _shares(board, f"sleep {_SECONDS}"))


def _processor(board: Console, report: Report, air: str, how: str = "") -> None:
    for rate in _RATES:
        when = f"{how}{rate} frames/s of {air} air"
        before = _frames(board)
        _tell(report, when, _shares(board, f"{_AIR.format(air)} {rate} {_SECONDS}"))
        heard = _frames(board) - before
        offered = rate * _SECONDS
        report.figure(f"{when}: frames of {offered} offered that reached the monitor interface", heard)
        report.check(f"{when}: 99 % reach the monitor interface", heard >= offered * 0.99, heard)


def _tell(report: Report, when: str, shares: list[float]) -> None:
    report.figure(f"processor, {when}, %", round(sum(shares), 2))
    for unit, share in zip(_UNITS, shares, strict=True):
        report.figure(f"processor, {when}, of it {unit}, %", round(share, 2))


def _shares(board: Console, work: str) -> list[float]:
    """Return each unit's share of the processor in percent; what sends, and the simulated radios, are not in it."""
    stats = " ".join(f"/sys/fs/cgroup/system.slice/{unit}.service/cpu.stat" for unit in _UNITS)
    usage = f"awk '/^usage_usec/ {{ print $2 }}' {stats}; cut -d' ' -f1 /proc/uptime"
    *used, begin = map(float, board.ask(usage).output.split())
    board.ask(work, 1200)
    *used_after, end = map(float, board.ask(usage).output.split())
    return [(after - before) / (end - begin) / 1e4 for before, after in zip(used, used_after, strict=True)]


def _first_frame(board: Console, report: Report) -> None:
    """Measure a new start of the service while there are frames, until the journal has the first access point."""
    board.ask(f"systemd-run --quiet --unit air {_AIR.format(_ORDINARY)} 100 600")
    board.ask("systemctl restart whimbrel", 1200)
    found = "journalctl -q -o json _SYSTEMD_INVOCATION_ID=$(systemctl show --value -p InvocationID whimbrel)"
    first = f"{found} WHIMBREL_KIND=access-point-found | head -n 1 | grep -o 'MONOTONIC_TIMESTAMP\":\"[0-9]*'"
    board.until(f"{first} > /tmp/first", 120)
    stamp = int(board.ask("grep -o '[0-9]*$' /tmp/first").output)
    begun = int(board.ask("systemctl show --value -p ExecMainStartTimestampMonotonic whimbrel").output)
    report.figure("exec to the first access point in the journal, at 100 frames/s, s", round((stamp - begun) / 1e6, 2))
    board.ask("systemctl stop air")


def _frames(board: Console) -> int:
    """Return how many frames reached the monitor interface."""
    return int(board.ask("cat /sys/class/net/phy0mon/statistics/rx_packets").output)


def _written(board: Console, report: Report) -> None:
    """Sectors are of 512 octets (Documentation/block/stat)."""
    sectors = "sync; awk '{ print $7 }' /sys/block/mmcblk0/stat"
    before = int(board.ask(sectors).output)
    board.ask(f"sleep {_QUIET}", 3600)
    after = int(board.ask(sectors).output)
    report.figure(f"written to the card in {_QUIET} quiet seconds, KiB", (after - before) // 2)
