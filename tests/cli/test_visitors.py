from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.cli.conftest import Whimbrel
from tests.lab.waiting import block_until
from tests.process.daemon import DaemonProcess

from whimbrel.cli import exits, main

pytestmark = pytest.mark.process


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[DaemonProcess]:
    """Run a daemon that hears stations of the simulated air."""
    with DaemonProcess(tmp_path) as made:
        made.wait_for_state("watcher", "ready")
        block_until(lambda: made.ask("survey")["stations"], "a station", every=0.05)
        yield made
        assert made.stop() == 0


def test_who_is_here_is_ignored_and_forgotten(whimbrel: Whimbrel, daemon: DaemonProcess) -> None:
    near = {row["station"] for row in daemon.ask("survey", what="stations")["stations"]}
    done = whimbrel("ignore", "here", "-s", daemon.socket)
    assert done.returncode == exits.OK, done.stderr
    assert "ignored from now on" in done.stdout
    listed = set(whimbrel("ignore", "--list", "-s", daemon.socket).stdout.split())
    assert near <= listed
    one = min(listed)
    said = json.loads(whimbrel("ignore", "--forget", one, "--json", "-s", daemon.socket).stdout)
    assert (said["changed"], one in said["addresses"]) == (1, False)
    whimbrel("ignore", one, "-s", daemon.socket)
    assert f"{len(listed)} devices ignored no longer, 0 in all" in (
        whimbrel("ignore", "--forget", "all", "-s", daemon.socket).stdout
    )


def test_who_was_near(whimbrel: Whimbrel, daemon: DaemonProcess) -> None:
    said = whimbrel("visitors", "-s", daemon.socket).stdout.splitlines()
    assert said[0].split()[:3] == ["ADDRESS", "PLACES", "WINDOWS"]
    assert "have random addresses" in said[-1]
    assert set(json.loads(whimbrel("visitors", "--json", "-s", daemon.socket).stdout)) == {
        "visitors", "left_out", "near", "random",
    }  # fmt: skip


@pytest.mark.parametrize(
    "arguments", [[], ["here", "00:11:22:33:44:55"], ["--list", "here"], ["--forget"], ["--forget", "--list"]]
)
def test_a_wrong_command_line(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        raise SystemExit(main(["ignore", *arguments]))
    assert ended.value.code == exits.USAGE
    assert capsys.readouterr().err


@pytest.mark.parametrize("command", [["ignore", "here"], ["visitors"]])
def test_without_a_daemon_they_say_so(command: list[str], tmp_path: Path) -> None:
    assert main([*command, "--socket", str(tmp_path / "none")]) == exits.UNREACHABLE
