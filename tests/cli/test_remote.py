from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.cli.conftest import Whimbrel, answer, beacon, deauth, environment, still_running, write_capture
from tests.lab.child import Child
from tests.lab.waiting import block_until

from whimbrel.cli import exits
from whimbrel.client import BlockingClient
from whimbrel.testing import PATIENCE

pytestmark = pytest.mark.process

SETTINGS = """
modules:
  sniffer: {{source: pcap, tuner: none, pcap: {{files: [{folder}/c.pcap], speed: 1}}}}
  watcher: {{}}
  logger: {{to: stderr, level: debug}}
  control: {{socket: {folder}/s}}
"""


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[Path]:
    """Run a daemon that has heard a beacon and waits for the next frame; return its control socket."""
    write_capture(tmp_path / "c.pcap", [(1.0, beacon(b"a\n\x1b[2Jb")), (1800.0, deauth(7))])
    settings = tmp_path / "w.yaml"
    settings.write_text(SETTINGS.format(folder=tmp_path))
    log = (tmp_path / "log").open("w")
    command = [sys.executable, "-m", "whimbrel", "run", "--config", str(settings)]
    with log, Child(command, stderr=log, env=environment()) as process:
        try:
            block_until(
                lambda: (answer(tmp_path / "s", "survey") or {"access_points": []})["access_points"],
                "the first access point",
                ended=still_running(process, tmp_path / "log"),
                every=0.05,
            )
            yield tmp_path / "s"
        finally:
            process.terminate()
            process.wait(PATIENCE)
    assert process.returncode == exits.OK, (tmp_path / "log").read_text()
    lines = (tmp_path / "log").read_text().splitlines()
    assert any('offers "a\\n\\x1b[2Jb"' in line for line in lines)
    assert all(line.isprintable() for line in lines)


def until_followed(client: BlockingClient) -> None:
    block_until(lambda: "control" in [listener["reader"] for listener in client.ask("status")["listeners"]], every=0.02)


def test_questions(whimbrel: Whimbrel, daemon: Path) -> None:
    status = whimbrel("status", "-s", daemon)
    assert status.returncode == exits.OK
    assert "ready:    yes" in status.stdout
    assert json.loads(whimbrel("status", "--json", "-s", daemon).stdout)["ready"] is True
    modules = whimbrel("modules", "-s", daemon).stdout.splitlines()
    assert modules[0].split() == ["MODULE", "STATE", "FOR", "STARTS", "FAILURES", "WHY"]
    assert {line.split()[0] for line in modules[1:]} == {"sniffer", "watcher", "logger", "control"}
    survey = whimbrel("survey", env={"WHIMBREL_SOCKET": str(daemon)}).stdout
    assert "a\\n\\x1b[2Jb" in survey
    assert "\x1b" not in survey


def test_report(whimbrel: Whimbrel, daemon: Path) -> None:
    out = daemon.parent / "out.html"
    done = whimbrel("report", out, "-s", daemon)
    assert (done.returncode, done.stderr) == (exits.OK, "")
    assert done.stdout.startswith(f"{out}: 1 access point, ")
    page = out.read_text()
    assert "a\\n\\x1b[2Jb" in page
    assert "Open network" in page
    assert "No access point was heard." in whimbrel("report", "--since", "1h", "-", "-s", daemon).stdout
    assert whimbrel("report", out, "-s", daemon).returncode == exits.FAILURE


def test_commands(whimbrel: Whimbrel, daemon: Path) -> None:
    assert whimbrel("restart", "logger", "-s", daemon).stdout == "logger is being restarted\n"
    assert json.loads(whimbrel("restart", "logger", "--json", "-s", daemon).stdout) == {
        "module": "logger",
        "restarting": True,
    }
    refused = whimbrel("restart", "loger", "-s", daemon)
    assert refused.returncode == exits.FAILURE
    assert "loger" in refused.stderr
    assert whimbrel("reload", "-s", daemon).returncode == exits.OK
    settings = daemon.parent / "w.yaml"
    settings.write_text("modules: {loger: {}}\n")
    bad = whimbrel("reload", "-s", daemon)
    assert bad.returncode == exits.FAILURE
    assert bad.stderr.startswith(f"whimbrel: {settings}:1:")


def test_any_verb_can_be_called(whimbrel: Whimbrel, daemon: Path) -> None:
    assert "survey" in json.loads(whimbrel("call", "help", "-s", daemon).stdout)["verbs"]
    found = json.loads(whimbrel("call", "survey", "what=access_points", "-s", daemon).stdout)
    assert (len(found["access_points"]), found["stations"]) == (1, [])
    refused = whimbrel("call", "survey", "what=7", "-s", daemon)
    assert refused.returncode == exits.FAILURE
    assert "access_points, stations, channels" in refused.stderr
    assert "nosuch" in whimbrel("call", "nosuch", "-s", daemon).stderr


def test_tail(daemon: Path) -> None:
    command = [sys.executable, "-m", "whimbrel", "tail", "-s", str(daemon), "module-changed"]
    for more in ([], ["--json"], ["--colour", "always"]):
        with Child([*command, *more], stdout=subprocess.PIPE, env=environment(), text=True) as tail:
            with BlockingClient(daemon) as client:
                until_followed(client)
                client.ask("restart", module="logger")
            assert tail.stdout is not None
            line = tail.stdout.readline().rstrip("\n")
            tail.send_signal(signal.SIGINT)
            assert tail.wait(timeout=PATIENCE) == exits.INTERRUPTED
        if "--json" in more:
            assert json.loads(line)["kind"] == "module-changed"
        else:
            assert "Module logger is" in line
            assert ("\x1b[" in line) == bool(more)


def test_tail_of_an_unknown_kind(whimbrel: Whimbrel, daemon: Path) -> None:
    done = whimbrel("tail", "-s", daemon, "disconected")
    assert done.returncode == exits.FAILURE
    assert "did you mean disconnected?" in done.stderr


def test_tail_says_that_the_daemon_has_ended(daemon: Path) -> None:
    command = [sys.executable, "-m", "whimbrel", "tail", "-s", str(daemon), "module-changed"]
    with Child(command, stderr=subprocess.PIPE, env=environment()) as tail:
        with BlockingClient(daemon) as client:
            until_followed(client)
            os.kill(client.ask("status")["pid"], signal.SIGTERM)
        _, errors = tail.communicate(timeout=PATIENCE)
    assert (tail.returncode, errors) == (exits.OK, b"whimbrel: the daemon has ended\n")


def test_tail_ends_quietly_when_its_reader_does(daemon: Path) -> None:
    reader, writer = os.pipe()
    command = [sys.executable, "-m", "whimbrel", "tail", "-s", str(daemon), "module-changed"]
    with Child(command, stdout=writer, stderr=subprocess.PIPE, env=environment()) as tail:
        os.close(writer)
        os.close(reader)
        with BlockingClient(daemon) as client:
            until_followed(client)
            client.ask("restart", module="logger")
        _, errors = tail.communicate(timeout=PATIENCE)
    assert (tail.returncode, errors) == (exits.BROKEN_PIPE, b"")
