"""Reads the kernel's files about the state of the board. Nothing is cached: they are small and rarely needed."""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path
from typing import NamedTuple

from whimbrel.system import readers
from whimbrel.system.addresses import Address, addresses
from whimbrel.system.readers import CpuTimes, Memory

_PAGE = os.sysconf("SC_PAGE_SIZE")
_LARGEST = 16384
"""Limit of octets read from one file."""


class Health(NamedTuple):
    """The state of the board itself; None for unknown values."""

    temperature: float | None
    """Temperature of the processor in degrees Celsius."""
    under_voltage: bool
    """Whether the supply voltage was too low in the last two seconds; False also on boards that do not measure it."""
    disk_used: float | None
    """Share of the root file system that is in use, 0 to 1."""
    battery: float | None = None
    """Charge, 0 to 1."""
    charging: bool | None = None
    """Whether the battery gets power from outside."""


class Board:
    """Reads the files below `root`, which is ``/`` except in tests. Absent values are None; nothing raises."""

    def __init__(self, root: Path = Path("/")) -> None:
        self._root = root
        self._proc = str(root / "proc")
        self._temperature = str(root / "sys/class/thermal/thermal_zone0/temp")
        self._voltage = ""
        self._batteries: list[str] = []
        self._cpu: CpuTimes | None = None

    def find(self) -> None:
        """Find the supply and batteries, which may be plugged in, or have their drivers loaded, after the start."""
        hwmon = self._root / "sys/class/hwmon"
        # raspberrypi-hwmon polls the firmware every 2 s. The old attribute soc:firmware/get_throttled is no substitute:
        # reading it makes the kernel print a trace, and Raspberry Pi's kernel 6.12 removed it.
        monitors = (str(entry) for entry in entries(hwmon) if _read(f"{entry}/name").strip() == "rpi_volt")
        self._voltage = next((f"{monitor}/in0_lcrit_alarm" for monitor in monitors), "")
        supplies = entries(self._root / "sys/class/power_supply")
        self._batteries = [str(entry) for entry in supplies if _is_ours(entry)]

    def health(self) -> Health:
        """Read the values for the warnings."""
        return Health(
            readers.temperature(_read(self._temperature)),
            bool(self._voltage) and readers.alarm(_read(self._voltage)),
            self._disk(),
            self.battery(),
            self._charging(),
        )

    def cpu(self) -> float | None:
        """Return the busy share of all cores' time since the previous call, 0 to 1."""
        before, self._cpu = self._cpu, readers.cpu_times(_read(f"{self._proc}/stat"))
        return readers.cpu_share(before, self._cpu)

    def memory(self) -> Memory:
        """Return the memory in use; zeros if unknown."""
        return readers.memory(_read(f"{self._proc}/meminfo")) or Memory(0, 0)

    def resident(self) -> int:
        """Return the resident octets of this process; 0 if unknown."""
        return readers.resident(_read(f"{self._proc}/self/statm"), _PAGE) or 0

    def uptime(self) -> float:
        """Return the seconds since the boot of the board, including suspended time."""
        return time.clock_gettime(time.CLOCK_BOOTTIME)

    def battery(self) -> float | None:
        """Return the charge, 0 to 1, the mean of several batteries. It may wait for a slow bus: call it in a thread."""
        charges = [each for path in self._batteries if (each := readers.charge(_read(f"{path}/capacity"))) is not None]
        return sum(charges) / len(charges) if charges else None

    def _charging(self) -> bool | None:
        words = {_read(f"{path}/status").strip() for path in self._batteries} - {"", "Unknown"}
        return not words <= {"Discharging"} if words else None

    def addresses(self) -> tuple[Address, ...]:
        """Return interface and address of each address of the board that others can reach."""
        with contextlib.suppress(OSError):
            return addresses(_read(f"{self._proc}/net/if_inet6"))
        return ()

    def _disk(self) -> float | None:
        try:
            disk = os.statvfs(self._root)
        except OSError:
            return None
        used = disk.f_blocks - disk.f_bfree
        # Like df: space reserved for root counts as neither free nor used.
        whole = used + disk.f_bavail
        return min(max(used / whole, 0.0), 1.0) if whole > 0 else None


def _is_ours(supply: Path) -> bool:
    """Return whether a power supply is a battery that feeds this board: a keyboard's has the scope of a device."""
    return _read(f"{supply}/type").strip() == "Battery" and _read(f"{supply}/scope").strip() != "Device"


def entries(folder: Path) -> list[Path]:
    """Return what is in a folder, by name; nothing if it cannot be read."""
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []


def _read(path: str) -> str:
    """Return the beginning of a file as text; empty if it cannot be read."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError:
        return ""
    try:
        return os.read(descriptor, _LARGEST).decode("ascii", "replace")
    except OSError:
        return ""
    finally:
        os.close(descriptor)
