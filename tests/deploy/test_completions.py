"""The completions match the parser, and the shells accept them."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from tools.packaging.completions import SHELLS, bash
from tools.packaging.man1 import subcommands

from whimbrel.cli import make_parser
from whimbrel.config.registry import BUILT_IN
from whimbrel.testing import PATIENCE

COMMANDS = {name: parser for name, (parser, _) in subcommands(make_parser(whole=True)).items()}
pytestmark = pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not installed")


def complete(folder: Path, *words: str) -> list[str]:
    """Return bash's completions for the last of `words`."""
    script = folder / "whimbrel"
    script.write_text(bash())
    asked = 'source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _whimbrel; printf "%s\\n" "${COMPREPLY[@]}"'
    command = ["bash", "-u", "-c", asked, "-", str(script), "whimbrel", *words]
    said = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=True, cwd=folder)
    assert said.stderr == ""
    return said.stdout.split()


def test_every_command_is_offered(tmp_path: Path) -> None:
    assert set(COMMANDS) <= set(complete(tmp_path, ""))
    assert complete(tmp_path, "repl") == ["replay"]
    assert complete(tmp_path, "--ver") == ["--version"]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_of_a_command_is_offered_by_every_shell(tmp_path: Path, name: str) -> None:
    options = {option for action in COMMANDS[name]._actions for option in action.option_strings}
    assert options <= set(complete(tmp_path, name, "-"))
    zsh = SHELLS["zsh"]().partition(f"    {name}) ")[2].partition(";;")[0]
    fish = "".join(line for line in SHELLS["fish"]().splitlines(keepends=True) if f"from {name}'" in line)
    for option in options:
        assert f"{option}[" in zsh
        assert f" -l {option[2:]}" in fish if option.startswith("--") else f" -s {option[1:]}" in fish


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("restart", "w"), ["watcher", "web"]),
        (("tail", "--level", "not"), ["notice"]),
        (("tail", "--colour", "al"), ["always"]),
        (("tail", "access-point-f"), ["access-point-found"]),
        (("press", "me"), ["menu", "menu:long"]),
        (("press", "ok", ":", "l"), ["long"]),
        (("replay", "home"), ["home.pcapng"]),
        (("--debug", "check", "--config", "home"), ["home.pcapng"]),
        (("status", "-s", "home"), ["home.pcapng"]),
        (("lock", ""), ["-h", "--help", "--json", "--socket", "-s"]),
    ],
)
def test_what_follows_is_offered(tmp_path: Path, words: tuple[str, ...], expected: list[str]) -> None:
    (tmp_path / "home.pcapng").touch()
    assert complete(tmp_path, *words) == expected


def test_modules_are_those_of_the_project(tmp_path: Path) -> None:
    assert {word for word in complete(tmp_path, "restart", "") if not word.startswith("-")} == set(BUILT_IN)


@pytest.mark.parametrize("shell", SHELLS)
def test_the_shell_itself_can_read_it(tmp_path: Path, shell: str) -> None:
    program = shutil.which(shell)
    if program is None:
        pytest.skip(f"{shell} is not installed")
    path = tmp_path / "completion"
    path.write_text(SHELLS[shell]())
    said = subprocess.run([program, "-n", str(path)], capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert (said.returncode, said.stderr) == (0, "")
