"""Writes docs/attack.md from the code: ``python -m whimbrel.siem.document > docs/attack.md``."""

from __future__ import annotations

import sys

from whimbrel.detections.registry import all_detections
from whimbrel.siem.attack import TECHNIQUES

_HEAD = """\
# Rules and MITRE ATT&CK

The technique of MITRE ATT&CK (Enterprise) that a rule's alerts stand for, where one fits; it is part of what the module
`syslog` sends ([syslog.md](syslog.md)). A weakness is no technique, and neither is a mark that only says that two
transmitters differ. This page is made from the code (`make docs`).

| rule | what it raises | technique | tactic |
|---|---|---|---|
"""


def document() -> str:
    """Return the page."""
    rows = []
    for detection in all_detections():
        found = TECHNIQUES.get(detection.rule, ())
        links = ", ".join(f"[{each.id}]({each.url}) {each.name}" for each in found)
        tactics = ", ".join(dict.fromkeys(each.tactic for each in found))
        rows.append(f"| `{detection.rule}` | {detection.title} | {links} | {tactics} |")
    return _HEAD + "\n".join(rows) + "\n"


if __name__ == "__main__":
    sys.stdout.write(document())
