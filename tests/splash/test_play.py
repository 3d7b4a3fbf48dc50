from __future__ import annotations

import ast
import os
import struct
import subprocess
import sys
from binascii import crc32
from pathlib import Path
from typing import Any

import pytest

from whimbrel.drivers import gpiochip
from whimbrel.splash import play
from whimbrel.splash.play import COMMAND, DATA, HEAD, I2C, LINE, MAGIC, NONE, SPI, STEP, WAIT
from whimbrel.testing import PATIENCE

SETTINGS = b"modules: {}\n"


def tape(bus: int, *steps: tuple[int, bytes], text: bytes = SETTINGS, light: int = NONE, busy: int = NONE) -> bytes:
    name = b"i2c-1" if bus == I2C else b"spidev0.0"
    lines = (24, 25, light, busy) if bus == SPI else (NONE,) * 4
    head = HEAD.pack(MAGIC, bus, 0x3C, 8_000_000, len(text), crc32(text), *lines, len(name))
    return head + name + b"".join(STEP.pack(kind, len(octets)) + octets for kind, octets in steps)


STEPS = ((LINE, b"\x19\x01"), (COMMAND, b"\xae"), (DATA, bytes(range(256)) * 40))


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, Any]]:
    """Record the requests to the kernel in place of making them."""
    made: list[tuple[int, Any]] = []
    monkeypatch.setattr(play, "ioctl", lambda _fd, code, what: made.append((code, what)))
    return made


def test_octets_go_over_i2c_in_messages_that_say_what_they_are(tmp_path: Path, asked: list[tuple[int, Any]]) -> None:
    node = tmp_path / "bus"
    node.touch()
    play.play(tape(I2C, *STEPS), play.I2cWire(str(node), 0x3C))
    data = bytes(range(256)) * 40
    assert asked == [(0x0703, 0x3C)]
    assert node.read_bytes() == b"\x00\xae" + b"".join(
        b"\x40" + data[at : at + 4096] for at in range(0, len(data), 4096)
    )


def test_over_spi_a_line_says_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[tuple[str, Any]] = []
    monkeypatch.setattr(os, "open", lambda path, _flags: {"/dev/gpiochip0": 1000}.get(path, 1001))
    monkeypatch.setattr(os, "write", lambda _fd, octets: said.append(("sent", len(octets))))

    def ioctl(fd: int, code: int, what: Any) -> None:
        if code == play.GET_LINE:
            struct.pack_into("=i", what, len(what) - 4, struct.unpack_from("=I", what)[0])
        elif code == play.SET_VALUES:
            said.append((f"line {fd}", struct.unpack("=QQ", what)[0]))
        else:
            said.append((hex(code), bytes(what)))

    monkeypatch.setattr(play, "ioctl", ioctl)
    play.play(tape(SPI, *STEPS), play.open_wire(tape(SPI)))
    assert said == [
        ("0x40016b01", b"\0"), ("0x40046b04", struct.pack("=I", 8_000_000)), ("line 25", 1), ("line 24", 0),
        ("sent", 1), ("line 24", 1), ("sent", 4096), ("sent", 4096), ("sent", 2048),
    ]  # fmt: skip


def test_e_paper_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "open", lambda path, _flags: {"/dev/gpiochip0": 1000}.get(path, 1001))
    said: list[str] = []
    levels = [1, 1, 0]

    def ioctl(fd: int, code: int, what: Any) -> None:
        if code == play.GET_LINE:
            struct.pack_into("=i", what, len(what) - 4, struct.unpack_from("=I", what)[0])
            said.append(f"{struct.unpack_from('=I', what)[0]} {play.REQUEST.unpack(what)[2]:#x}")
        elif code == play.GET_VALUES:
            assert (fd, struct.unpack("=QQ", what)) == (17, (0, 1))
            struct.pack_into("=Q", what, 0, levels.pop(0))
            said.append("looked")

    monkeypatch.setattr(play, "ioctl", ioctl)
    monkeypatch.setattr(play, "sleep", lambda _seconds: None)
    told = tape(SPI, (WAIT, b""), busy=17)
    wire = play.open_wire(told)
    assert said == ["24 0x8", "25 0x8", "17 0x4"], "two outputs, one input"
    play.play(told, wire)
    assert said[3:] == ["looked"] * 3
    levels[:] = [1] * 5
    times = iter(range(0, 1000, 10))
    monkeypatch.setattr(play, "monotonic", lambda: next(times))
    with pytest.raises(TimeoutError):
        play.play(told, wire)


def test_a_panel_without_a_busy_line_is_not_waited_for(tmp_path: Path, asked: list[tuple[int, Any]]) -> None:
    (tmp_path / "bus").touch()
    play.play(tape(I2C, (WAIT, b"")), play.I2cWire(str(tmp_path / "bus"), 0x3C))
    assert len(asked) == 1


def test_a_line_is_asked_for_as_the_driver_of_the_keys_does(asked: list[tuple[int, Any]]) -> None:
    play._claim(7, 25, play.OUTPUT)
    ((code, request),) = asked
    config = gpiochip._config(gpiochip.OUTPUT, False, 0)
    theirs = gpiochip._REQUEST.pack(struct.pack("=I", 25), b"whimbrel-splash", config, 1, 0, -1)
    fields = play.REQUEST.unpack(theirs)
    assert code == play.GET_LINE == gpiochip._GET_LINE
    assert (play.SET_VALUES, play.OUTPUT) == (gpiochip._SET_VALUES, gpiochip.OUTPUT)
    assert len(request) == len(theirs) == (code >> 16 & 0x3FFF)
    assert play.REQUEST.unpack(bytes(request))[:3] == fields[:3]
    assert play.REQUEST.unpack(bytes(request))[-3:] == fields[-3:]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the settings, and the file of a tape, in the place of the service's."""
    (tmp_path / "settings").write_bytes(SETTINGS)
    monkeypatch.setattr(play, "SETTINGS", str(tmp_path / "settings"))
    monkeypatch.setattr(play, "WANTED", str(tmp_path / "wanted"))
    return tmp_path


def test_what_was_recorded_for_these_settings_is_played(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    played: list[str] = []
    monkeypatch.setattr(play, "open_wire", lambda tape: played.append(play.node_of(tape)))
    monkeypatch.setattr(play, "play", lambda _tape, _wire: None)
    path = place / "i2c-1.start"
    path.write_bytes(tape(I2C))
    assert play.main([str(path)]) == 0
    assert played == ["/dev/i2c-1"]
    (place / "settings").write_bytes(SETTINGS + b"# other\n")
    assert play.main([str(path)]) == 0
    path.write_bytes(b"nothing of ours")
    assert play.main([str(path)]) == 0
    path.unlink()
    assert play.main([str(path)]) == 0
    assert played == ["/dev/i2c-1"], "nothing else is played, and nothing said"


def test_a_panel_that_does_not_answer_is_no_failure(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_tape: bytes) -> None:
        raise OSError(121, "Remote I/O error")

    monkeypatch.setattr(play, "open_wire", refuse)
    (place / "tape").write_bytes(tape(I2C))
    assert play.main([str(place / "tape"), "hold"]) == 0


@pytest.mark.parametrize(("light", "argv", "held"), [(13, ["hold"], True), (13, [], False), (NONE, ["hold"], False)])
def test_the_lines_of_a_light_are_held_until_the_daemon_wants_them(
    place: Path, monkeypatch: pytest.MonkeyPatch, light: int, argv: list[str], held: bool
) -> None:
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == 3:
            (place / "wanted").touch()

    monkeypatch.setattr(play, "sleep", sleep)
    monkeypatch.setattr(play, "open_wire", lambda _tape: None)
    monkeypatch.setattr(play, "play", lambda _tape, _wire: None)
    (place / "tape").write_bytes(tape(SPI, light=light))
    assert play.main([str(place / "tape"), *argv]) == 0
    assert len(slept) == (3 if held else 0)


@pytest.mark.parametrize(("child", "held"), [(1234, False), (0, True)])
def test_at_the_end_another_process_holds_them(
    place: Path, monkeypatch: pytest.MonkeyPatch, child: int, held: bool
) -> None:
    """Whoever runs the program waits for the picture, and not for the power to go."""
    holding: list[bool] = []
    monkeypatch.setattr(play, "open_wire", lambda _tape: None)
    monkeypatch.setattr(play, "play", lambda _tape, _wire: None)
    monkeypatch.setattr(play, "_hold", lambda: holding.append(True))
    monkeypatch.setattr(os, "fork", lambda: child)
    (place / "tape").write_bytes(tape(SPI, light=13))
    assert play.main([str(place / "tape"), "fork"]) == 0
    assert bool(holding) is held


def test_it_imports_nothing_but_what_python_has_built_in() -> None:
    path = Path(play.__file__)
    tree = ast.parse(path.read_text())
    imported = {
        name
        for node in ast.walk(tree)
        for name in (
            [alias.name for alias in node.names] if isinstance(node, ast.Import)
            else [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        )
    }  # fmt: skip
    assert imported <= {"__future__", "os", "sys", "binascii", "fcntl", "struct", "time"}
    done = subprocess.run(
        [sys.executable, "-I", "-S", path, "/nowhere"], capture_output=True, timeout=PATIENCE, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
