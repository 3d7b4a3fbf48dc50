from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from tools import stress

BURN = "import time\nwhile time.process_time() < 0.4: pass\nprint(time.monotonic())"
TESTS = """\
def test_first(): assert True
def test_second(): assert {second}
def test_third(): assert True
"""


def write(folder: Path, **values: object) -> Path:
    path = folder / "test_them.py"
    path.write_text(TESTS.format(**values))
    return path


def test_a_quota_slows_what_is_put_into_it() -> None:
    try:
        with stress.quota(0.25) as procs:
            code = f"import time\nopen({str(procs)!r}, 'w').write('0')\nbegan = time.monotonic()\n"
            burn = BURN.replace("time.monotonic()", "time.monotonic() - began")
            took = subprocess.run([sys.executable, "-c", code + burn], capture_output=True, text=True, check=True)
    except stress.NoQuota as missing:
        pytest.skip(str(missing))
    assert float(took.stdout) > 0.8
    assert not procs.parent.exists()


def test_no_quota_where_there_are_no_cgroups(tmp_path: Path) -> None:
    with pytest.raises(stress.NoQuota, match="No such file"), stress.quota(0.5, tmp_path / "none"):
        pass


@pytest.mark.skipif(os.geteuid() != 0 and not Path("/proc/loadavg").exists(), reason="needs /proc")
def test_neighbours_end() -> None:
    before = set(Path("/proc").glob("[0-9]*"))
    with stress.neighbours(2):
        mine = [entry for entry in set(Path("/proc").glob("[0-9]*")) - before if _parent(entry) == os.getpid()]
        assert len(mine) == 2
    assert not any(entry.exists() for entry in mine)


def _parent(entry: Path) -> int:
    try:
        return int((entry / "stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0


def test_a_failure_is_counted_and_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(tmp_path, second=False)
    assert stress.main(["--times", "2", "--share", "1", "--seed", "7", str(path)]) == 1
    told = capsys.readouterr().out
    assert "seed 7, with" in told
    assert "seed 8, with" in told
    assert re.search(r"^failed 2 of 2: \S*test_them.py::test_second$", told, re.MULTILINE)


def test_all_is_well(tmp_path: Path) -> None:
    path = write(tmp_path, second=True)
    assert stress.main(["--times", "1", "--share", "1", str(path)]) == 0
