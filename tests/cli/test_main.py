from __future__ import annotations

import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from tests.cli.conftest import Whimbrel

from whimbrel import __version__, cli
from whimbrel.cli import exits

DESK = ("alerts", "evidence", "acknowledge", "rules", "learn")


def test_version(whimbrel: Whimbrel) -> None:
    done = whimbrel("--version")
    assert (done.returncode, done.stdout) == (0, f"whimbrel {__version__}\n")


def test_help_names_every_command_and_exit_status(whimbrel: Whimbrel) -> None:
    done = whimbrel("--help")
    assert done.returncode == exits.OK
    for word in ("run", "check", "config", "replay", "modules", "status", "restart", "reload", "survey", "tail", *DESK):
        assert re.search(rf"\n    {word}\s", done.stdout)
    for code, meaning in exits.MEANINGS.items():
        assert f"{code:3}  {meaning}" in done.stdout


@pytest.mark.parametrize(
    "command", ["run", "check", "config", "replay", "modules", "status", "restart", "survey", "tail", *DESK]
)
def test_every_command_explains_itself(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([command, "--help"]) == exits.OK
    text = capsys.readouterr().out
    assert f"usage: whimbrel {command}" in text
    assert len(text.splitlines()) > 6


@pytest.mark.parametrize(
    "args", [[], ["nonsense"], ["tail", "--nonsense"], ["restart"], ["replay"], ["replay", "--width", "3", "x"]]
)
def test_a_wrong_command_line(args: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(args) == exits.USAGE
    assert "usage: whimbrel" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["run", "check", "config"])
def test_settings_that_are_missing_or_wrong(whimbrel: Whimbrel, tmp_path: Path, command: str) -> None:
    missing = whimbrel(command, "--config", tmp_path / "none.yaml")
    assert missing.returncode == exits.SETTINGS
    assert missing.stderr.startswith(f"whimbrel: {tmp_path}/none.yaml: expected a settings file")
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text("bus: {capacity: -1}\nmodules: {logger: {levle: info}}\n")
    done = whimbrel(command, env={"WHIMBREL_CONFIG": str(wrong)})
    assert done.returncode == exits.SETTINGS
    first, second = done.stderr.splitlines()
    assert first.startswith(f"whimbrel: {wrong}:1:")
    assert second.startswith(f"whimbrel: {wrong}:2:")
    assert "did you mean level" in second


def test_check_tells_right_from_not_on_this_machine(whimbrel: Whimbrel, tmp_path: Path) -> None:
    right = tmp_path / "right.yaml"
    right.write_text("modules: {logger: {}, control: {}}\n")
    done = whimbrel("check", "-c", right)
    assert (done.returncode, done.stdout) == (exits.OK, f"{right}: right; modules: logger, control\n")
    right.write_text("modules: {sniffer: {source: pcap, tuner: none}}\n")
    done = whimbrel("check", "-c", right)
    assert done.returncode == exits.MACHINE
    assert done.stderr.startswith(f"whimbrel: {right}:1:")


def test_config_prints_what_is_in_force_and_from_where(whimbrel: Whimbrel, tmp_path: Path) -> None:
    path = tmp_path / "w.yaml"
    path.write_text("modules:\n  logger:\n    burst: 7\n")
    lines = whimbrel("config", "--config", path).stdout.splitlines()
    assert any(line.split() == ["modules.logger.burst", "7", f"({path}:3)"] for line in lines)
    assert any(line.startswith("modules.logger.fold ") and line.endswith("(default)") for line in lines)


def test_settings_and_their_check_are_coloured_on_a_terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "w.yaml"
    path.write_text("modules:\n  logger:\n    burst: 7\n")
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    assert cli.main(["check", "-c", str(path)]) == exits.OK
    assert cli.main(["config", "-c", str(path)]) == exits.OK
    told = capsys.readouterr().out
    assert "\x1b[32mright\x1b[0m" in told
    assert f"\x1b[1m7\x1b[0m  \x1b[2m({path}:3)\x1b[0m" in told
    monkeypatch.setenv("NO_COLOR", "1")
    assert cli.main(["config", "-c", str(path)]) == exits.OK
    assert "\x1b" not in capsys.readouterr().out


def test_the_defaults_are_a_file_to_start_from(whimbrel: Whimbrel, tmp_path: Path) -> None:
    path = tmp_path / "w.yaml"
    path.write_text(whimbrel("config", "--defaults", "--yaml").stdout)
    assert whimbrel("config", "-c", path).returncode == exits.OK


@pytest.mark.parametrize(
    "command", [["status"], ["modules"], ["survey"], ["reload"], ["restart", "x"], ["tail"], ["call", "help"]]
)
def test_a_daemon_that_is_not_there(command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([*command, "--socket", str(tmp_path / "none")]) == exits.UNREACHABLE
    line, hint = capsys.readouterr().err.splitlines()
    assert line.startswith(f"whimbrel: {tmp_path}/none: the socket is not there")
    assert "--socket" in hint
    assert "$WHIMBREL_SOCKET" in hint


def test_what_answers_is_something_else(whimbrel: Whimbrel, tmp_path: Path) -> None:
    path = tmp_path / "s"
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as server:
        server.bind(str(path))
        server.listen()
        import threading

        def answer() -> None:
            peer, _ = server.accept()
            with peer:
                peer.recv(4096)
                peer.sendall(b"\x1b[2JSMTP ready\n")

        thread = threading.Thread(target=answer)
        thread.start()
        done = whimbrel("status", "--socket", path)
        thread.join()
    assert done.returncode == exits.UNREACHABLE
    assert "\x1b" not in done.stderr


@pytest.mark.parametrize(
    ("streams", "code", "said"),
    [
        (">&-", exits.OK, ""),
        ("2>&-", exits.OK, ""),
        (">/dev/full", exits.FAILURE, "whimbrel: cannot write the output: No space left on device\n"),
    ],
)
def test_output_that_goes_nowhere(streams: str, code: int, said: str) -> None:
    command = f'exec "$0" -m whimbrel config --defaults {streams}'
    done = subprocess.run(["sh", "-c", command, sys.executable], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (code, said)


def test_a_bug_is_one_line_unless_asked(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def broken(_args: object) -> int:
        raise ZeroDivisionError("by\nzero \x1b[2J")

    monkeypatch.delenv("WHIMBREL_DEBUG", raising=False)
    monkeypatch.setattr("whimbrel.cli.commands.status.run", broken)
    assert cli.main(["status"]) == exits.FAILURE
    error = capsys.readouterr().err
    assert "Traceback" not in error
    assert "\x1b" not in error
    assert error.splitlines()[0] == "whimbrel: this is a bug in whimbrel: ZeroDivisionError: by"
    assert cli.main(["--debug", "status"]) == exits.FAILURE
    assert "Traceback" in capsys.readouterr().err


def test_ctrl_c_is_quiet(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def interrupted(_args: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr("whimbrel.cli.commands.status.run", interrupted)
    assert cli.main(["status"]) == exits.INTERRUPTED
    assert capsys.readouterr().err == ""
