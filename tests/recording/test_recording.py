from __future__ import annotations

import io
import json
import os
import shutil
import struct
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.capture.reading import read
from tests.capture.test_pcapng_blocks import blocks, options
from tests.recording.frames import NOW, numbered, numbers

from whimbrel.recording.counts import Counts
from whimbrel.recording.folder import Folder
from whimbrel.recording.limits import Caps
from whimbrel.recording.recording import Form, Heading, Recording
from whimbrel.recording.repair import whole_octets
from whimbrel.recording.track import TimedPositions

STEM = "2025-11-29T205314Z-deauth-flood-a17"
HEADING = Heading("Whimbrel 1", ("Whimbrel 1, settings of a file",), "wlan1mon", "wlan1mon (phy1)", "not type data")


def recording(folder: Path, **more: object) -> Recording:
    return Recording(Folder(folder, Caps(1 << 40, 0)), STEM, Form(), TimedPositions(), why="Alert 17", **more)  # type: ignore[arg-type]


def flush(one: Recording, counts: Counts, now: float, heading: Heading = HEADING) -> None:
    """As `whimbrel.recording.flushing` does it: frames that are not on the card then keep waiting."""
    try:
        one.write(heading, counts, now)
    finally:
        one.settle()


def of_frame(block: bytes, code: int) -> list[bytes]:
    """Return the options of a frame's block that have a code."""
    (captured,) = struct.unpack_from("<I", block, 20)
    return [value for found, value in options(block, 28 + captured + -captured % 4) if found == code]


def comments(block: bytes) -> list[str]:
    return [value.decode() for value in of_frame(block, 1)]


def gaps(path: Path) -> dict[int, int]:
    """Return how many frames a file tells to be missing, by the place of the next one."""
    frames = [block for block in blocks(path.read_bytes()) if block[:4] == b"\6\0\0\0"]
    told = {place: of_frame(block, 4) for place, block in enumerate(frames)}
    return {place: struct.unpack("<Q", lost[0])[0] for place, lost in told.items() if lost}


def statistics(path: Path) -> tuple[int, int, int]:
    """Return the numbers of frames received, dropped and written at the end of a file."""
    told = dict(options(blocks(path.read_bytes())[-1], 20))
    received, dropped, delivered = (struct.unpack("<Q", told[code])[0] for code in (4, 5, 8))
    return received, dropped, delivered


def test_a_file_has_what_was_taken_in_its_order(tmp_path: Path) -> None:
    one = recording(tmp_path, counts=Counts(1000, 10))
    one.take(numbered(0, 400, size=300), 0.0)
    flush(one, Counts(1000, 10), 1.0)
    one.take(numbered(400, 1), 2.0)
    flush(one, Counts(1000, 10), 3.0)
    one.finish(Counts(1500, 12))
    (path,) = tmp_path.iterdir()
    assert path.name == f"{STEM}.pcapng"
    assert numbers(path) == list(range(401))
    section, interface, *_, statistics = blocks(path.read_bytes())
    assert [value for code, value in options(section, 24) if code == 1] == [
        b"Whimbrel 1, settings of a file",
        b"Alert 17",
    ]
    assert dict(options(interface, 16))[2] == b"wlan1mon"
    assert dict(options(interface, 16))[11] == b"\0not type data"
    told = {code: struct.unpack("<Q", value)[0] for code, value in options(statistics, 20) if code >= 4}
    assert told == {4: 500, 5: 2, 8: 401}
    assert one.octets == one.written == path.stat().st_size


def test_what_waits_can_be_commented_and_what_is_written_not(tmp_path: Path) -> None:
    one = recording(tmp_path)
    early, late = numbered(0, 2), numbered(2, 2)
    one.take(early, 0.0)
    flush(one, Counts(), 0.0)
    one.take(late, 1.0)
    for _ in range(2):
        one.note([early[0], late[1]], ["evidence 1", "evidence 2"])
    flush(one, Counts(), 2.0)
    one.finish(Counts())
    (path,) = tmp_path.iterdir()
    assert [comments(block) for block in blocks(path.read_bytes())[2:6]] == [[], [], [], ["evidence 2"]]


def test_frames_that_are_let_go_are_told_at_the_next_one(tmp_path: Path) -> None:
    one = recording(tmp_path)
    one.take(numbered(0, 10), 0.0)
    most = one.waiting_octets // 2
    assert one.shed(most) == 5
    assert one.waiting_octets <= most
    flush(one, Counts(), 1.0)
    one.finish(Counts())
    (path,) = tmp_path.iterdir()
    assert numbers(path) == [5, 6, 7, 8, 9]
    first = blocks(path.read_bytes())[2]
    (captured,) = struct.unpack_from("<I", first, 20)
    assert dict(options(first, 28 + captured + -captured % 4)) == {4: struct.pack("<Q", 5)}


def test_a_write_that_fails_leaves_whole_blocks_and_all_that_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = recording(tmp_path)
    one.take(numbered(0, 3), 0.0)
    flush(one, Counts(), 0.0)
    one.take(numbered(3, 3), 1.0)
    write, calls = os.write, []

    def fails(descriptor: int, octets: bytes) -> int:
        calls.append(1)
        if len(calls) == 2:
            raise OSError(28, "No space left on device")
        return write(descriptor, bytes(octets)[:17])

    monkeypatch.setattr(os, "write", fails)
    with pytest.raises(OSError, match="No space"):
        flush(one, Counts(), 2.0)
    monkeypatch.undo()
    one.give_up()
    (path,) = tmp_path.iterdir()
    assert numbers(path) == [0, 1, 2]
    assert whole_octets(io.BytesIO(path.read_bytes())) == path.stat().st_size
    flush(one, Counts(), 3.0)
    one.finish(Counts())
    assert numbers(tmp_path / f"{STEM}-2.pcapng") == [3, 4, 5]


def test_frames_behind_those_whose_file_was_deleted_are_in_another_one(tmp_path: Path) -> None:
    one = recording(tmp_path)
    one.take(numbered(0, 3), 0.0)
    flush(one, Counts(), 0.0)
    (first,) = tmp_path.iterdir()
    first.unlink()
    one.take(numbered(3, 3), 1.0)
    flush(one, Counts(), 1.0)
    first.rename(tmp_path / "elsewhere")
    one.take(numbered(6, 3), 2.0)
    flush(one, Counts(), 2.0)
    one.finish(Counts())
    assert numbers(tmp_path / "elsewhere") == [3, 4, 5]
    assert numbers(tmp_path / f"{STEM}.pcapng") == [6, 7, 8]


def test_keeping_it_while_it_is_written(tmp_path: Path) -> None:
    one = recording(tmp_path)
    one.keep()
    one.take(numbered(0, 1), 0.0)
    flush(one, Counts(), 0.0)
    one.finish(Counts())
    other = recording(tmp_path)
    other.take(numbered(0, 1), 0.0)
    flush(other, Counts(), 0.0)
    other.keep()
    other.finish(Counts())
    assert {path.name for path in tmp_path.iterdir()} == {f"{STEM}.kept.pcapng", f"{STEM}-2.kept.pcapng"}


def test_gaps_are_told_where_they_are_and_at_the_end(tmp_path: Path) -> None:
    one = recording(tmp_path, counts=Counts(100, 5))
    one.take(numbered(0, 2), 0.0)
    one.lose(7)
    one.take([], 0.0)
    one.lose(2)
    one.take(numbered(2, 2), 1.0)
    flush(one, Counts(), 1.0)
    one.lose(4)
    one.take(numbered(4, 1), 2.0)
    one.lose(1)
    one.end(Counts(120, 8))
    flush(one, Counts(500, 500), 3.0)
    one.finish(Counts(500, 500))
    (path,) = tmp_path.iterdir()
    assert gaps(path) == {2: 9, 4: 4}
    assert statistics(path) == (20, 3 + 14, 5)


def test_what_is_let_go_adds_to_the_gaps_beside_it(tmp_path: Path) -> None:
    one = recording(tmp_path)
    one.take(numbered(0, 2), 0.0)
    one.lose(3)
    one.take(numbered(2, 2), 0.0)
    size = one.waiting_octets // 4
    assert one.shed(size) == 3
    flush(one, Counts(), 1.0)
    one.take(numbered(4, 1), 2.0)
    assert one.shed(0) == 1
    one.take(numbered(5, 1), 3.0)
    flush(one, Counts(), 3.0)
    one.finish(Counts())
    (path,) = tmp_path.iterdir()
    assert numbers(path) == [3, 5]
    assert gaps(path) == {0: 6, 1: 1}
    assert statistics(path) == (9, 7, 2)


def test_one_that_had_to_begin_another_file_keeps_both(tmp_path: Path) -> None:
    one = recording(tmp_path)
    one.take(numbered(0, 1), 0.0)
    flush(one, Counts(), 0.0)
    one.give_up()
    assert (one.title, one.is_called(STEM)) == (STEM, True)
    one.take(numbered(1, 1), 1.0)
    flush(one, Counts(), 1.0)
    assert (one.title, one.is_called(STEM), one.is_called(f"{STEM}-3")) == (f"{STEM}-2", True, False)
    one.keep()
    one.finish(Counts())
    assert {path.name for path in tmp_path.iterdir()} == {f"{STEM}.kept.open.pcapng", f"{STEM}-2.kept.pcapng"}


@settings(deadline=None, max_examples=50)
@given(st.text(), st.text(), st.lists(st.text(), min_size=1, max_size=3))
def test_any_words_of_alerts_come_back(
    tmp_path_factory: pytest.TempPathFactory, why: str, name: str, told: list[str]
) -> None:
    folder = tmp_path_factory.mktemp("words")
    one = Recording(Folder(folder, Caps(1 << 40, 0)), STEM, Form(), TimedPositions(), why=why)
    frames = numbered(0, len(told))
    one.take(frames, 0.0)
    one.note(frames, told)
    flush(one, Counts(), 0.0, Heading(name, (name,), name, name, name))
    one.finish(Counts())
    (path,) = folder.iterdir()
    octets = path.read_bytes()
    assert read(octets).error is None
    assert [len(comments(block)) for block in blocks(octets)[2:-1]] == [1] * len(told)


HOSTILE = "\x1b]0;x\x07\u202e<script>\n\"'{};\0\ud800 " + "ö" * 40000


@pytest.fixture
def hostile_file(tmp_path: Path) -> Path:
    one = Recording(Folder(tmp_path, Caps(1 << 40, 0)), STEM, Form(snap_length=60), TimedPositions(), why=HOSTILE)
    frames = numbered(0, 50, size=20)
    one.take(frames, 0.0)
    one.note(frames[3:5], [HOSTILE, "plain"])
    one.shed(one.waiting_octets - 1)
    flush(one, Counts(), 0.0, Heading(HOSTILE, (HOSTILE,), HOSTILE, HOSTILE, HOSTILE))
    one.finish(Counts(70, 3))
    (path,) = tmp_path.iterdir()
    return path


@pytest.mark.parametrize(
    "command",
    [
        ("tshark", "-r", "{}", "-q", "-z", "expert"),
        ("capinfos", "{}"),
        ("tcpdump", "-nr", "{}"),
        ("hcxpcapngtool", "{}"),
    ],
    ids=lambda command: command[0],
)
def test_other_programs_read_it_without_a_complaint(hostile_file: Path, command: tuple[str, ...]) -> None:
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is not installed")
    done = subprocess.run(
        [word.format(hostile_file) for word in command], capture_output=True, text=True, check=False, errors="replace"
    )
    said = [
        line for line in done.stderr.splitlines() if "Running as user" not in line and "reading from file" not in line
    ]
    assert (done.returncode, said) == (0, [])
    assert not any(word in done.stdout.lower() for word in ("cut short", "malformed packet", "damaged", "corrupt"))


def test_tshark_sees_every_frame_and_comment(hostile_file: Path) -> None:
    if shutil.which("tshark") is None:
        pytest.skip("tshark is not installed")
    words = [
        "tshark",
        "-r",
        str(hostile_file),
        "-T",
        "json",
        "-e",
        "frame.comment",
        "-e",
        "frame.len",
        "-e",
        "frame.cap_len",
    ]
    packets = json.loads(subprocess.run(words, capture_output=True, check=True).stdout)
    assert len(packets) == 49
    layers = [packet["_source"]["layers"] for packet in packets]
    assert [len(layer.get("frame.comment", [])) for layer in layers[:5]] == [0, 0, 1, 1, 0]
    assert layers[3]["frame.comment"] == ["plain"]
    assert {layer["frame.cap_len"][0] for layer in layers} == {"60"}
    assert {layer["frame.len"][0] for layer in layers} == {str(len(numbered(0, 1, size=20)[0].raw))}


def test_scapy_reads_it(hostile_file: Path) -> None:
    from scapy.utils import PcapNgReader

    with PcapNgReader(str(hostile_file)) as reader:
        packets = list(reader)
    assert len(packets) == 49
    assert float(packets[0].time) == pytest.approx(NOW + 0.01)
    assert packets[0].wirelen == len(numbered(0, 1, size=20)[0].raw)
