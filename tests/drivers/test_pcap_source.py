from __future__ import annotations

import asyncio
import contextlib
import gzip
import os
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest
from tests.capture.files import FRAME, enhanced, interface, section
from tests.lab.collector import Collector
from tests.lab.pcap import pcap_header, pcap_record

from whimbrel.drivers.pcap import PcapSettings, PcapSource
from whimbrel.drivers.ports import Losses
from whimbrel.events.base import Body
from whimbrel.events.radio import CaptureBegun, CaptureDamaged, CaptureOdd
from whimbrel.module import NotReady
from whimbrel.wifi.capture_record import CaptureRecord


def capture(path: Path, times: Sequence[float], tail: bytes = b"") -> Path:
    records = (pcap_record(FRAME + bytes([n % 256]), int(at), round(at % 1 * 1e6)) for n, at in enumerate(times))
    path.write_bytes(pcap_header() + b"".join(records) + tail)
    return path


async def replay(source: PcapSource) -> Collector:
    collector = Collector()
    await source.open()
    await source.run(collector)
    await source.close()
    return collector


class Schedule:
    """Notes when frames are delivered, in the loop's time, which the test alone moves on."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, late: float = 0.0) -> None:
        self.now = 1000.0
        self.delivered: list[tuple[float, int]] = []
        self._late = late
        self._sleep = asyncio.sleep
        monkeypatch.setattr(asyncio.get_running_loop(), "time", lambda: self.now)
        monkeypatch.setattr(asyncio, "sleep", self.sleep)

    async def sleep(self, seconds: float) -> None:
        self.now += seconds + (self._late if seconds else 0.0)
        await self._sleep(0)

    def __call__(self, _link_type: int, records: Sequence[CaptureRecord]) -> None:
        self.delivered.append((self.now - 1000.0, len(records)))

    @property
    def times(self) -> list[float]:
        return [round(at, 2) for at, count in self.delivered for _ in range(count)]


async def scheduled(monkeypatch: pytest.MonkeyPatch, path: Path, speed: float, late: float = 0.0) -> Schedule:
    source = PcapSource(PcapSettings(files=(path,), speed=speed))
    await source.open()
    with monkeypatch.context() as patch:
        schedule = Schedule(patch, late)
        await source.run(schedule)
    return schedule


async def test_files_follow_each_other(tmp_path: Path) -> None:
    files = (capture(tmp_path / "b.pcap", [5.0] * 70), capture(tmp_path / "a.pcap", [1.0, 2.0]))
    source = PcapSource(PcapSettings(files=files))
    collector = await replay(source)
    assert source.description == "b.pcap, a.pcap"
    assert [at for at, _, _ in collector.records] == [5.0] * 70 + [1.0, 2.0]
    assert collector.sizes == [64, 6, 2]
    assert source.losses() == Losses(72, 0)


async def test_a_damaged_file_is_told_and_the_next_one_read(tmp_path: Path) -> None:
    files = (capture(tmp_path / "cut.pcap", [1.0, 2.0], tail=b"\0" * 7), capture(tmp_path / "whole.pcap", [3.0]))
    source = PcapSource(PcapSettings(files=files))
    told: list[Body] = []
    source.on_event = told.append
    collector = await replay(source)
    assert [at for at, _, _ in collector.records] == [1.0, 2.0, 3.0]
    damage, begun = told
    assert isinstance(damage, CaptureDamaged)
    assert begun == CaptureBegun(file=str(files[1]))
    assert (damage.file, damage.frames) == (str(files[0]), 2)
    assert "cut short" in damage.problem


async def test_a_file_that_goes_away_while_others_are_read_is_told(tmp_path: Path) -> None:
    files = (capture(tmp_path / "a.pcap", [1.0]), capture(tmp_path / "b.pcap", [2.0]))
    source = PcapSource(PcapSettings(files=files))
    told: list[Body] = []
    source.on_event = told.append
    await source.open()
    files[0].unlink()
    collector = Collector()
    await source.run(collector)
    assert len(collector.records) == 1
    missing = CaptureDamaged(file=str(files[0]), problem="No such file or directory", frames=0)
    assert told == [missing, CaptureBegun(file=str(files[1]))]


async def test_the_capture_s_own_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = capture(tmp_path / "a.pcap", [100.0, 100.0, 100.5, 102.0, 101.9, 103.0])
    assert (await scheduled(monkeypatch, path, 1.0)).times == [0.0, 0.0, 0.5, 2.0, 2.0, 3.0]
    assert (await scheduled(monkeypatch, path, 4.0)).times == [0.0, 0.0, 0.12, 0.5, 0.5, 0.75]


async def test_delays_do_not_add_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = capture(tmp_path / "a.pcap", [100.0 + n for n in range(50)])
    times = (await scheduled(monkeypatch, path, 1.0, late=0.2)).times
    assert all(n <= at <= n + 0.21 for n, at in enumerate(times))


@pytest.mark.parametrize("jump", [2e9, -50.0])
async def test_a_clock_that_was_set_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, jump: float
) -> None:
    path = capture(tmp_path / "a.pcap", [100.0, 101.0, 101.0 + jump, 102.0 + jump])
    assert (await scheduled(monkeypatch, path, 1.0)).times == [0.0, 1.0, 1.0, 2.0]


async def test_dense_frames_come_in_few_wakes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = capture(tmp_path / "a.pcap", [100.0 + n / 250 for n in range(250)])
    schedule = await scheduled(monkeypatch, path, 1.0)
    assert sum(count for _, count in schedule.delivered) == 250
    assert len(schedule.delivered) < 130


async def test_no_file_is_refused() -> None:
    with pytest.raises(NotReady, match="files"):
        await PcapSource(PcapSettings()).open()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"GIF89a", "neither pcap nor pcapng"),
        (pcap_header(link_type=1) + pcap_record(FRAME), r"1 \(Ethernet\)"),
    ],
)
async def test_what_is_no_wifi_capture_is_refused_with_its_path(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "odd.pcap"
    path.write_bytes(content)
    good = capture(tmp_path / "good.pcap", [1.0])
    with pytest.raises(NotReady, match=rf"odd\.pcap cannot be replayed: .*{said}"):
        await PcapSource(PcapSettings(files=(good, path))).open()


def test_every_file_that_cannot_be_replayed_is_found_beforehand(tmp_path: Path) -> None:
    good = capture(tmp_path / "good.pcap", [1.0], tail=b"cut")
    odd = tmp_path / "odd.pcap"
    odd.write_bytes(b"odd")
    missing = tmp_path / "missing.pcap"
    found = list(PcapSource.check(PcapSettings(files=(odd, good, missing))))
    assert [(key, text.split()[0]) for key, text in found] == [("files", str(odd)), ("files", str(missing))]
    assert not list(PcapSource.check(PcapSettings(files=(good,))))


async def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotReady, match="No such file"):
        await PcapSource(PcapSettings(files=(tmp_path / "nothere.pcap",))).open()
    with pytest.raises(NotReady, match="is a directory"):
        await PcapSource(PcapSettings(files=(tmp_path,))).open()


def into(pipe: Path, *pieces: bytes) -> threading.Thread:
    """Write to a named pipe, piece by piece, like another program."""

    def write() -> None:
        with contextlib.suppress(BrokenPipeError), pipe.open("wb", buffering=0) as stream:
            for piece in pieces:
                stream.write(piece)

    thread = threading.Thread(target=write)
    thread.start()
    return thread


@pytest.mark.parametrize("packed", [False, True])
async def test_a_pipe_is_read_as_it_comes(tmp_path: Path, packed: bool) -> None:
    whole = capture(tmp_path / "a.pcap", [float(n) for n in range(100)]).read_bytes()
    content = gzip.compress(whole) if packed else whole
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    source = PcapSource(PcapSettings(files=(pipe, tmp_path / "a.pcap")))
    writer = into(pipe, content[:1], content[1:3], content[3:50], content[50:])
    collector = await replay(source)
    writer.join()
    assert [at for at, _, _ in collector.records] == [float(n) for n in range(100)] * 2


async def test_a_pipe_that_says_nothing_holds_neither_the_loop_nor_the_end(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    source = PcapSource(PcapSettings(files=(pipe,)))
    await source.open()
    running = asyncio.ensure_future(source.run(Collector()))
    with os.fdopen(os.open(pipe, os.O_RDWR)):  # a writer that writes nothing
        await asyncio.sleep(0)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running


async def test_what_comes_out_of_a_pipe_may_be_no_capture(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    source = PcapSource(PcapSettings(files=(pipe,)))
    told: list[Body] = []
    source.on_event = told.append
    writer = into(pipe, b"GIF89a")
    await replay(source)
    writer.join()
    (damage,) = told
    assert isinstance(damage, CaptureDamaged)
    assert "neither pcap nor pcapng" in damage.problem


async def test_a_reader_that_ends_early_lets_the_thread_go(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = into(pipe, pcap_header() + pcap_record(FRAME) * 50_000)

    def enough(_link_type: int, _records: Sequence[CaptureRecord]) -> None:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        await PcapSource(PcapSettings(files=(pipe,))).run(enough)
    writer.join()  # ends only when the pipe has no reader any more


async def test_what_is_odd_about_a_sound_file_is_told_behind_its_frames(tmp_path: Path) -> None:
    path = tmp_path / "mixed.pcapng"
    other = enhanced(b"\xff" * 60)
    path.write_bytes(section() + interface(1) + interface(127) + other * 2 + enhanced(FRAME, number=1))
    source = PcapSource(PcapSettings(files=(path,)))
    told: list[Body] = []
    source.on_event = told.append
    collector = await replay(source)
    assert len(collector.records) == 1
    remark = "frames that are not Wi-Fi were left out: 2 of 1 (Ethernet)"
    assert told == [CaptureOdd(file=str(path), remark=remark)]


@pytest.mark.parametrize("name", ["c.pcap", "c.pcap.gz"])
async def test_it_knows_how_far_it_is(tmp_path: Path, name: str) -> None:
    path = capture(tmp_path / "plain", [float(n) for n in range(20_000)])
    (tmp_path / name).write_bytes(gzip.compress(path.read_bytes(), 1) if name.endswith("gz") else path.read_bytes())
    source = PcapSource(PcapSettings(files=(tmp_path / name,)))
    shares: list[float] = []

    async def turn() -> None:
        share = source.share_read()
        assert share is not None
        shares.append(share)
        await asyncio.sleep(0)

    source.turn = turn
    assert source.share_read() is None
    await replay(source)
    assert source.share_read() is None
    assert shares == sorted(shares)
    assert 0 < shares[0] < (0.9 if name == "c.pcap" else 1.1)  # packed, it is read in a few bites
    assert shares[-1] == 1.0


async def test_of_a_pipe_nobody_knows_how_far_it_is(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    whole = capture(tmp_path / "c.pcap", [1.0, 2.0]).read_bytes()
    source = PcapSource(PcapSettings(files=(path,)))
    shares: list[float | None] = []

    async def turn() -> None:
        shares.append(source.share_read())
        await asyncio.sleep(0)

    source.turn = turn
    writer = threading.Thread(target=path.write_bytes, args=(whole,))
    writer.start()
    await replay(source)
    writer.join()
    assert set(shares) == {None}
