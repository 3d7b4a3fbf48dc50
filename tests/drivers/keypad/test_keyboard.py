"""The keyboard driver on a real pseudo-terminal."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.drivers.keypad.listening import listening
from tests.drivers.keypad.typing import Terminal
from tests.lab.child import Child
from tests.lab.waiting import block_until

from whimbrel.drivers.keypad.keyboard import KeyboardKeypad
from whimbrel.drivers.keypad.settings import KeyboardSettings
from whimbrel.drivers.keypad.terminal_mode import TerminalMode, as_text
from whimbrel.events.base import Body
from whimbrel.events.keys import KeysExplained
from whimbrel.module import NotReady
from whimbrel.settings import Duration
from whimbrel.testing import PATIENCE


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    with Terminal() as terminal:
        yield terminal


def keypad(terminal: Terminal, **settings: Any) -> KeyboardKeypad:
    return KeyboardKeypad(KeyboardSettings(terminal=terminal.path, **settings))


async def test_keys_are_pressed_and_let_go(terminal: Terminal) -> None:
    async with listening(keypad(terminal)) as listener:
        terminal.type_(b"\x1b[A")
        await listener.wait_for(("up", True), ("up", False))
        terminal.type_(b"\rb")
        await listener.wait_for(
            ("up", True), ("up", False), ("ok", True), ("ok", False), ("menu", True), ("menu", False)
        )
        times = [at for _, _, at in listener.edges]
        assert times == sorted(times)
        assert abs(times[-1] - time.monotonic()) < PATIENCE


async def test_a_sequence_in_two_reads(terminal: Terminal) -> None:
    pad = keypad(terminal, escape=Duration(1.0))
    async with listening(pad) as listener:
        terminal.type_(b"\x1b")
        await listener.wait_until(lambda: pad._parser.pending)
        terminal.type_(b"[")
        terminal.type_(b"B")
        await listener.wait_for(("down", True), ("down", False))


async def test_esc_alone_is_back(terminal: Terminal) -> None:
    async with listening(keypad(terminal, escape=Duration(0.005))) as listener:
        terminal.type_(b"\x1b")
        await listener.wait_for(("back", True), ("back", False))


async def test_a_key_that_is_held_stays_down_until_there_is_silence(terminal: Terminal) -> None:
    async with listening(keypad(terminal, gap=Duration(0.3))) as listener:
        terminal.type_(b"\x1b[B" * 6)
        await listener.wait_for(("down", True), ("down", False))
        (_, _, pressed), (_, _, released) = listener.edges
        assert released - pressed >= 0.3


async def test_the_terminal_is_put_back(terminal: Terminal) -> None:
    before = terminal.mode
    async with listening(keypad(terminal)):
        assert not terminal.echoes
        assert not terminal.mode[3] & termios.ICANON
        assert terminal.mode[3] & termios.ISIG
        assert terminal.mode[1] == before[1]
    assert terminal.mode == before


async def test_nothing_is_written_to_the_terminal(terminal: Terminal) -> None:
    async with listening(keypad(terminal)) as listener:
        terminal.type_(b"aab\x1b[A")
        await listener.wait_until(lambda: ("up", False) in listener.changes)
    os.set_blocking(terminal.user, False)
    with pytest.raises(BlockingIOError):
        os.read(terminal.user, 100)


async def test_what_is_down_at_the_end_is_let_go(terminal: Terminal) -> None:
    async with listening(keypad(terminal, hold=Duration(20.0))) as listener:
        terminal.type_(b"B")
        await listener.wait_for(("menu", True))
    assert listener.changes == [("menu", True), ("menu", False)]


async def test_a_terminal_that_is_closed_ends_the_run(terminal: Terminal) -> None:
    async with listening(keypad(terminal)) as listener:
        terminal.hang_up()
        await asyncio.wait_for(asyncio.shield(listener.task), PATIENCE)


async def test_what_is_no_terminal_is_not_ready(tmp_path: Path) -> None:
    for path, reason in ((Path("/dev/null"), "is no terminal"), (tmp_path / "none", "No such file")):
        pad = KeyboardKeypad(KeyboardSettings(terminal=path))
        with pytest.raises(NotReady, match=reason) as error:
            await pad.open()
        assert "\n" not in str(error.value)
        await pad.close()


async def test_another_job_has_the_keyboard(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(TerminalMode, "in_foreground", lambda self: False)
    before = terminal.mode
    with pytest.raises(NotReady, match="fg"):
        await keypad(terminal).open()
    assert terminal.mode == before


async def test_in_the_background_keys_are_left_to_the_job_in_front(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_front, asked = True, 0

    def in_foreground(_: TerminalMode) -> bool:
        nonlocal asked
        asked += 1
        return in_front

    monkeypatch.setattr(TerminalMode, "in_foreground", in_foreground)
    async with listening(keypad(terminal)) as listener:
        in_front, before = False, asked
        terminal.type_(b"b")
        await listener.wait_until(lambda: asked > before)
        assert listener.changes == []
        in_front = True
        await listener.wait_for(("menu", True), ("menu", False))


def test_the_mode_is_written_as_stty_writes_it(terminal: Terminal) -> None:
    told = subprocess.run(["stty", "-g"], stdin=terminal.program, capture_output=True, text=True, check=True)
    assert as_text(terminal.mode) == told.stdout.strip()


def test_entering_a_mode_that_is_still_in_force_keeps_what_was_before(terminal: Terminal) -> None:
    before = terminal.mode
    mode = TerminalMode(terminal.program)
    mode.enter()
    mode.forget()
    mode.enter()
    mode.leave()
    mode.leave()
    assert terminal.mode == before


PROGRAM = """
import asyncio, sys
from whimbrel.drivers.keypad.keyboard import KeyboardKeypad
from whimbrel.drivers.keypad.settings import KeyboardSettings

async def main():
    pad = KeyboardKeypad(KeyboardSettings())
    await pad.open()
    try:
        print("ready", file=sys.stderr, flush=True)
        await pad.run(lambda key, down, at: print(key, down, file=sys.stderr, flush=True))
    finally:
        await pad.close()
    print("ended", file=sys.stderr, flush=True)

asyncio.run(main())
"""


def state_of(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


def catches(pid: int, number: signal.Signals) -> bool:
    """Tell whether a process has a handler for a signal: without one, SIGTSTP passes by a session's leader unseen."""
    caught = re.search(r"^SigCgt:\s*(\w+)$", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
    return caught is not None and bool(int(caught[1], 16) >> (number - 1) & 1)


@pytest.fixture
def program(terminal: Terminal) -> Iterator[subprocess.Popen[str]]:
    """Run `PROGRAM` as a shell would: the leader of the terminal's session, in front."""
    script = f"import fcntl, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0)\n{PROGRAM}"
    with Child(
        [sys.executable, "-c", script],
        stdin=terminal.program,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stderr is not None
        try:
            assert process.stderr.readline() == "ready\n"
            yield process
        finally:
            process.kill()


def test_a_killed_process_leaves_the_terminal_as_it_was(terminal: Terminal, program: subprocess.Popen[str]) -> None:
    assert not terminal.echoes
    program.kill()
    program.wait()
    block_until(lambda: terminal.echoes)
    assert terminal.mode[3] & termios.ICANON


def test_stopped_and_continued(terminal: Terminal, program: subprocess.Popen[str]) -> None:
    assert program.stderr is not None
    before_and_after = terminal.mode
    block_until(lambda: catches(program.pid, signal.SIGTSTP) and catches(program.pid, signal.SIGCONT))
    program.send_signal(signal.SIGTSTP)
    block_until(lambda: state_of(program.pid) == "T")
    assert terminal.echoes
    program.send_signal(signal.SIGCONT)
    block_until(lambda: terminal.mode == before_and_after)
    terminal.type_(b"b")
    assert program.stderr.readline() == "menu True\n"
    assert program.stderr.readline() == "menu False\n"
    terminal.hang_up()
    os.close(terminal.program)
    program.wait(PATIENCE)


def test_stopped_from_outside_and_continued(terminal: Terminal, program: subprocess.Popen[str]) -> None:
    assert program.stderr is not None
    block_until(lambda: catches(program.pid, signal.SIGCONT))
    program.send_signal(signal.SIGSTOP)
    block_until(lambda: state_of(program.pid) == "T")
    mode = terminal.mode
    mode[3] |= termios.ECHO | termios.ICANON
    termios.tcsetattr(terminal.program, termios.TCSANOW, mode)
    program.send_signal(signal.SIGCONT)
    block_until(lambda: not terminal.echoes)
    terminal.type_(b"a")
    assert program.stderr.readline() == "back True\n"


async def test_what_the_keys_are_is_told_and_no_key(terminal: Terminal) -> None:
    pad = keypad(terminal)
    told: list[Body] = []
    pad.on_event = told.append
    async with listening(pad) as listener:
        terminal.type_(b"?b")
        await listener.wait_for(("menu", True), ("menu", False))
    (body,) = told
    assert isinstance(body, KeysExplained)
    assert "Arrows" in body.text


async def test_q_at_another_terminal_than_the_own_ends_nothing(terminal: Terminal) -> None:
    async with listening(keypad(terminal)) as listener:
        terminal.type_(b"qb")
        await listener.wait_for(("menu", True), ("menu", False))
