"""``report-hardware``: describes this machine, its radios, screen and keys, for a report to the project."""

from __future__ import annotations

import argparse
import contextlib
import platform
import re
from collections.abc import Iterator

from whimbrel import __version__
from whimbrel.cli import exits, settings_file
from whimbrel.cli.asking import ask_daemon
from whimbrel.cli.options import add_config_option, add_socket_option
from whimbrel.text import printable
from whimbrel.verbs.daemon import MODULES, STATUS

VERBS = (STATUS, MODULES)
MORE = (
    "The text has no addresses, names, networks, positions or serial numbers. Read it before you send it; add in a "
    "sentence what works and what does not."
)
SHOWN = frozenset({
    "modules.sniffer.source", "modules.system.battery", "modules.display.driver", "modules.buttons.driver",
    *(f"modules.display.oled.{name}" for name in (
        "chip", "bus", "port", "address", "device", "dc", "reset", "backlight", "bgr", "offset_x", "offset_y", "speed",
        "width", "height", "rotate", "contrast",
    )),
    *(f"modules.display.epaper.{name}" for name in (
        "board", "device", "dc", "reset", "busy", "rotate", "full_every",
    )),
    *(f"modules.buttons.gpio.{name}" for name in ("keys", "pull", "active", "filter", "chip")),
})  # fmt: skip
"""Settings that say what is connected: numbers and words of a list, and none with a text or a path of the owner's."""
_NODES = 10.0
"""Seconds that the kernel has to answer."""

Line = tuple[str, str]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_config_option(parser)
    add_socket_option(parser)


def run(args: argparse.Namespace) -> int:
    """Print the report."""
    from whimbrel.system import hardware

    sections = {
        "whimbrel": [("version", __version__), ("python", platform.python_version())],
        "machine": [("kernel", f"{platform.release()} {platform.machine()}"), *hardware.machine()],
        **_radios(),
        "settings": list(_settings(args)),
        "daemon": list(_daemon(args)),
    }
    for title, lines in sections.items():
        print(f"[{title}]")
        for label, value in lines:
            print(f"{label}: {printable(hardware.public(value))}")
        print()
    return exits.OK


def _radios() -> dict[str, list[Line]]:
    """Return a section for each radio, with what the kernel says of its abilities."""
    from whimbrel.system import hardware

    found = hardware.radios()
    problem = _add_abilities(found)
    sections = {}
    for number, (name, lines) in enumerate(sorted(found.items())):
        # The kernel's name; one that the owner has given it may be any.
        sections[f"radio {name}" if re.fullmatch(r"phy\d+", name) else f"renamed radio {number}"] = lines
    if problem:
        sections["radios"] = [("abilities", f"unknown: {problem}")]
    return sections or {"radios": [("radios", "none")]}


def _add_abilities(found: dict[str, list[Line]]) -> str:
    """Add to the lines of each radio what the kernel says of its abilities; return why that is not known."""
    from whimbrel.drivers.nl80211.attributes import IFTYPE_MONITOR
    from whimbrel.drivers.nl80211.codec import NetlinkError
    from whimbrel.drivers.nl80211.control import connect
    from whimbrel.system import hardware

    if not found:
        return ""
    try:
        with contextlib.closing(connect(_NODES)) as kernel:
            for radio in kernel.nl80211.radios():
                lines = found.setdefault(radio.name, [])
                lines.append(("monitor mode", "yes" if IFTYPE_MONITOR in radio.types else "no"))
                lines.append(("channels", hardware.bands(each.freq for each in radio.frequencies if not each.disabled)))
                forbidden = hardware.bands(each.freq for each in radio.frequencies if each.disabled)
                lines.append(("off by the country's rules", forbidden))
    except (NetlinkError, OSError) as error:
        return str(error)
    return ""


def _settings(args: argparse.Namespace) -> Iterator[Line]:
    """Yield the settings of screen, keys and source that differ from the defaults."""
    try:
        configuration = settings_file.load(args)
    except exits.CommandError as wrong:
        yield "settings", f"wrong: {str(wrong).count(chr(10)) + 1} mistakes"
        return
    from whimbrel.config import effective

    for setting in effective(configuration):
        if setting.origin != "default" and setting.path in SHOWN:
            yield setting.path, setting.text


def _daemon(args: argparse.Namespace) -> Iterator[Line]:
    """Yield the states of the modules. Their reasons may have names of networks, and are left out."""
    from whimbrel.config.registry import BUILT_IN

    try:
        status = ask_daemon(args, STATUS)
        rows = ask_daemon(args, MODULES)
    except exits.CommandError:
        yield "daemon", "does not answer here (is it running? run this as root, or in the group whimbrel)"
        return
    yield "ready", "yes" if status.ready else "no"
    yield "receiver", "; ".join(status.receiver) or "describes its frames correctly"
    for row in rows:
        # The module of another package may bear any name.
        yield (
            row.module if row.module in BUILT_IN else "another module",
            f"{row.state}, {row.starts} starts, {row.failures} failures, {len(row.warnings)} warnings",
        )
