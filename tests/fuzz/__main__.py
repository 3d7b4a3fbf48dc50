"""Fuzzes the targets, one after the other, for so many minutes altogether; ends with 1 if there was a finding.

``python -m tests.fuzz [--minutes N] [--keep] [TARGET …]``. atheris guides the inputs by the coverage that they reach. A
finding is left in ``build/fuzz/TARGET/``, and shown; ``python -m tests.fuzz TARGET --input FILE`` repeats it.
``--keep`` takes what has reached new code into the kept corpus, minimised.
"""

from __future__ import annotations

import argparse
import importlib.util
import shutil
import subprocess
import sys
import time
from pathlib import Path

BUILD = Path("build/fuzz")
_LONGEST = {"captures": 8192, "settings": 4096}
"""Octets of an input at most; 1024 for the others."""
_MERGE = 600
"""Seconds of a minimisation at most."""
_ROOM = 60_000
"""Octets of a kept corpus at most, before it is packed."""


def _say(*lines: str) -> None:
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.stdout.flush()


def one(target: str, arguments: list[str]) -> None:
    """Run libFuzzer on a target in this process, which it ends."""
    import atheris

    with atheris.instrument_imports(include=["whimbrel"], enable_loader_override=False):
        from tests.fuzz.targets import TARGETS
    # libFuzzer starts its first word anew for each part of a merge.
    atheris.Setup([str(_program(target)), *arguments], TARGETS[target])
    atheris.Fuzz()


def _program(target: str) -> Path:
    """Return a program that fuzzes the target."""
    program = (BUILD / target / "run").resolve()
    program.parent.mkdir(parents=True, exist_ok=True)
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m tests.fuzz --one {target} -- "$@"\n')
    program.chmod(0o755)
    return program


def _spawn(target: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.fuzz", "--one", target, "--", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def fuzz(target: str, seconds: float, *, keep: bool) -> bool:
    """Fuzz one target; return whether nothing was found."""
    from tests.fuzz import corpus

    folder = BUILD / target
    given, grown, found = folder / "given", folder / "grown", folder / "found"
    for each in (given, grown, found):
        each.mkdir(parents=True, exist_ok=True)
    for number, content in enumerate((*corpus.seeds(target), *corpus.kept(target))):
        (given / f"{number:05}").write_bytes(content)
    done = _spawn(
        target, f"-max_total_time={max(int(seconds), 1)}", f"-max_len={_LONGEST.get(target, 1024)}", "-timeout=20",
        "-rss_limit_mb=2048", "-print_final_stats=1", f"-artifact_prefix={found}/", str(grown), str(given),
    )  # fmt: skip
    lines = done.stderr.splitlines()
    runs = next((line.split()[-1] for line in lines if "number_of_executed_units" in line), "?")
    reached = next((word for line in reversed(lines) if " cov: " in line for word in [line.split("cov: ")[1]]), "?")
    _say(f"{target:13} {runs:>9} runs, coverage {reached.split()[0]}, {'nothing' if not done.returncode else 'FOUND'}")
    if done.returncode:
        _say(*lines[-40:], *done.stdout.splitlines()[-30:])
    elif keep:
        _minimise(target, folder, given, grown)
    return done.returncode == 0


def _minimise(target: str, folder: Path, given: Path, grown: Path) -> None:
    """Keep the smallest inputs that together reach the same code."""
    from tests.fuzz import corpus

    least = folder / "least"
    shutil.rmtree(least, ignore_errors=True)  # what is there already would not be compared
    least.mkdir()
    done = _spawn(
        target, "-merge=1", f"-max_total_time={_MERGE}", f"-max_len={_LONGEST.get(target, 1024)}",
        str(least), str(grown), str(given),
    )  # fmt: skip
    if "MERGE-OUTER: successful" not in done.stderr:
        _say(f"{target:13} is not minimised, and keeps what it had:", *done.stderr.splitlines()[-5:])
        return
    inputs = sorted((path.read_bytes() for path in least.iterdir()), key=len)
    chosen, room = [], _ROOM
    for content in inputs:
        room -= len(content)
        if room < 0:
            break
        chosen.append(content)
    _say(f"{target:13} keeps {len(chosen)} of {len(inputs)} inputs, {corpus.keep(target, chosen)} octets")


def main(argv: list[str] | None = None) -> int:
    """Run the targets."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("targets", nargs="*")
    parser.add_argument("--minutes", type=float, default=10.0, help="of all targets together (10)")
    parser.add_argument("--keep", action="store_true", help="take what reached new code into the corpus")
    parser.add_argument("--input", type=Path, help="run one target on this file only")
    arguments = parser.parse_args(argv)
    if importlib.util.find_spec("atheris") is None and arguments.input is None:
        _say("atheris is not installed: pip install '.[fuzz]', or make fuzz")
        return 1
    from tests.fuzz.targets import TARGETS

    chosen = arguments.targets or list(TARGETS)
    if unknown := set(chosen) - set(TARGETS):
        parser.error(f"no target {', '.join(unknown)}; there are {', '.join(TARGETS)}")
    if arguments.input is not None:
        for target in chosen:
            TARGETS[target](arguments.input.read_bytes())
        return 0
    began = time.monotonic()
    good = [fuzz(target, arguments.minutes * 60 / len(chosen), keep=arguments.keep) for target in chosen]
    _say(f"{sum(good)} passed, {len(good) - sum(good)} failed")
    _say(f"in {time.monotonic() - began:.0f} s")
    return 0 if all(good) else 1


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        one(sys.argv[2], sys.argv[4:])
    raise SystemExit(main())
