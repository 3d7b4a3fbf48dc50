"""``python -m tools.bench``: the budgets of the project, compared with peers in the same run.

Costs are CPU times, medians of interleaved runs, and only their ratio counts. Ends with status 1 if a budget is missed.
"""

from __future__ import annotations

import argparse
import compileall
import json
import os
import platform
import subprocess
import sys
from pathlib import Path
from typing import Any

from tools.bench import bus, detections, live, parsing, replaying, screen, sources
from tools.bench.capture import PROJECT
from tools.bench.measure import Benchmark, Line

BENCHMARKS: dict[str, Benchmark] = {
    "parsing": parsing.benchmark,
    "detections": detections.benchmark,
    "replay": replaying.benchmark,
    "bus": bus.benchmark,
    "live": live.capturing,
    "sources": sources.benchmark,
    "simulated": live.simulating,
    "start": live.starting,
    "screen": screen.benchmark,
}
_TOKIO = Path("/usr/share/cargo/registry")


def main() -> int:
    """Measure and show."""
    parser = argparse.ArgumentParser(prog="python -m tools.bench", description=__doc__)
    parser.add_argument("benchmarks", nargs="*", metavar="BENCHMARK", help=f"of {', '.join(BENCHMARKS)} (default: all)")
    parser.add_argument("--json", action="store_true", help="for programs")
    args = parser.parse_args()
    if unknown := set(args.benchmarks) - set(BENCHMARKS):
        parser.error(f"no benchmark is called {', '.join(sorted(unknown))}")
    _compile()
    about = _about()
    lines: list[Line] = []
    failures: dict[str, str] = {}
    for name in args.benchmarks or BENCHMARKS:
        print(f"measuring {name}", file=sys.stderr)
        try:
            lines += BENCHMARKS[name]()
        except (live.Unavailable, RuntimeError, TimeoutError, OSError, subprocess.CalledProcessError) as error:
            failures[name] = str(error)
    if args.json:
        shown = [line.to_json() for line in lines]
        print(json.dumps({"about": about, "lines": shown, "not_measured": failures}, indent=2))
    else:
        print("\n".join(f"{name}: {value}" for name, value in about.items()), "", *table(lines), sep="\n")
        print(*(f"NOT MEASURED: {name}: {why}" for name, why in failures.items()), sep="\n")
    return 0 if not failures and all(line.met for line in lines) else 1


def _compile() -> None:
    """Have every process find compiled bytecode, as on a device: Python's compiler is not what is measured."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    compileall.compile_dir(PROJECT / "src", quiet=1)


def table(lines: list[Line]) -> list[str]:
    """Return the lines as columns of text."""
    rows = [("WHAT", "OURS", "PEER", "RATIO", "BUDGET", "", "")]
    for line in lines:
        peer = f"{line.peer} {_number(line.theirs)} {line.unit}" if line.peer else ""
        ratio = "" if line.ratio is None else _number(line.ratio)
        outcome = ("met" if line.met else "MISSED") if line.budget else ""
        ours = f"{_number(line.ours)} {line.unit}"
        rows.append((line.what, ours, peer, ratio, line.budget, outcome, line.note))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def _number(value: float) -> str:
    return f"{value:.0f}" if value >= 100 or value == int(value) else f"{value:.3g}"


def _about() -> dict[str, str]:
    """Return the versions and the machine on which the figures depend."""
    return {
        "machine": f"{_processor()}, {platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "scapy": _python_version("scapy"),
        "dpkt": _python_version("dpkt"),
        "tshark": _first_line("tshark", "--version"),
        "rustc": _first_line("rustc", "--version"),
        "tokio": ", ".join(path.name.partition("-")[2] for path in _TOKIO.glob("tokio-[0-9]*")) or "none",
    }


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith(("model name", "Model")):
            return line.partition(":")[2].strip()
    return platform.machine()


def _python_version(package: str) -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(package)
    except PackageNotFoundError:
        return "none"


def _first_line(*command: str) -> str:
    try:
        shown: Any = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    except FileNotFoundError:
        return "none"
    return str(shown).partition("\n")[0]


if __name__ == "__main__":
    sys.exit(main())
