"""whimbrel.yaml(5), from the documented settings file.

``python -m tools.packaging.man5 > whimbrel.yaml.5``
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator

from tools.packaging.roff import heading, paragraph, tagged, verbatim

from whimbrel.config.document import document
from whimbrel.config.registry import BUILT_IN, find_module

_COMMENT = re.compile(r"\s*# +(?P<text>.*)")
_KEY = re.compile(r"(?P<indent>\s*)#?(?P<name>[\w-]+):(?: (?P<value>.*))?")
_EXAMPLE = """\
modules:
  sniffer:
    linux: {interface: wlan1}
    hop: {bands: [2.4], dwell: 200ms}
  watcher:
  logger: {level: notice}
  control:
"""


def entries(text: str) -> Iterator[tuple[str, str | None, str]]:
    """Yield path, default (None for what has keys of its own) and explanation of every key of a documented file."""
    path: list[tuple[int, str]] = []
    said: list[str] = []
    for line in text.splitlines():
        if comment := _COMMENT.fullmatch(line):
            said.append(comment["text"])
        elif key := _KEY.fullmatch(line):
            indent = len(key["indent"])
            path = [*((at, name) for at, name in path if at < indent), (indent, key["name"])]
            yield ".".join(name for _, name in path), key["value"], " ".join(said)
            said = []
        else:
            said = []


def page() -> str:
    """Return the page."""
    text = document({name: find_module(name) for name in BUILT_IN})
    lines = [
        *heading("whimbrel.yaml", 5, "File formats"),
        ".SH NAME", "whimbrel.yaml \\- settings of whimbrel(1)",
        ".SH SYNOPSIS", "/etc/whimbrel/whimbrel.yaml",
        ".SH DESCRIPTION",
        *paragraph(
            "One YAML file sets everything. What it does not name has its default. Only modules that it names are "
            "loaded; a module without settings is a name with nothing after it. The command whimbrel check finds every "
            "mistake, with its line; whimbrel config prints what is in force and where each value comes from. After "
            "systemctl reload whimbrel only the modules that a change concerns are restarted; a file with a mistake "
            "changes nothing."
        ),
        ".PP",
        *paragraph("Durations have a unit: 250ms, 2s, 5min, 1h, 1d. So have sizes: 64KiB, 4MiB."),
        ".PP",
        *paragraph(
            "As packaged, modules.sniffer.recovery.command writes a file, at which whimbrel-recover.path starts "
            "whimbrel-recover.service, which has root reload the driver of the radio. The daemon itself may start no "
            "unit."
        ),
        ".SH SETTINGS",
    ]  # fmt: skip
    for path, value, said in entries(text):
        if value is None:
            lines += [f".SS {path}", *paragraph(said)]
        else:
            lines += tagged(path, f"{said} Default: {value}." if value else said)
    lines += [".SH EXAMPLES", *verbatim(_EXAMPLE), ".SH SEE ALSO", ".BR whimbrel (1),", ".BR systemd.time (7)"]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(page())
