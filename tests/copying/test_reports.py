from __future__ import annotations

import os
import pwd
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from whimbrel.copying import reports

ME = pwd.getpwuid(os.geteuid())
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="another user's program is started by root")


@needs_root
def test_a_program_runs_as_the_user() -> None:
    nobody = pwd.getpwnam("nobody")
    content, problem = reports.output(("sh", "-c", "id -u; id -G"), nobody)
    assert (content.decode().split(), problem) == ([str(nobody.pw_uid), str(nobody.pw_gid)], "")


@needs_root
@pytest.mark.parametrize(
    ("program", "why"),
    [(("false",), "false ended with status 1"), (("no-such-program",), "No such file or directory")],
)
def test_one_that_fails_is_named(program: tuple[str, ...], why: str) -> None:
    assert reports.output(program, ME) == (b"", why)


@needs_root
def test_one_that_does_not_end_or_never_stops_talking(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reports, "_PATIENCE", 0.2)
    assert reports.output(("sleep", "60"), ME) == (b"", "it took longer than 0.2 s")
    monkeypatch.setattr(reports, "LARGEST", 1 << 20)
    monkeypatch.setattr(reports, "_PATIENCE", 60.0)
    assert reports.output(("head", "-c", "1048577", "/dev/zero"), ME) == (b"", "it has more than 1 MiB")
    assert reports.output(("head", "-c", "1048576", "/dev/zero"), ME) == (bytes(1 << 20), "")


@pytest.mark.skipif(os.geteuid() != 0 or shutil.which("setpriv") is None, reason="needs root and setpriv")
def test_the_unit_may_end_one_that_takes_too_long() -> None:
    unit = (Path(__file__).parents[2] / "systemd" / "whimbrel-copy.service").read_text()
    found = re.search(r"^CapabilityBoundingSet=(.*)$", unit, re.MULTILINE)
    assert found
    bounds = ",".join(["-all", *(f"+{name.removeprefix('CAP_').lower()}" for name in found[1].split())])
    code = """
import pwd
from whimbrel.copying import reports
reports._PATIENCE = 0.2
print(reports.output(("sleep", "20"), pwd.getpwnam("nobody"))[1])
"""
    told = subprocess.run(
        ["setpriv", "--no-new-privs", "--bounding-set", bounds, sys.executable, "-c", code],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert told.stdout == "it took longer than 0.2 s\n", told.stderr


@needs_root
def test_a_report_that_cannot_be_made_leaves_the_others(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(reports, "_PROGRAMS", {"report.html": ("false",), "alerts.json": ("echo", "[]")})
    assert list(reports.make(ME)) == [reports.MadeReport("alerts.json", b"[]\n")]
    assert capsys.readouterr().err == "<5>no report.html: false ended with status 1\n"


def test_they_are_the_commands_of_the_program() -> None:
    from whimbrel.cli import main

    for program in reports._PROGRAMS.values():
        assert main([*program[1:], "--help"]) == 0
