"""``python -m tools.icount``: ARM1176 instructions of time-critical code, compared with the kept figures. Ends with
status 1 if a figure rose by more than 3 %.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Callable

from tools.icount import armel, figures, machine, measures

MEASURES: dict[str, Callable[[], measures.Figures]] = {
    "frames": measures.frames,
    "mixes": measures.mixes,
    "floods": measures.floods,
    "wakes": measures.wakes,
    "bus": measures.bus,
    "daemon": measures.daemon,
    "start": measures.start,
    "screen": measures.screen,
}


def main() -> int:
    """Count, compare, show."""
    args = _arguments()
    if os.geteuid():
        print("counting needs root, for the namespaces that it runs in", file=sys.stderr)
        return 1
    try:
        armel.make_root()
        armel.RUN.mkdir(parents=True, exist_ok=True)
        machine.build_plugin()
        armel.install()
        if args.imports:
            return _show_imports()
        now: measures.Figures = {}
        names = args.measures or [*MEASURES, *(["peers"] if args.peers else [])]
        for name in names:
            print(f"counting {name}", file=sys.stderr)
            now |= measures.peers() if name == "peers" else MEASURES[name]()
    except (machine.GuestFailed, subprocess.CalledProcessError) as error:
        print(f"icount: {error}", file=sys.stderr)
        return 1
    kept = figures.load()["figures"]
    _show(kept, now)
    rises = [change for change in figures.compare(kept, now) if change.rise]
    for change in rises:
        print(f"RISEN by {change.ratio:.1%}: {change.figure}: {change.before:,} -> {change.now:,}")
    if args.update:
        try:
            figures.save(now, machine.versions(), args.because)
        except ValueError as error:
            print(f"icount: {error}", file=sys.stderr)
            return 1
        figures.add(now, _commit())
        return 0
    return 1 if rises else 0


def _commit() -> str:
    """Return the commit that is checked out."""
    told = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=armel.PROJECT, capture_output=True, text=True, check=True
    )
    return told.stdout.strip()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tools.icount", description=__doc__)
    parser.add_argument(
        "measures", nargs="*", metavar="MEASURE", help=f"one of {', '.join(MEASURES)} (default: all), or peers"
    )
    parser.add_argument("--update", action="store_true", help="keep the figures of this run in figures.json")
    parser.add_argument("--because", metavar="TEXT", default="", help="with --update: why figures rose")
    parser.add_argument("--peers", action="store_true", help="count scapy in the same places too (minutes)")
    parser.add_argument("--imports", action="store_true", help="show the cost of each import before the first frame")
    args = parser.parse_args()
    if unknown := set(args.measures) - {*MEASURES, "peers"}:
        parser.error(f"no measure is called {', '.join(sorted(unknown))}")
    return args


def _show(kept: measures.Figures, now: measures.Figures) -> None:
    goals = {goal.figure: goal for goal in measures.GOALS}
    print(f"{'instructions':>14}  {'change':>7}")
    for name, number in now.items():
        change = f"{number / kept[name] - 1:+.1%}" if kept.get(name) else "new"
        goal = goals.get(name)
        told = ""
        if goal is not None:
            outcome = "met" if number <= goal.most else "MISSED"
            told = f"  ({outcome}: {goal.why}, {goal.most:,})"
        print(f"{number:14,}  {change:>7}  {name}{told}")


def _show_imports() -> int:
    print(f"{'alone':>8}{'whole':>8}  million instructions")
    for name, alone, whole in measures.imports()[:60]:
        print(f"{alone / 1e6:8.1f}{whole / 1e6:8.1f}  {name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
