"""A fresh interpreter, for tests of the things that it imports or takes: `make coverage` does not measure it.

coverage.py starts in an interpreter before its code does, and imports ssl, sqlite3, shutil and others by itself.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping


def unmeasured(environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return an environment in which coverage.py does not start (its ``a1_coverage.pth``)."""
    return {name: value for name, value in environment.items() if not name.startswith("COVERAGE_")}


def fresh(code: str, *arguments: str, environment: Mapping[str, str] = os.environ) -> subprocess.CompletedProcess[str]:
    """Run Python code in a fresh interpreter and return its status and output.

    Raises AssertionError with its errors where the status is not 0.
    """
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        capture_output=True, text=True, env=unmeasured(environment), check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done
