"""``python -m tools.equal_findings BEFORE CAPTURE…``: compares the findings of two checkouts in the same captures.

`BEFORE` is another checkout; the one of this file is compared with it. Folders of captures are searched. Each capture
is replayed as ``whimbrel replay --json`` does it, in one process for each checkout. Ends with status 1 where something
differs, and shows the first differing lines of each capture.
"""

from __future__ import annotations

import argparse
import contextlib
import difflib
import io
import json
import os
import subprocess
import sys
from pathlib import Path

_PROJECT = Path(__file__).resolve().parents[1]
_SUFFIXES = (".pcap", ".pcapng", ".cap", ".gz")
_SHOWN = 12
"""Differing lines that are shown of a capture."""
_BY_THE_CLOCK = ("air-snapshot", "alerts-standing")
"""Events whose number depends on the duration of the replay."""
_END = "\0end "


def main() -> int:
    """Compare, and print the differences."""
    parser = argparse.ArgumentParser(prog="python -m tools.equal_findings", description=__doc__)
    parser.add_argument("before", type=Path, metavar="BEFORE", help="the other checkout")
    parser.add_argument("captures", nargs="+", type=Path, metavar="CAPTURE", help="a capture, or a folder of them")
    args = parser.parse_args()
    files = sorted(set(_captures(args.captures)))
    before, after = (_findings(project, files) for project in (args.before, _PROJECT))
    differ = 0
    for file in files:
        if before[file] != after[file]:
            differ += 1
            print(f"{file} differs:")
            lines = list(difflib.unified_diff(before[file], after[file], "before", "after", lineterm="", n=0))[2:]
            print("\n".join(line[:300] for line in lines[:_SHOWN]))
    print(f"{len(files) - differ} of {len(files)} captures: equal findings")
    return 1 if differ else 0


def replay() -> None:
    """Replay each capture whose path is a line of standard input; a line with `_END` and its path ends its findings."""
    from whimbrel.cli import main as command

    for path in sys.stdin.read().splitlines():
        output, errors = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(output), contextlib.redirect_stderr(errors):
            status = command(["replay", "--json", path])
        print(f"{_indented(output.getvalue())}\n{errors.getvalue()}{status}\n{_END}{path}", flush=True)


def _indented(answer: str) -> str:
    """Return JSON with a line for each value; anything else as it is."""
    try:
        found = json.loads(answer)
    except ValueError:
        return answer
    for capture in found["captures"]:
        for kind in _BY_THE_CLOCK:
            capture.get("events", {}).pop(kind, None)
    return json.dumps(found, indent=1, sort_keys=True)


def _captures(given: list[Path]) -> list[Path]:
    found = []
    for path in given:
        found += [each for each in path.rglob("*") if each.suffix in _SUFFIXES] if path.is_dir() else [path]
    return [path.resolve() for path in found]


def _findings(project: Path, files: list[Path]) -> dict[Path, list[str]]:
    """Return a checkout's findings in each file, as lines."""
    done = subprocess.run(
        [sys.executable, "-P", "-c", "from tools.equal_findings import replay; replay()"],
        input="\n".join(map(str, files)),
        capture_output=True,
        text=True,
        check=True,
        # Both use the tool of this checkout: an older one may lack it.
        env={**os.environ, "PYTHONPATH": f"{project.resolve() / 'src'}:{_PROJECT}", "PYTHONHASHSEED": "0"},
    )
    found: dict[Path, list[str]] = {}
    lines: list[str] = []
    for line in done.stdout.split("\n"):
        if line.startswith(_END):
            found[Path(line.removeprefix(_END))] = lines
            lines = []
        else:
            lines.append(line)
    return found


if __name__ == "__main__":
    sys.exit(main())
