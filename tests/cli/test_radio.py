from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.cli.conftest import Whimbrel, answer, environment, still_running
from tests.lab.child import Child
from tests.lab.waiting import block_until

from whimbrel import cli
from whimbrel.cli import exits
from whimbrel.testing import PATIENCE

pytestmark = pytest.mark.process

SETTINGS = """
modules:
  sniffer: {{source: sim, tuner: sim, sim: {{bands: ["2.4"]}}, hop: {{bands: ["2.4"], dwell: 20ms, dwell_min: 20ms}}}}
  watcher: {{report: 100ms}}
  logger: {{to: stderr}}
  control: {{socket: {folder}/s}}
"""


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[Path]:
    """Run a daemon that hops over the channels of 2.4 GHz; return its control socket."""
    settings = tmp_path / "w.yaml"
    settings.write_text(SETTINGS.format(folder=tmp_path))
    command = [sys.executable, "-m", "whimbrel", "run", "--config", str(settings)]
    with (tmp_path / "log").open("w") as log, Child(command, stderr=log, env=environment()) as process:
        try:
            block_until(
                lambda: (answer(tmp_path / "s", "status") or {"status": ""})["status"].startswith("hopping: "),
                ended=still_running(process, tmp_path / "log"),
                every=0.02,
            )
            yield tmp_path / "s"
        finally:
            process.terminate()
            process.wait(PATIENCE)
    assert process.returncode == exits.OK, (tmp_path / "log").read_text()


def test_the_radio_is_locked_and_unlocked(whimbrel: Whimbrel, daemon: Path) -> None:
    assert whimbrel("lock", "6", "-s", daemon).stdout == "the radio is locked on 6\n"
    assert "status:   locked on 6: " in whimbrel("status", "-s", daemon).stdout
    camp = whimbrel("camp", "11", "5s", "-s", daemon)
    assert (camp.returncode, camp.stderr) == (exits.FAILURE, "whimbrel: the radio is locked on 6; unlock it first\n")
    assert whimbrel("unlock", "-s", daemon).stdout == "the radio is hopping\n"
    assert whimbrel("status", "-s", daemon).stdout.startswith("status:   hopping: ")


def test_the_radio_camps(whimbrel: Whimbrel, daemon: Path) -> None:
    answer = json.loads(whimbrel("camp", "6/40+", "20s", "--json", "-s", daemon).stdout)
    assert answer["mode"] == "camping"
    assert answer["channel"] == "6/40+"
    assert 10 < answer["seconds"] <= 20
    assert "status:   camping on 6/40+: " in whimbrel("status", "-s", daemon).stdout
    again = whimbrel("camp", "6/40+", "30s", "-s", daemon).stdout
    assert again.startswith("the radio is camping on 6/40+ for ")


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (["lock", "99"], "99 is not a channel of 5 GHz"),
        (["lock", "\x1b[2J"], "expected a channel number"),
        (["lock", "36"], "the radio or the regulatory domain does not allow it"),
        (["camp", "6GHz:37", "5s"], "the radio or the regulatory domain does not allow it"),
    ],
)
def test_a_channel_that_cannot_be(whimbrel: Whimbrel, daemon: Path, command: list[str], said: str) -> None:
    done = whimbrel(*command, "-s", daemon)
    assert done.returncode == exits.FAILURE
    (line,) = done.stderr.splitlines()
    assert said in line
    assert line.isprintable()
    assert whimbrel("status", "-s", daemon).stdout.startswith("status:   hopping: ")


@pytest.mark.parametrize("seconds", ["0s", "-1s", "nan", "inf", "soon", "20"])
def test_a_time_that_cannot_be(seconds: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["camp", "--", "6", seconds]) == exits.USAGE
    assert f"expected a time with its unit, such as 20s, found '{seconds}'" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["lock", "unlock", "camp"])
def test_every_command_explains_itself(command: str, capsys: pytest.CaptureFixture[str], whimbrel: Whimbrel) -> None:
    assert cli.main([command, "--help"]) == exits.OK
    assert f"usage: whimbrel {command}" in capsys.readouterr().out
    assert f"\n    {command} " in whimbrel("--help").stdout


@pytest.mark.parametrize("command", [["lock", "6"], ["unlock"], ["camp", "6", "5s"]])
def test_a_daemon_that_is_not_there(command: list[str], tmp_path: Path) -> None:
    assert cli.main([*command, "--socket", str(tmp_path / "none")]) == exits.UNREACHABLE


@pytest.mark.parametrize("command", [["lock"], ["camp", "6"], ["unlock", "6"]])
def test_a_wrong_command_line(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(command) == exits.USAGE
    assert "usage: whimbrel" in capsys.readouterr().err
