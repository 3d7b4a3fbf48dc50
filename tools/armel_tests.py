"""Runs tests on 32-bit ARM: ``python -m tools.armel_tests [FOLDER or FILE …]``, as root, on an emulated ARM1176.

In the Debian armel root of the counts (tools/icount), with that root's Python and libraries, and pytest of
requirements/armel.txt. Without arguments: the packages that read octets and keep times. What takes minutes there is
left out. As many processes as there are cores share the files; the output of each is in ``build/armel-tests``, and
shown when it has ended. Arguments of which one is an option of pytest go to one pytest, which leaves nothing out.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tools.icount import armel

PACKAGES = ("wifi", "capture", "survey", "detections", "bus")
"""Whose tests run: they unpack octets by their sizes, and keep times and counts."""
_WHOLE = tuple(f"tests/{package}" for package in PACKAGES)
PINNED = armel.PROJECT / "requirements/armel.txt"
_FOLDER = armel.PROJECT / "build/armel-tests"
_RUN = _FOLDER / "run"
"""The root's ``/run``: packages, compiled files, and what tests write."""
_MADE_OF = _RUN / "made-of"
_LEFT_OUT = ("tests/detections/test_normal_air.py",)
"""Simulated days: the same code as the other tests, for an hour."""
_OTHER_PROCESSES = (
    "tests/wifi/test_frames.py::test_scapy_is_imported_then_and_not_before",
    "tests/wifi/test_vendors.py::test_resident_memory_after_a_thousand_questions",
)
"""Tests that start Python: the kernel runs no ARM programs."""
_FILLING = ("memory", "bounded", "stays_small")
"""Words in the names of tests that fill tables, which takes minutes there."""
_CHOSEN = (
    "-m", "not slow and not lengthy and not captures and not tun",
    *(f"--deselect={test}" for test in _OTHER_PROCESSES), "-k", f"not ({' or '.join(_FILLING)})",
)  # fmt: skip
_START = "import os, sys; os.chdir('/mnt'); import pytest; sys.exit(pytest.main(sys.argv[1:]))"
ENVIRONMENT = {name: value for name, value in armel.ENVIRONMENT.items() if name != "PYTHONDONTWRITEBYTECODE"} | {
    "PYTHONPATH": "/run/packages:/mnt/src:/mnt", "PYTHONPYCACHEPREFIX": "/run/compiled", "PYTHONUNBUFFERED": "1",
    "TMPDIR": "/run/tmp",
}  # fmt: skip
"""Compiled files are kept outside of the checkout: compiling takes a minute there."""


def make_packages() -> None:
    """Put pytest and Hypothesis beside the root where they are absent or others. Raises CalledProcessError."""
    wanted = hashlib.sha256(PINNED.read_bytes()).hexdigest()
    if _MADE_OF.exists() and _MADE_OF.read_text() == wanted:
        return
    packages = _RUN / "packages"
    shutil.rmtree(packages, ignore_errors=True)
    # No package index has files for armel: those that are for every machine.
    subprocess.run(
        [
            sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes",
            "--only-binary=:all:", "--platform=any", "--implementation=py", "--abi=none", "--python-version=313",
            f"--target={packages}", f"--requirement={PINNED}",
        ],
        check=True,
    )  # fmt: skip
    _MADE_OF.write_text(wanted)


def chosen(arguments: list[str]) -> list[str]:
    """Return the arguments of pytest: options and `arguments`."""
    options = ["-q", "-p", "no:cacheprovider", "--hypothesis-profile=emulated", "--durations=15", "--timeout=1200"]
    return [*options, *arguments]


def shares(number: int, wanted: Sequence[str] = _WHOLE) -> list[list[str]]:
    """Return the arguments of pytest for each of so many processes: the files of `wanted`, of about equal size in all.

    `wanted`: folders, and files.
    """
    named = [armel.PROJECT / each for each in wanted]
    found = {path for each in named for path in ([each] if each.is_file() else each.rglob("test_*.py"))}
    files = [path for path in found if str(path.relative_to(armel.PROJECT)) not in _LEFT_OUT]
    parts: list[list[Path]] = [[] for _ in range(number)]
    for path in sorted(files, key=lambda path: (-path.stat().st_size, path)):
        min(parts, key=lambda part: sum(each.stat().st_size for each in part)).append(path)
    return [[*_CHOSEN, *(str(path.relative_to(armel.PROJECT)) for path in sorted(part))] for part in parts if part]


def command(arguments: list[str]) -> list[str]:
    """Return the command that runs pytest in the root, which is there, with `arguments`."""
    return armel.command("-c", _START, *chosen(arguments), run=_RUN, mnt=armel.PROJECT)


def main(arguments: list[str] | None = None) -> int:
    """Build what is missing, and run them; return pytest's exit status."""
    if os.geteuid():
        print("the emulated tests need root, for the namespaces that they run in", file=sys.stderr)
        return 1
    try:
        armel.make_root()
        (_RUN / "tmp").mkdir(parents=True, exist_ok=True)
        make_packages()
    except subprocess.CalledProcessError as error:
        print(f"armel: {error}", file=sys.stderr)
        return 1
    wanted = sys.argv[1:] if arguments is None else arguments
    if any(each.startswith("-") for each in wanted):
        return subprocess.run(command(wanted), env=ENVIRONMENT, check=False).returncode
    return _run_shares(shares(os.cpu_count() or 1, wanted or _WHOLE))


def _run_shares(parts: list[list[str]]) -> int:
    """Run each part in a process of its own; return the highest exit status, 1 where there is no part."""
    processes = []
    for number, share in enumerate(parts, 1):
        log = _FOLDER / f"share-{number}.log"
        with log.open("wb") as stream:
            process = subprocess.Popen(command(share), env=ENVIRONMENT, stdout=stream, stderr=subprocess.STDOUT)
        print(f"share {number}: {len(share) - len(_CHOSEN)} files, into {log}", flush=True)
        processes.append((process, log))
    status = 0 if processes else 1
    for process, log in processes:
        status = max(status, abs(process.wait()))
        print(log.read_text(errors="replace"), flush=True)
    return status


if __name__ == "__main__":
    sys.exit(main())
