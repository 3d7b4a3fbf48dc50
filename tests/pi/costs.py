"""What the daemon costs on the board, in the time of counted instructions."""

from __future__ import annotations

from pathlib import Path

from tests.pi.board import Card, started
from tests.pi.console import Console
from tests.pi.firststart import PATIENCE
from tests.pi.owner import SETTINGS
from tests.pi.report import Report

_RATES = (100, 1000)
_SECONDS = 20
_QUIET = 300
"""Seconds of the board without anything in the air, for what is written to the card."""


def run(card: Card, results: Path, report: Report) -> None:
    """Measure a start that is not the first, memory, processor, and what is written."""
    card.write("whimbrel.yaml", SETTINGS)
    with started(card, results, "costs") as board:
        board.open(PATIENCE)
        report.becomes(board, "whimbrel.service is ready a third time", "systemctl is-active --quiet whimbrel", 180)
        ready = int(board.ask("systemctl show --value -p ActiveEnterTimestampMonotonic whimbrel").output)
        report.figure("later start: kernel to READY, s", round(ready / 1e6, 2))
        board.until("systemctl is-system-running | grep -qx running", 180)
        board.ask("mount -o ro /dev/mmcblk0p3 /mnt")
        _memory(board, report, "after the start")
        _written(board, report)
        _processor(board, report)
        _memory(board, report, "after the load")
        report.true(board, "nothing of it was restarted", '[ "$(systemctl show --value -p NRestarts whimbrel)" = 0 ]')


def _memory(board: Console, report: Report, when: str) -> None:
    process = "$(systemctl show --value -p MainPID whimbrel)"
    resident = int(board.ask(f"awk '/^VmRSS/ {{ print $2 }}' /proc/{process}/status").output)
    own = int(board.ask(f"awk '/^Pss:/ {{ print $2 }}' /proc/{process}/smaps_rollup").output)
    report.figure(f"resident memory {when}, MB", round(resident / 1000, 1))
    report.figure(f"proportional share {when}, MB", round(own / 1000, 1))
    available = int(board.ask("awk '/^MemAvailable/ { print $2 }' /proc/meminfo").output)
    report.figure(f"memory available to others {when}, MB", round(available / 1000))
    report.check(f"at most 64 MB resident {when}", resident <= 64_000, resident)


def _processor(board: Console, report: Report) -> None:
    board.ask("iw phy phy1 interface add air type monitor; ip link set wlan1 down; ip link set air up")
    board.ask("whimbrel lock 6; iw dev air set channel 6; sleep 3")
    idle = _share(board, 0)
    report.figure("processor, camped on a silent channel, %", idle)
    for rate in _RATES:
        before = _frames(board)
        report.figure(f"processor at {rate} frames/s, %", _share(board, rate))
        heard = _frames(board) - before
        offered = rate * _SECONDS
        report.figure(f"frames of {offered} offered at {rate}/s that reached the monitor interface", heard)
        report.check(f"at {rate} frames/s 99 % reach the monitor interface", heard >= offered * 0.99, heard)


def _share(board: Console, rate: int) -> float:
    """Return the daemon's share of the processor in percent; what sends, and the simulated radios, are not in it."""
    stat = "/sys/fs/cgroup/system.slice/whimbrel.service/cpu.stat"
    usage = f"awk '/^usage_usec/ {{ print $2 }}' {stat}; cut -d' ' -f1 /proc/uptime"
    work = f"python3 /mnt/air.py air /mnt/frames.pcap {rate} {_SECONDS}" if rate else f"sleep {_SECONDS}"
    used, begin = map(float, board.ask(usage).output.split())
    board.ask(work, 1200)
    used_after, end = map(float, board.ask(usage).output.split())
    return round((used_after - used) / (end - begin) / 1e4, 2)


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
