from __future__ import annotations

import io
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.capture.reading import read
from tests.lab import frames as made
from tests.recording.frames import data_frame, heard, numbered

from whimbrel.capture import pcapng_blocks
from whimbrel.cli import exits
from whimbrel.cli.live_capture import FrameChoice, LiveCapture, Waiting, kind_names, stream
from whimbrel.recording.packing import packed
from whimbrel.verbs.recording import CaptureOrigin
from whimbrel.wifi.frames import Frame

ORIGIN = CaptureOrigin(
    application="Whimbrel", comments=("so",), interface="wlan1", description="", filter="", snap_length=0
)
HEAD = pcapng_blocks.section(application="a test") + pcapng_blocks.interface()


def line(first: int, frames: list[Frame]) -> dict[str, Any]:
    octets = b"".join(packed(frame) for frame in frames)
    return {"kind": "captured-frames", "body": {"first": first, "count": len(frames), "octets": octets.hex()}}


class Daemon:
    """Replaces the connection: the output of a daemon."""

    def __init__(self, *lines: dict[str, Any], then: Callable[[], object] = lambda: None) -> None:
        self._lines = lines
        self._then = then

    def follow(self, **_wish: object) -> Any:
        yield from self._lines
        self._then()


def test_all_that_comes_is_written_with_a_head_and_an_end() -> None:
    output = io.BytesIO()
    daemon: Any = Daemon(line(7, numbered(0, 3)), line(10, numbered(3, 1)))
    capture = stream(daemon, ORIGIN, FrameChoice([]), output)
    outcome = read(output.getvalue())
    assert outcome.error is None
    assert outcome.frames == [frame.raw for frame in numbered(0, 4)]
    assert (capture.delivered, capture.lost) == (4, 0)
    assert output.getvalue().startswith(pcapng_blocks.section(application="Whimbrel", comments=["so"]))


def test_what_the_daemon_could_not_send_is_told_at_the_next_frame() -> None:
    output = io.BytesIO()
    daemon: Any = Daemon(line(0, numbered(0, 1)), {"lagged": 3}, line(41, numbered(9, 1)))
    capture = stream(daemon, ORIGIN, FrameChoice([]), output)
    assert capture.lost == 40
    assert b"40 frames before this one were lost" in output.getvalue()
    assert read(output.getvalue()).error is None


def test_what_the_reader_is_too_slow_for_is_lost_here_and_told() -> None:
    waiting = Waiting(most=2000)
    client: Any = Daemon()
    capture = LiveCapture(client, FrameChoice([]), waiting)
    capture.take(line(0, numbered(0, 100)))  # nobody takes
    taken = waiting.take(0.0)
    kept = len(read(HEAD + taken).frames)
    assert 0 < kept < 100
    assert waiting.lost == 100 - kept
    capture.take(line(100, numbered(100, 1)))
    assert f"{100 - kept} frames before this one were lost".encode() in waiting.take(0.0)
    assert read(HEAD + capture.statistics()).error is None


def test_the_end_of_the_daemon_and_errors_reach_who_takes() -> None:
    def fail() -> None:
        raise OSError("gone")

    output = io.BytesIO()
    failing: Any = Daemon(line(0, numbered(0, 1)), then=fail)
    with pytest.raises(OSError, match="gone"):
        stream(failing, ORIGIN, FrameChoice([]), output)


def test_a_reader_that_has_gone_is_noticed_while_nothing_is_heard() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    forever = threading.Event()
    daemon: Any = Daemon(then=forever.wait)
    try:
        with os.fdopen(writing, "wb", buffering=0) as output, pytest.raises(BrokenPipeError):
            stream(daemon, ORIGIN, FrameChoice([]), output)
    finally:
        forever.set()


@pytest.mark.parametrize(
    ("names", "wanted"),
    [
        (["beacon"], [True, False, False, False, False]),
        (["management"], [True, True, False, False, False]),
        (["control", "data"], [False, False, True, True, True]),
        (["eapol"], [False, False, False, False, True]),
        (["eapol", "deauthentication"], [False, True, False, False, True]),
    ],
)
def test_frames_are_chosen_by_their_kinds(names: list[str], wanted: list[bool]) -> None:
    frames = [
        heard(made.BEACON),
        heard(made.radiotap(made.management(12, b"\x07\x00"))),
        heard(made.radiotap(made.control(13))),
        data_frame(made.LLC_IPV4 + bytes(20), protected=False),
        data_frame(made.LLC_EAPOL + bytes.fromhex("0203005f02008a0010") + bytes(90), protected=False),
    ]
    choice = FrameChoice(names)
    assert [frame in choice for frame in frames] == wanted
    output = io.BytesIO()
    daemon: Any = Daemon(line(0, frames))
    assert stream(daemon, ORIGIN, choice, output).delivered == sum(wanted)


def test_a_kind_that_there_is_not_is_told_with_the_like() -> None:
    assert {"beacon", "probe-request", "qos-data", "ack"} <= kind_names().keys()
    with pytest.raises(exits.CommandError, match="beacon"):
        FrameChoice(["becon"])


def test_after_so_many_frames_it_ends(tmp_path: Path) -> None:
    forever = threading.Event()
    daemon: Any = Daemon(line(0, numbered(0, 5)), then=forever.wait)
    with (tmp_path / "out").open("wb") as output:
        assert stream(daemon, ORIGIN, FrameChoice([]), output, 5).delivered == 5
    forever.set()
    assert len(read((tmp_path / "out").read_bytes()).frames) == 5
