"""Writes the files generated from the code; with ``--check``, lists those that are out of date."""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

WRITERS = {
    "config/whimbrel.yaml": "whimbrel.config.document",
    "docs/events.md": "whimbrel.events.document",
    "docs/detections.md": "whimbrel.detections.document",
    "docs/attack.md": "whimbrel.siem.document",
    "docs/cost.svg": "tools.icount.chart",
    "docs/structure.md": "tools.structure",
    "src/whimbrel/detections/presence/signature_data.py": "tools.signatures",
    "systemd/whimbrel.catalog": "whimbrel.journal.catalog",
}
"""The module that prints each file."""


def stale(root: Path) -> dict[str, str]:
    """Return the files under `root` that are out of date, with the text that they should have."""
    made = {path: _printed(module) for path, module in WRITERS.items()}
    return {path: text for path, text in made.items() if _present(root / path) != text}


def _present(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.exists() else None


def _printed(module: str) -> str:
    command = [sys.executable, "-X", "utf8", "-m", module]
    return subprocess.run(command, stdout=subprocess.PIPE, check=True, encoding="utf-8").stdout


def main(argv: list[str] | None = None, root: Path = Path()) -> int:
    """Write files that are out of date; or only list them, and return 1."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, fail where something is out of date")
    check = parser.parse_args(argv).check
    found = stale(root)
    for path, text in found.items():
        if check:
            print(f"{path} is out of date: run `make docs`", file=sys.stderr)
        else:
            (root / path).write_text(text, encoding="utf-8")
    return 1 if check and found else 0


if __name__ == "__main__":
    raise SystemExit(main())
