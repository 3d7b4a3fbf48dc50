"""The reports that are made for a copy, by the commands that a person would use, as the user of the daemon."""

from __future__ import annotations

import os
import pwd
import subprocess
import sys
from collections.abc import Iterator, Sequence
from typing import NamedTuple

_PROGRAMS = {"report.html": ("whimbrel", "report", "-"), "alerts.json": ("whimbrel", "alerts", "--all", "--json")}
LARGEST = 8 << 20
"""Octets of one report, which is in memory until it is written."""
_PATIENCE = 120.0
"""Seconds for one of them: on a Zero W, the start of the command alone takes some."""
_ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8", "HOME": "/"}


class MadeReport(NamedTuple):
    """One report."""

    name: str
    """How its name ends on the card."""
    content: bytes


def make(user: pwd.struct_passwd) -> Iterator[MadeReport]:
    """Yield the reports that can be made; why another one cannot be is told to the journal."""
    for name, program in _PROGRAMS.items():
        content, problem = output(program, user)
        if problem:
            print(f"<5>no {name}: {problem}", file=sys.stderr)
        else:
            yield MadeReport(name, content)


def output(program: Sequence[str], user: pwd.struct_passwd) -> tuple[bytes, str]:
    """Return what a program prints that runs as `user`, and why that is of no use; the text is empty if it is."""
    # Not a pipe, for which nobody waits with a limit of time.
    with os.fdopen(os.memfd_create("report"), "rb") as told:
        try:
            done = subprocess.run(
                program, stdin=subprocess.DEVNULL, stdout=told, timeout=_PATIENCE, check=False, cwd="/",
                env=_ENVIRONMENT, user=user.pw_uid, group=user.pw_gid, extra_groups=[],
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            return b"", f"it took longer than {_PATIENCE:g} s"
        except OSError as error:
            return b"", error.strerror or str(error)
        if done.returncode:
            return b"", f"{program[0]} ended with status {done.returncode}"
        told.seek(0)
        content = told.read(LARGEST + 1)
    return (content, "") if len(content) <= LARGEST else (b"", f"it has more than {LARGEST >> 20} MiB")
