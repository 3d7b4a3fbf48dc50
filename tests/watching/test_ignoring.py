from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.survey.air import AP, STA, beacon, probe

from whimbrel.detections.registry import all_detections
from whimbrel.events.air import StationFound
from whimbrel.events.radio import FrameBatch
from whimbrel.module import VerbError
from whimbrel.modules.watcher import Watcher, WatcherSettings
from whimbrel.testing import Lab, run_module
from whimbrel.watching.ignoring import MOST, BadList, parse, read, recall, text

ADDRESSES = st.binary(min_size=6, max_size=6)


def settings(tmp_path: Path) -> WatcherSettings:
    return WatcherSettings(
        learned=tmp_path / "guarded.yaml", ignored=tmp_path / "ignored.txt", remembered=Path("/dev/null")
    )


async def ask(lab: Lab, verb: str, **request: Any) -> Any:
    answer = lab.ctx.verbs.find(verb)
    assert answer is not None
    return await answer(request)


async def hear(lab: Lab, *stations: bytes, time: float) -> None:
    lab.publish(FrameBatch(frames=[beacon(time=time), *(probe(ta=station, time=time) for station in stations)]))
    await lab.event(StationFound, lambda found: found.station == stations[-1])


async def test_who_is_here_is_ignored_and_stays_so(tmp_path: Path) -> None:
    gone = STA[:5] + b"\x01"
    async with run_module(Watcher, settings(tmp_path)) as lab:
        await lab.ready()
        await hear(lab, gone, time=1000.0)
        await hear(lab, STA, time=1200.0)
        answer = await ask(lab, "ignore")
        assert (answer.addresses, answer.changed) == ((AP, STA), 2)
        assert (await ask(lab, "ignore")).changed == 0
    assert read(tmp_path / "ignored.txt") == {AP, STA}
    async with run_module(Watcher, settings(tmp_path)) as lab:
        await lab.ready()
        assert (await ask(lab, "ignored")).addresses == (AP, STA)
        assert lab.module.detections.air.ignored == {AP, STA}  # type: ignore[attr-defined]
        assert (await ask(lab, "ignore", addresses=[AP.hex(":")], forget=True)).addresses == (STA,)
        assert (await ask(lab, "ignore", addresses=[gone.hex(":")])).addresses == tuple(sorted((STA, gone)))
        assert (await ask(lab, "ignore", forget=True)).addresses == ()
        assert lab.module.detections.air.ignored == frozenset()  # type: ignore[attr-defined]


async def test_what_is_edited_by_hand_is_kept(tmp_path: Path) -> None:
    async with run_module(Watcher, settings(tmp_path)) as lab:
        await lab.ready()
        (tmp_path / "ignored.txt").write_text("# mine\n---\n00:11:22:33:44:99 # watch\r\n\n...\n")
        answer = await ask(lab, "ignore", addresses=[AP.hex(":")])
        assert answer.addresses == (AP, bytes.fromhex("001122334499"))


async def test_a_list_with_a_mistake_is_not_written_over(tmp_path: Path) -> None:
    (tmp_path / "ignored.txt").write_text("---\n00:11:22:33:44:55\nmy watch\n...\n")
    async with run_module(Watcher, settings(tmp_path)) as lab:
        await lab.ready()
        assert "line 3: expected" in lab.ctx.warnings["ignored"]
        with pytest.raises(VerbError, match="line 3"):
            await ask(lab, "ignore", addresses=[AP.hex(":")])
        assert "my watch" in (tmp_path / "ignored.txt").read_text()
        (tmp_path / "ignored.txt").unlink()
        await ask(lab, "ignore", addresses=[AP.hex(":")])
        assert "ignored" not in lab.ctx.warnings


async def test_a_list_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "ignored.txt").mkdir()
    async with run_module(Watcher, settings(tmp_path)) as lab:
        await lab.ready()
        assert "Is a directory" in lab.ctx.warnings["ignored"]
        with pytest.raises(VerbError, match="Is a directory"):
            await ask(lab, "ignore")


@pytest.mark.parametrize(
    "request_", [{"forget": 1}, {"addresses": "all"}, {"addresses": [7]}, {"addresses": ["00:11"]}, {"addresses": {}}]
)
async def test_what_is_no_wish(tmp_path: Path, request_: dict[str, Any]) -> None:
    async with run_module(Watcher, settings(tmp_path)) as lab:
        await lab.ready()
        with pytest.raises(VerbError, match="expected"):
            await ask(lab, "ignore", **request_)


async def test_visitors(tmp_path: Path) -> None:
    async with run_module(Watcher, settings(tmp_path)) as lab:
        await lab.ready()
        for step in range(40):
            frames = [
                beacon(bssid=AP[:5] + bytes((number,)), name=b"%d" % number, time=1000.0 + step * 10)
                for number in range(6)
            ]
            lab.publish(FrameBatch(frames=[*frames, probe(ta=STA, time=1000.0 + step * 10)]))
        marker = b"\x02" + STA[1:]
        await hear(lab, marker, time=1401.0)
        answer = await ask(lab, "visitors")
        row = next(row for row in answer.visitors if row.address == STA)
        assert (row.places, row.randomised, row.vendor) == (1, False, row.vendor)
        assert 1100 < row.first < row.last <= 1401
        assert answer.near >= 7
        assert answer.left_out == 0


async def test_without_the_rule_there_are_none(tmp_path: Path) -> None:
    rule = next(cls for cls in all_detections() if cls.rule == "follower")
    off = WatcherSettings(learned=tmp_path / "g", ignored=tmp_path / "i", remembered=Path("/dev/null"))
    vars(off.detections)["follower"] = rule.Settings(enabled=False)
    async with run_module(Watcher, off) as lab:
        await lab.ready()
        with pytest.raises(VerbError, match="followers are not detected"):
            await ask(lab, "visitors")


@hypothesis.settings(max_examples=20)  # each is hundreds of files
@given(st.frozensets(ADDRESSES, min_size=1, max_size=3))
def test_every_cut_of_the_list_is_known_as_one(
    tmp_path_factory: pytest.TempPathFactory, addresses: frozenset[bytes]
) -> None:
    path = tmp_path_factory.mktemp("state") / "ignored.txt"
    whole = text(addresses).encode()
    path.write_bytes(whole)
    assert recall(path).value == addresses
    for end in range(len(whole) - len("\n")):
        path.write_bytes(whole[:end])
        value, problem = recall(path)
        assert (value, bool(problem)) == (addresses, True), whole[:end]
    path.write_bytes(whole)
    assert recall(path) == (addresses, "")


def test_a_list_without_its_marks_is_refused_with_both() -> None:
    for content in (b"# mine\n", b"00:11:22:33:44:55\n", b"\n"):
        with pytest.raises(BadList, match="the line --- above the addresses, and"):
            parse(content)


@given(st.frozensets(ADDRESSES, max_size=20))
def test_what_is_written_is_read(addresses: frozenset[bytes]) -> None:
    assert parse(text(addresses).encode()) == addresses


@given(st.binary(max_size=200))
def test_whatever_the_file_holds(content: bytes) -> None:
    with contextlib.suppress(BadList):
        assert all(len(address) == 6 for address in parse(content))


def test_what_a_mistake_shows_is_harmless() -> None:
    with pytest.raises(BadList) as told:
        parse(b"---\n\x1b[2J\xff\r\x00\n...\n")
    assert str(told.value).isprintable()


def test_a_list_that_is_too_long(tmp_path: Path) -> None:
    addresses = [number.to_bytes(6, "big") for number in range(MOST + 1)]
    with pytest.raises(BadList, match="at most"):
        parse(text(addresses).encode())
    (tmp_path / "large").write_bytes(b"#" * ((1 << 20) + 1))
    with pytest.raises(BadList, match="1 MiB"):
        read(tmp_path / "large")
