from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.hearing.frames import (
    ACCESS_POINTS,
    DAMAGED,
    FLAGGED,
    HONEST,
    READABLE,
    RECEIVERS,
    beacon,
    data,
    deauthentication,
    fcs,
    radiotap,
    record,
)

from whimbrel.hearing.receiver import CLOSE, EVERY, Receiver
from whimbrel.wifi.fcs import holds
from whimbrel.wifi.frames import Frame
from whimbrel.wifi.linktypes import NAMES


def air(count: int, stations: int = 5) -> list[bytes]:
    """Return frames of several kinds and senders."""
    makers = (beacon, beacon, deauthentication, data)
    return [makers[i % 4](ACCESS_POINTS[i % stations], number=i) for i in range(count)]


def heard(receiver: Receiver, frames: list[bytes], kind: str, batch: int = 7) -> list[Frame]:
    """Return the output of a receiver of some kind, including frames held back to the end."""
    raws = [RECEIVERS[kind](frame) for frame in frames]
    out: list[Frame] = []
    for first in range(0, len(raws), batch):
        out += receiver.read([record(raw, float(first)) for raw in raws[first : first + batch]])
    return out + receiver.release()


def bodies(frames: list[Frame]) -> list[bytes]:
    return [frame.raw[frame.start : frame.end] for frame in frames]


@pytest.mark.parametrize("kind", READABLE)
@pytest.mark.parametrize("batch", [1, 7, 64])
def test_every_frame_is_read_as_it_was_sent(kind: str, batch: int) -> None:
    receiver = Receiver(127)
    sent = air(300)
    frames = heard(receiver, sent, kind, batch)
    assert bodies(frames) == sent
    assert not any(frame.bad_fcs or frame.malformed or holds(frame) is False for frame in frames)
    assert {frame.length for frame in frames} == {len(frame) + 4 for frame in sent}
    assert bool(receiver.findings) is (kind not in HONEST)
    assert not receiver.useless


@pytest.mark.parametrize("kind", READABLE)
def test_one_transmitter_alone_is_enough_where_there_is_no_other(kind: str) -> None:
    sent = [(beacon if i < 48 else deauthentication)(ACCESS_POINTS[0], number=i) for i in range(88)]
    assert bodies(heard(Receiver(127), sent, kind)) == sent


@pytest.mark.parametrize("kind", ["stripped", "unflagged", "flagged bad", "no flags field, FCS there"])
def test_a_short_capture_is_judged_by_what_there_is(kind: str) -> None:
    sent = air(5)[:3]
    assert bodies(heard(Receiver(127), sent, kind)) == sent


@pytest.mark.parametrize("kind", ["header unreadable", "no header at all"])
def test_a_receiver_whose_headers_are_broken_is_of_no_use(kind: str) -> None:
    receiver = Receiver(127)
    heard(receiver, air(16), kind)
    assert receiver.useless
    assert "capture header" in receiver.findings[0]
    heard(receiver, air(EVERY * 4), "clean", batch=EVERY)
    assert not receiver.useless
    assert receiver.findings == ()


def test_one_broken_frame_says_nothing_among_sound_ones() -> None:
    receiver = Receiver(127)
    heard(receiver, air(4), "clean")
    heard(receiver, air(3), "header unreadable")
    assert not receiver.useless


def test_damage_on_the_air_is_normal() -> None:
    receiver = Receiver(127)
    raws = []
    for i, frame in enumerate(air(400)):
        broken = bytes([frame[0]]) + bytes([frame[1] ^ 0x10]) + frame[2:-1] + b"\x99"
        raws.append(
            radiotap(broken + fcs(frame), FLAGGED | DAMAGED) if i % 3 else radiotap(frame + fcs(frame), FLAGGED)
        )
    frames = receiver.read([record(raw) for raw in raws]) + receiver.release()
    assert receiver.findings == ()
    assert sum(frame.bad_fcs for frame in frames) == sum(bool(i % 3) for i in range(400))


def test_only_damaged_frames_make_a_receiver_useless_but_not_at_once() -> None:
    receiver = Receiver(127)
    raws = [record(radiotap(frame + b"\x12\x34\x56\x78", FLAGGED | DAMAGED)) for frame in map(data, ACCESS_POINTS * 60)]
    frames = receiver.read(raws[:200])
    assert not receiver.useless
    frames += receiver.read(raws[200:]) + receiver.release()
    assert len(frames) == 300
    assert all(frame.bad_fcs for frame in frames)


@pytest.mark.parametrize("kind", READABLE)
@pytest.mark.parametrize("every", [2, 30])
def test_crafted_frames_of_many_addresses_do_not_blind_it(kind: str, every: int) -> None:
    # A stranger lets bodies end in their own CRC, or in four octets of nothing, from addresses that it makes up.
    rng = random.Random(7)
    receiver = Receiver(127)
    sound, raws = [], []
    for number in range(every * 120):
        if number % every:
            frame = beacon(b"\x02" + rng.randbytes(5), number=number)
            frame += fcs(frame) if number % 2 else rng.randbytes(4)
        else:
            frame = air(20)[number // every % 20]
            sound.append(frame)
        raws.append(record(RECEIVERS[kind](frame), float(number)))
    frames = receiver.read(raws) + receiver.release()
    assert [frame.time for frame in frames] == [time for time, _, _ in raws]
    mine = frames[::every]
    lost = [
        number
        for number, (frame, sent, read) in enumerate(zip(mine, sound, bodies(mine), strict=True))
        if read != sent or frame.bad_fcs or holds(frame) is False
    ]
    # One that lies may need several frames of each access point to be found out; one that does not loses nothing.
    assert lost == [] if kind in HONEST else all(number < 60 for number in lost)


def test_a_flood_that_begins_later_changes_nothing() -> None:
    rng = random.Random(7)
    for kind in HONEST:
        receiver = Receiver(127)
        heard(receiver, air(500), kind, batch=8)
        raws = []
        for number in range(5000):
            frame = beacon(b"\x02" + rng.randbytes(5), number=number)
            frame = frame + fcs(frame) if number % 50 else air(20)[number // 50 % 20]
            raws.append(record(RECEIVERS[kind](frame), float(number)))
        mine = receiver.read(raws)[::50]
        assert bodies(mine) == [air(20)[number % 20] for number in range(100)]
        assert not any(frame.bad_fcs or holds(frame) is False for frame in mine)


def test_the_judgement_changes_with_the_receiver() -> None:
    receiver = Receiver(127)
    told = []
    for kind in ("clean", "stripped", "clean", "unflagged"):
        heard(receiver, air(20 * EVERY), kind, batch=8)
        told.append(receiver.findings)
        late = air(4 * EVERY)
        assert bodies(heard(receiver, late, kind, batch=8)) == late
    assert [bool(findings) for findings in told] == [False, True, False, True]


def test_no_more_is_held_back_than_is_looked_at() -> None:
    receiver = Receiver(127)
    frames: list[Frame] = []
    for i in range(3 * CLOSE):
        frames += receiver.read([record(radiotap(data(ACCESS_POINTS[i % 5], number=i), FLAGGED))])
        assert len(receiver.held) < CLOSE
    assert len(frames) + len(receiver.held) == 3 * CLOSE


@given(
    st.sampled_from(sorted(NAMES)),
    st.lists(st.one_of(st.binary(max_size=60), st.binary(max_size=30).map(lambda end: radiotap(end, FLAGGED)))),
)
def test_any_octets_are_read_and_none_is_lost(link_type: int, raws: list[bytes]) -> None:
    receiver = Receiver(link_type)
    out: list[Frame] = []
    for number, raw in enumerate(raws):
        out += receiver.read([record(raw, float(number))])
    out += receiver.release()
    assert [frame.time for frame in out] == [float(number) for number in range(len(raws))]
