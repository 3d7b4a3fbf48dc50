from __future__ import annotations

import os
import pty
import re
import select
from pathlib import Path

import pytest

from whimbrel.events.base import Level
from whimbrel.journal.fields import JournalLine
from whimbrel.journal.stderr import Stderr, goes_to_journal, short, use_colour
from whimbrel.wording.quantities import clock, moment
from whimbrel.wording.tables import text_width


def line(message: str = "Ready after 1.0 s", level: Level = Level.NOTICE) -> JournalLine:
    return JournalLine(1_700_000_000.25, level, "daemon-ready", "daemon", message, {})


def test_a_line_for_people(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JOURNAL_STREAM", raising=False)
    path = tmp_path / "log"
    with path.open("w") as stream:
        sink = Stderr(stream)
        assert sink.has_room()
        sink.write(line())
    assert path.read_text() == f"{moment(1_700_000_000.25)} notice    daemon-ready         Ready after 1.0 s\n"
    assert path.read_text()[20:23] == "250"


def test_under_systemd_the_level_leads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "log"
    with path.open("w") as stream:
        status = os.fstat(stream.fileno())
        monkeypatch.setenv("JOURNAL_STREAM", f"{status.st_dev}:{status.st_ino}")
        Stderr(stream, "always").write(line(level=Level.ALERT))
    assert path.read_text() == "<1>daemon-ready: Ready after 1.0 s\n"


@pytest.mark.parametrize("value", ["", "1", "x:y", "0:0"])
def test_another_journal_stream_is_not_ours(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JOURNAL_STREAM", value)
    assert not goes_to_journal(2)


def test_colour_on_a_terminal_unless_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    leader, follower = pty.openpty()
    with os.fdopen(leader, "rb"), os.fdopen(follower, "w") as terminal:
        assert use_colour(terminal)
        assert not use_colour(terminal, "never")
        monkeypatch.setenv("NO_COLOR", "1")
        assert not use_colour(terminal)
        assert use_colour(terminal, "always")


def test_colour_ends_with_its_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JOURNAL_STREAM", raising=False)
    path = tmp_path / "log"
    with path.open("w") as stream:
        Stderr(stream, "always").write(line(level=Level.WARNING))
    assert path.read_text().endswith("\x1b[33mReady after 1.0 s\x1b[0m\n")


def test_a_full_pipe_has_no_room_and_no_line_is_torn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JOURNAL_STREAM", raising=False)
    reader, writer = os.pipe()
    with os.fdopen(reader, "rb", buffering=0) as source, os.fdopen(writer, "w") as stream:
        sink = Stderr(stream)
        written = 0
        while sink.has_room():
            sink.write(line("é" * 4000))
            written += 1
        content = b""
        while len(content.split(b"\n")) - 1 < written:
            content += source.read(65536)
    lines = content.split(b"\n")[:-1]
    assert len(lines) == written > 1
    assert all(len(entry) < select.PIPE_BUF for entry in lines)


def test_a_time_that_no_calendar_has() -> None:
    assert moment(1e300) == "1e+300"
    assert moment(float("nan")) == "nan"
    assert moment(float("-inf")) == "-inf"


@pytest.mark.parametrize("columns", [0, 30, 60, 200])
def test_the_short_form_is_wrapped_below_its_sentence(columns: int) -> None:
    message = "Alert 7, critical: Disconnection attack: 82 disconnections of many stations from a network of Größe"
    lines = short(line(message), columns, coloured=False)
    assert lines[0][2::3][:2] == "::"
    assert all(text.startswith(" " * 9) and text[9] != " " for text in lines[1:])
    assert not columns or all(text_width(text) <= columns for text in lines)
    assert " ".join(text[9:] for text in lines) == message
    assert (len(lines) == 1) is (columns in {0, 200})


@pytest.mark.parametrize("columns", [0, 30, 60])
@pytest.mark.parametrize("level", [Level.ALERT, Level.DEBUG])
def test_colours_of_the_short_form_end_on_each_line_and_take_no_room(columns: int, level: Level) -> None:
    said = line("82 disconnections of many stations from a network of Größe", level)
    lines = short(said, columns, coloured=True)
    assert [re.sub(r"\x1b\[[\d;]*m", "", text) for text in lines] == short(said, columns, coloured=False)
    assert all(text.count("\x1b[0m") * 2 == text.count("\x1b[") and text.endswith("\x1b[0m") for text in lines)
    assert "\x1b[" in lines[0][:8], "the time has a style of its own"


@pytest.mark.parametrize("time", [float("nan"), 1e300, -1e300])
def test_the_short_form_of_a_time_that_no_calendar_has(time: float) -> None:
    assert short(line("x")._replace(time=time), 80, coloured=False) == ["--:--:-- x"]


def test_the_short_form_does_not_go_back_by_a_moment_but_by_a_clock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("JOURNAL_STREAM", raising=False)
    path = tmp_path / "log"
    with path.open("w") as stream:
        sink = Stderr(stream, "never", "short")
        for time in (100.2, 99.9, 40.0):
            sink.write(line("x")._replace(time=time))
    stamps = [text.split()[0] for text in path.read_text().splitlines()]
    assert stamps == [clock(100.2), clock(100.2), clock(40.0)]
