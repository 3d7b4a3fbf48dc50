"""Parsers of the kernel's text files. Pure and total: unexpected text gives None or an empty result.

Formats: proc(5), Documentation/filesystems/proc.rst, Documentation/ABI/testing/sysfs-class-{hwmon,power,thermal}.
"""

from __future__ import annotations

import socket
from typing import NamedTuple

_MOST = 1 << 63
"""The largest counter of the kernel; endless digits must not become an endless number."""

_LINK_LOCAL = 0x20
_HOST = 0x10
# From include/uapi/linux/if_addr.h: not usable yet or any more, or a privacy address that changes every day.
_PASSING = 0x01 | 0x08 | 0x20 | 0x40


class CpuTimes(NamedTuple):
    """Clock ticks of all cores together since the start of the board."""

    busy: int
    total: int


class Memory(NamedTuple):
    """Octets of the board's memory."""

    used: int
    """Octets that are not available to a new program, without caches."""
    total: int


def number(text: str, most: int = _MOST) -> int | None:
    """Return the decimal number in `text`, ignoring white space around it; None outside of ±`most`."""
    text = text.strip()
    digits = text.removeprefix("-")
    if not 0 < len(digits) < 20 or not (digits.isascii() and digits.isdigit()):
        return None
    value = int(text)
    return value if -most <= value <= most else None


def cpu_times(stat: str) -> CpuTimes | None:
    """Read the first line of ``/proc/stat``: user, nice, system, idle, iowait, irq, softirq, steal, …"""
    name, *columns = stat.partition("\n")[0].split() or [""]
    ticks = [number(column) for column in columns[:8]]  # guest times, which follow, are in user and nice already
    known = [tick for tick in ticks if tick is not None and tick >= 0]
    if name != "cpu" or len(known) < len(ticks) or len(known) < 4:
        return None
    total = sum(known)
    return CpuTimes(total - sum(known[3:5]), total)


def cpu_share(before: CpuTimes | None, after: CpuTimes | None) -> float | None:
    """Return the busy share of the time between, 0 to 1; None if no time has passed."""
    if before is None or after is None or after.total <= before.total:
        return None
    # The kernel's count of idle time may go back a little (proc(5), iowait).
    return min(max((after.busy - before.busy) / (after.total - before.total), 0.0), 1.0)


def memory(meminfo: str) -> Memory | None:
    """Read ``/proc/meminfo``."""
    found: dict[str, int] = {}
    for line in meminfo.splitlines():
        name, _, rest = line.partition(":")
        if name in {"MemTotal", "MemAvailable"}:
            value = number(rest.removesuffix("kB"), most=_MOST >> 10)
            if value is not None and value >= 0:
                found[name] = value << 10
        if len(found) == 2:
            return Memory(max(found["MemTotal"] - found["MemAvailable"], 0), found["MemTotal"])
    return None


def resident(statm: str, page: int) -> int | None:
    """Read ``/proc/self/statm``; return octets, with `page` octets to a page."""
    columns = statm.split(maxsplit=2)
    pages = number(columns[1]) if len(columns) > 1 else None
    return None if pages is None or pages < 0 else pages * page


def temperature(text: str) -> float | None:
    """Read ``thermal_zone*/temp``, thousandths of a degree; return degrees Celsius."""
    value = number(text, most=300_000)
    return None if value is None else value / 1000


def alarm(text: str) -> bool:
    """Read a hwmon alarm such as ``in0_lcrit_alarm``: 1 if it is raised."""
    return text.strip() == "1"


def charge(text: str) -> float | None:
    """Read ``power_supply/*/capacity``, a percentage; return 0 to 1."""
    value = number(text, most=100)
    return None if value is None or value < 0 else value / 100


def inet6(if_inet6: str) -> tuple[tuple[str, str], ...]:
    """Read ``/proc/net/if_inet6``; return interface and address of each address that others can reach.

    Loopback, link-local, temporary, deprecated and tentative addresses are left out.
    """
    found = []
    for line in if_inet6.splitlines():
        columns = line.split()
        if len(columns) != 6:
            continue
        try:
            address = socket.inet_ntop(socket.AF_INET6, bytes.fromhex(columns[0]))
            scope, flags = int(columns[3][:8], 16), int(columns[4][:8], 16)
        except ValueError:
            continue
        if scope not in {_HOST, _LINK_LOCAL} and not flags & _PASSING:
            found.append((columns[5], address))
    return tuple(found)
