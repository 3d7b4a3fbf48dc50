from __future__ import annotations

from collections.abc import Iterable, Sequence

import pytest
from tests.hearing.frames import ACCESS_POINTS, FLAGGED, RECEIVERS, beacon, radiotap, record

from whimbrel.events.radio import ClockStepped, ReceiverJudged
from whimbrel.hearing.hearing import Hearing
from whimbrel.wifi.capture_record import CaptureRecord
from whimbrel.wifi.frames import Frame

NOW = 1_700_000_000.0


def records(count: int, kind: str = "clean", start: float = NOW, first: int = 0) -> list[CaptureRecord]:
    frames = [beacon(ACCESS_POINTS[number % 5], number=number) for number in range(first, first + count)]
    return [record(RECEIVERS[kind](frame), start + number / 10) for number, frame in enumerate(frames, first)]


def parts(
    heard: Iterable[Sequence[Frame] | ClockStepped | ReceiverJudged],
) -> list[int | ClockStepped | ReceiverJudged]:
    """Return the heard items, with the number of frames in place of frames."""
    return [part if isinstance(part, ClockStepped | ReceiverJudged) else len(part) for part in heard]


def test_sound_frames_come_at_once() -> None:
    hearing = Hearing(live=True)
    assert parts(hearing.take(127, records(10))) == [10]
    assert not hearing.waits


def test_frames_in_doubt_wait_and_the_judgement_is_told_before_them_once() -> None:
    hearing = Hearing(live=True)
    sent = records(200, "stripped")
    assert parts(hearing.take(127, sent[:5])) == []
    assert hearing.waits
    judged, *counts = parts(hearing.take(127, sent[5:64]))
    assert isinstance(judged, ReceiverJudged)
    assert "not there" in judged.findings[0]
    assert not judged.useless
    assert counts == [64]
    assert parts(hearing.take(127, sent[64:128])) == [64]
    assert not hearing.waits


def test_what_waits_is_released_judged_by_what_there_is() -> None:
    hearing = Hearing(live=True)
    assert parts(hearing.take(127, records(3, "stripped"))) == []
    judged, count = parts(hearing.release())
    assert isinstance(judged, ReceiverJudged)
    assert count == 3
    assert parts(hearing.release()) == []


def test_a_step_comes_between_the_frames_before_and_behind_it() -> None:
    hearing = Hearing(live=False)
    sent = records(20) + records(20, start=NOW + 1e9, first=20)
    before, step, behind = parts(hearing.take(127, sent))
    assert (before, behind) == (20, 20)
    assert isinstance(step, ClockStepped)
    assert abs(step.delta - 1e9) < 1


HOURS = 5 * 3600.0


@pytest.mark.parametrize("batch", [1, 7, 64])
def test_hours_ahead_are_a_step_if_the_clocks_in_beacons_count_on(batch: int) -> None:
    hearing = Hearing(live=False)
    sent = records(90) + records(90, start=NOW + HOURS, first=90)
    heard: list[int | ClockStepped | ReceiverJudged] = []
    for first in range(0, len(sent), batch):
        heard += parts(hearing.take(127, sent[first : first + batch]))
    heard += parts(hearing.release())
    [step] = [part for part in heard if isinstance(part, ClockStepped)]
    assert abs(step.delta - HOURS) < 1
    place = heard.index(step)
    assert sum(part for part in heard[:place] if isinstance(part, int)) == 90


@pytest.mark.parametrize("live", [True, False])
@pytest.mark.parametrize("went", [HOURS, HOURS / 2, -1.0])
def test_hours_ahead_are_silence_if_those_clocks_do_not(live: bool, went: float) -> None:
    """They went on as well, or began anew; a source that tells of steps is believed whatever they show."""
    hearing = Hearing(live=live)
    shift = round(went * 10)  # beacons: ten a second
    sent = records(90) + records(90, start=NOW + HOURS - went, first=90 + shift)
    heard = [*parts(hearing.take(127, sent)), *parts(hearing.release())]
    assert not any(isinstance(part, ClockStepped) for part in heard)
    assert sum(part for part in heard if isinstance(part, int)) == 180


def test_hours_ahead_are_silence_where_the_source_tells_of_steps() -> None:
    hearing = Hearing(live=True)
    heard = parts(hearing.take(127, records(90) + records(90, start=NOW + HOURS, first=90)))
    assert not any(isinstance(part, ClockStepped) for part in heard)


def test_hours_ahead_without_beacons_that_tell_the_time_are_silence() -> None:
    hearing = Hearing(live=False)
    sent = [record(RECEIVERS["clean"](beacon(ACCESS_POINTS[0])), NOW + n / 10 + HOURS * (n > 50)) for n in range(150)]
    assert not any(isinstance(part, ClockStepped) for part in parts(hearing.take(127, sent)))


def test_another_link_type_is_another_receiver() -> None:
    hearing = Hearing(live=False)
    list(hearing.take(127, records(64, "stripped")))
    bare = [record(raw[raw[2] :], at) for at, raw, _ in records(64, first=64)]
    assert parts(hearing.take(105, bare)) == [64]
    assert parts(hearing.take(127, records(64, "stripped", first=128))) == [64]


def test_another_file_is_another_receiver() -> None:
    hearing = Hearing(live=False)
    list(hearing.take(127, records(64, "stripped")))
    assert parts(hearing.begin()) == [ReceiverJudged(findings=(), useless=False)]
    assert parts(hearing.take(127, records(64, first=64))) == [64]


def test_a_receiver_of_no_use_is_told_before_its_last_frames() -> None:
    hearing = Hearing(live=True)
    told = parts(hearing.take(127, records(40, "header unreadable")))
    assert isinstance(told[0], ReceiverJudged)
    assert told[0].useless
    short = Hearing(live=False)
    assert parts(short.take(127, records(1, "header unreadable"))) == [1]
    (judged,) = parts(short.release())
    assert isinstance(judged, ReceiverJudged)
    assert judged.useless


def test_frames_from_before_a_step_that_was_told_are_moved() -> None:
    hearing = Hearing(live=True)
    list(hearing.take(127, records(10)))
    hearing.clock_set(1e8)
    late = records(2, first=10)
    new = records(2, start=NOW + 1e8, first=12)
    (frames,) = hearing.take(127, late + new)
    assert not isinstance(frames, ClockStepped | ReceiverJudged)
    assert [round(frame.time - NOW - 1e8, 2) for frame in frames] == [1.0, 1.1, 1.2, 1.3]


def test_no_more_than_64_frames_come_at_once() -> None:
    hearing = Hearing(live=False)
    raw = radiotap(beacon(ACCESS_POINTS[0]), FLAGGED)
    counts = parts([*hearing.take(127, [record(raw)] * 63), *hearing.take(127, [record(raw)] * 64), *hearing.release()])
    assert sum(count for count in counts if isinstance(count, int)) == 127
    assert max(count for count in counts if isinstance(count, int)) <= 64


@pytest.mark.parametrize("kind", RECEIVERS)
def test_records_are_told_where_the_frames_are_theirs_unchanged(kind: str) -> None:
    hearing = Hearing(live=True)
    sent = records(640, kind)
    told = 0
    for first in range(0, len(sent), 10):
        batch = sent[first : first + 10]
        frames = [frame for part in hearing.take(127, batch) if isinstance(part, Sequence) for frame in part]
        if hearing.records:
            told += len(hearing.records)
            assert hearing.records is batch
            assert [frame.time for frame in frames] == [time for time, _, _ in batch]
            assert all(frame.raw is raw for frame, (_, raw, _) in zip(frames, batch, strict=True))
    assert told or kind != "clean"
