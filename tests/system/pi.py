"""The files of a Raspberry Pi Zero W as its kernel writes them, below a folder of a test's own."""

from __future__ import annotations

from pathlib import Path

STAT = """\
cpu  10132 0 4021 98213 1420 0 377 0 0 0
cpu0 10132 0 4021 98213 1420 0 377 0 0 0
intr 2184312 0 0 0 113532 0 0 0 0 0
ctxt 1849032
btime 1767225600
processes 2341
procs_running 1
procs_blocked 0
softirq 812331 2 301221 11 4123 0 0 88123 0 0 418851
"""
"""14,530 ticks of work, of 114,163."""

MEMINFO = """\
MemTotal:         437068 kB
MemFree:          121544 kB
MemAvailable:     311220 kB
Buffers:           21520 kB
Cached:           183436 kB
SwapCached:            0 kB
SwapTotal:        102396 kB
SwapFree:         102396 kB
CmaTotal:          65536 kB
CmaFree:           39424 kB
"""

STATM = "13871 10325 2980 1 0 7611 0\n"

IF_INET6 = """\
00000000000000000000000000000001 01 80 10 80       lo
fe80000000000000ba27ebfffe112233 02 40 20 80    wlan0
20010db8000000010000000000000017 02 40 00 00    wlan0
20010db800000001d1ab23cc45de6701 02 40 00 01    wlan0
20010db8000000020000000000000017 02 40 00 60    wlan0
fd00000000000000ba27ebfffe112233 03 40 00 80     usb0
"""


def write(root: Path, path: str, text: str) -> None:
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    new = file.with_name(f"{file.name}.new")  # a thread may be reading: it gets the old text or the new one
    new.write_text(text)
    new.replace(file)


def make_zero(root: Path) -> Path:
    """Write the files of a Zero W: a supply monitor, no battery."""
    write(root, "proc/stat", STAT)
    write(root, "proc/meminfo", MEMINFO)
    write(root, "proc/self/statm", STATM)
    write(root, "proc/net/if_inet6", IF_INET6)
    write(root, "sys/class/thermal/thermal_zone0/temp", "48312\n")
    write(root, "sys/class/hwmon/hwmon0/name", "cpu_thermal\n")
    write(root, "sys/class/hwmon/hwmon1/name", "rpi_volt\n")
    write(root, "sys/class/hwmon/hwmon1/in0_lcrit_alarm", "0\n")
    return root


def add_supply(root: Path, name: str, capacity: str, kind: str = "Battery", scope: str | None = None) -> None:
    write(root, f"sys/class/power_supply/{name}/type", f"{kind}\n")
    write(root, f"sys/class/power_supply/{name}/capacity", capacity)
    if scope is not None:
        write(root, f"sys/class/power_supply/{name}/scope", f"{scope}\n")
