"""Runs the tests slowed, repeatedly, in random order, to find assumptions about the machine and other tests.

``python -m tools.stress [--times N] [--share S] [what pytest takes …]``: as root the tests get that share of one core
by a quota of their own; elsewhere, and where the kernel has no quotas, busy neighbours take the rest away.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

CGROUPS = Path("/sys/fs/cgroup")
PERIOD = 400_000
"""Microseconds of a quota's period: a test is stopped for most of it, as on a busy machine."""
NEIGHBOURS = 4
"""Busy processes for each core, where there is no quota."""
_BUSY = "import os\nparent = os.getppid()\nwhile os.getppid() == parent:\n    sum(range(100_000))"


class NoQuota(Exception):
    """This machine has no quotas for us; the message has the reason."""


@contextlib.contextmanager
def quota(share: float, root: Path = CGROUPS, period: int = PERIOD) -> Iterator[Path]:
    """Make a control group; yield the file to which a process is added.

    It gets `share` of one core in each `period`, in microseconds. Raises `NoQuota` without cgroups (version 1 or 2)
    that this user may make.
    """
    first = root / "cpu"
    group = (first if first.is_dir() else root) / f"whimbrel-stress-{os.getpid()}"
    try:
        group.mkdir()
    except OSError as error:
        raise NoQuota(f"{group}: {error.strerror}") from error
    try:
        try:
            if first.is_dir():
                (group / "cpu.cfs_period_us").write_text(str(period))
                (group / "cpu.cfs_quota_us").write_text(str(int(period * share)))
            else:
                (group / "cpu.max").write_text(f"{int(period * share)} {period}")
        except OSError as error:
            raise NoQuota(f"{group} takes no quota: {error.strerror}") from error
        yield group / "cgroup.procs"
    finally:
        group.rmdir()


@contextlib.contextmanager
def neighbours(number: int) -> Iterator[None]:
    """Keep so many processes busy meanwhile."""
    busy = [subprocess.Popen([sys.executable, "-S", "-c", _BUSY]) for _ in range(number)]
    try:
        yield
    finally:
        for process in busy:
            process.kill()
            process.wait()


def run_once(arguments: list[str], seed: int, procs: Path | None) -> tuple[int, list[str]]:
    """Run pytest in the order of `seed`, in the group of `procs` where there is one; return status and failures."""
    command = [
        sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--timeout=1800",
        "--random-order-bucket=global", f"--random-order-seed={seed}", *arguments,
    ]  # fmt: skip

    failed = []
    if procs is not None:  # a shell that has joined the group becomes the command
        command = ["sh", "-c", 'echo 0 > "$1" && shift && exec "$@"', "sh", str(procs), *command]
    with subprocess.Popen(command, stdout=subprocess.PIPE, encoding="utf-8") as process:
        assert process.stdout is not None
        for line in process.stdout:
            print(line, end="", flush=True)
            if found := re.match(r"(?:FAILED|ERROR) (\S+)", line):
                failed.append(found[1])
    return process.returncode, failed


def main(argv: list[str] | None = None) -> int:
    """Run them as often as requested; return 1 if any run failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=2, help="how often (2)")
    parser.add_argument("--share", type=float, default=0.25, help="of one core (0.25: an eighth of two)")
    parser.add_argument("--seed", type=int, help="of the first order, to repeat it")
    args, arguments = parser.parse_known_args(argv)
    seed = args.seed if args.seed is not None else random.randrange(1_000_000)
    failures: Counter[str] = Counter()
    statuses = []
    with contextlib.ExitStack() as stack:
        try:
            procs: Path | None = stack.enter_context(quota(args.share))
            how = f"{args.share:g} of a core"
        except NoQuota as missing:
            procs, number = None, NEIGHBOURS * (os.cpu_count() or 1)
            stack.enter_context(neighbours(number))
            how = f"{number} busy neighbours ({missing})"
        for turn in range(args.times):
            print(f"run {turn + 1} of {args.times}, seed {seed + turn}, with {how}", flush=True)
            status, failed = run_once(arguments, seed + turn, procs)
            statuses.append(status)
            failures.update(failed)
    for name, count in failures.most_common():
        print(f"failed {count} of {args.times}: {name}")
    return 1 if any(statuses) else 0


if __name__ == "__main__":
    raise SystemExit(main())
