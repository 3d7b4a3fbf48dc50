"""Pins what development and tests install: ``python -m tools.lock [uv's options]``, for each file of `requirements`.

A file has the version of every package, also of those that a package needs, for every Python from 3.11 on and every
machine, and the hashes of all files of a release. Versions stay where they still fit; ``--upgrade`` renews them.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FOLDER = Path("requirements")
DEVELOPMENT = FOLDER / "dev.txt"
EXTRAS = {"dev": ("dev", "device"), "fuzz": ("fuzz",), "mutate": ("mutate",), "audit": ("audit",)}
"""The files, each with the parts of pyproject.toml that it pins."""
_CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
"""Those of the system, which pip on Debian uses; uv's own may lack some."""


def commands() -> list[list[str]]:
    """Return uv's arguments for each file, in the order in which they are made."""
    common = [
        "pip", "compile", "--quiet", "--universal", "--python-version=3.11", "--generate-hashes", "--no-annotate",
        "--custom-compile-command=make lock",
    ]  # fmt: skip
    made = []
    for name, extras in EXTRAS.items():
        output = FOLDER / f"{name}.txt"
        # What is installed beside the packages of development agrees with them.
        same = [] if output == DEVELOPMENT else [f"--constraints={DEVELOPMENT}"]
        chosen = [f"--extra={extra}" for extra in extras]
        made.append([*common, *chosen, *same, f"--output-file={output}", "pyproject.toml"])
    return [*made, [*common, f"--output-file={FOLDER / 'armel.txt'}", str(FOLDER / "armel.in")]]


def main(options: list[str] | None = None) -> int:
    """Write the files; return uv's status at the first that fails."""
    environment = dict(os.environ)
    if _CERTIFICATES.exists():
        environment.setdefault("SSL_CERT_FILE", str(_CERTIFICATES))
    for arguments in commands():
        program = [sys.executable, "-m", "uv", *arguments, *(sys.argv[1:] if options is None else options)]
        done = subprocess.run(program, cwd=ROOT, env=environment, check=False)
        if done.returncode:
            return done.returncode
    return 0


if __name__ == "__main__":
    sys.exit(main())
