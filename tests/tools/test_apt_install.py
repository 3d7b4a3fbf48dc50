"""tools/apt-install with an apt-get of our own."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

SCRIPT = Path(__file__).parents[2] / "tools/apt-install"
FAKE = """#!/bin/sh
echo "$*" >> "$LOG"
case "$*" in
    *update*) : > "$LOG.updated" ;;
    *install*)
        if [ ! -e "$LOG.updated" ] || [ -n "${NEVER:-}" ]; then
            echo "E: Unable to locate package curlew" >&2
            exit 100
        fi
        ;;
esac
"""


def installs(folder: Path, never: str = "") -> subprocess.CompletedProcess[str]:
    for name, text in (("apt-get", FAKE), ("dpkg-query", "#!/bin/sh\nexit 0\n"), ("id", "#!/bin/sh\necho 0\n")):
        (folder / name).write_text(text)
        (folder / name).chmod(0o755)
    environment = os.environ | {"PATH": f"{folder}:{os.environ['PATH']}", "LOG": str(folder / "log"), "NEVER": never}
    return subprocess.run([SCRIPT, "curlew"], env=environment, capture_output=True, text=True, check=False)


def test_lists_are_renewed_after_the_first_error_which_is_shown(tmp_path: Path) -> None:
    done = installs(tmp_path)
    assert done.returncode == 0
    assert "first: E: Unable to locate package curlew" in done.stderr
    calls = (tmp_path / "log").read_text().splitlines()
    assert len(calls) == 3
    assert all("DPkg::Lock::Timeout=600" in call for call in calls), "it waits for another program's lock"


def test_what_cannot_be_had_is_told(tmp_path: Path) -> None:
    done = installs(tmp_path, never="1")
    assert done.returncode == 1
    assert done.stderr.endswith("cannot install curlew:\nE: Unable to locate package curlew\n")
