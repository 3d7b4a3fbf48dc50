from __future__ import annotations

from collections.abc import Iterator

from hypothesis import given, strategies
from tests.detections.hearing import Hearing
from tests.survey.air import AP, STA, beacon, frame, to_ap

from whimbrel.detections.disruption.disconnecting import DeauthFlood
from whimbrel.detections.impersonation.apart import apart
from whimbrel.detections.impersonation.levels import TwoLevels
from whimbrel.wifi.frames import Frame
from whimbrel.wifi.kinds import DEAUTH

AHEAD = 7_000_000
"""Microseconds by which the second radio's clock is ahead of the first one's."""


def by_second(first: Frame, *, tsft: bool = True, late: float = 0.0003, rssi: int = -70) -> Frame:
    """Return the frame as a second radio delivers it."""
    copy = Frame()
    for name in Frame.__slots__:
        setattr(copy, name, getattr(first, name))
    copy.time += late
    copy.rssi = rssi
    if tsft:
        first.tsft = int((first.time - 900) * 1e6)
        copy.tsft = first.tsft + AHEAD
    return copy


def twice(first: Frame, *, tsft: bool = True) -> Iterator[Frame]:
    copy = by_second(first, tsft=tsft)
    yield first
    yield copy


def proven(hearing: Hearing, *, tsft: bool = True) -> None:
    """Let it hear beacons by two radios."""
    for n in range(5):
        hearing.hear(*twice(beacon(time=1000.0 + n / 10, tsf=n * 102_400 + 1, seq=n), tsft=tsft))
    assert hearing.survey.echoes.several


def disconnection(n: int, *, again: int = 0, flags: int = 0, gap: float = 0.1) -> Frame:
    return frame(DEAUTH, STA, AP, AP, b"\7\0", time=1001.0 + n * gap + again * 0.001, seq=100 + n, flags=flags)


def test_two_radios_do_not_halve_a_threshold() -> None:
    for tsft in (True, False):
        hearing = Hearing(DeauthFlood)
        proven(hearing, tsft=tsft)
        for n in range(9):
            hearing.hear(*twice(disconnection(n), tsft=tsft))
        assert hearing.alerts == []
        [alert] = hearing.hear(*twice(disconnection(9), tsft=tsft))
        assert alert.count == 10
        assert hearing.survey.totals().echoes == 2 + 10, "all but the three that were the proof"
        assert hearing.survey.totals().frames == 8 + 10


def test_what_one_radio_hears_twice_counts_twice() -> None:
    """A sender that does not count its frames, heard by two radios."""
    hearing = Hearing(DeauthFlood)
    proven(hearing)
    for n in range(5):
        same = [disconnection(0, again=n), by_second(disconnection(0, again=n))]
        for each in same:
            each.tsft = int((each.time - 900) * 1e6) + (AHEAD if each is same[1] else 0)
        hearing.hear(*same)
    assert hearing.survey.totals().echoes == 2 + 5
    assert hearing.alerts == []
    for n in range(5, 10):
        one = disconnection(0, again=n)
        one.tsft = int((one.time - 900) * 1e6)
        hearing.hear(one)
    assert [alert.count for alert in hearing.alerts] == [10]


def test_interleaved_deliveries() -> None:
    hearing = Hearing(DeauthFlood)
    proven(hearing)
    for n in range(0, 18, 2):
        one, two = disconnection(n, gap=0.001), disconnection(n + 1, gap=0.001)
        copies = by_second(one, late=0.002), by_second(two, late=0.002)
        hearing.hear(one, two, *copies)
    assert hearing.survey.totals().echoes == 2 + 18


def test_one_radio_alone_costs_and_loses_nothing() -> None:
    hearing = Hearing(DeauthFlood)
    for n in range(50):
        first = beacon(time=1000.0 + n / 10, tsf=n * 102_400 + 1, seq=n)
        again = to_ap(time=1000.05 + n / 10, seq=n, flags=0x49)
        hearing.hear(first, again, again)
    assert not hearing.survey.echoes.several
    assert hearing.survey.totals().frames == 150


def test_beacons_of_a_tool_that_repeats_itself_are_no_proof() -> None:
    hearing = Hearing(DeauthFlood)
    for n in range(50):
        made = beacon(time=1000.0 + n * 0.002, tsf=1, seq=1)
        made.tsft = 100_000_000 + n * 2000
        hearing.hear(made)
    assert not hearing.survey.echoes.several


def test_a_frame_on_another_channel_is_another() -> None:
    hearing = Hearing(DeauthFlood)
    proven(hearing)
    one = disconnection(0)
    other = by_second(one)
    other.freq = 2412
    hearing.hear(one, other)
    assert hearing.survey.totals().echoes == 2


@given(
    strategies.lists(strategies.tuples(strategies.binary(max_size=40), strategies.floats(0, 10), strategies.booleans()))
)
def test_of_any_frames_only_repetitions_are_echoes(frames: list[tuple[bytes, float, bool]]) -> None:
    hearing = Hearing(DeauthFlood)
    proven(hearing)
    before = hearing.survey.totals().echoes
    contents = set()
    for raw, time, other in frames:
        made = Frame()
        made.raw, made.end, made.time, made.tsft = raw, len(raw), 2000 + time, AHEAD * other + int(time * 1e6)
        contents.add(raw)
        hearing.hear(made)
    assert hearing.survey.totals().echoes - before <= len(frames) - len(contents)


def test_levels_of_two_radios_are_not_compared() -> None:
    one = frame(DEAUTH, STA, AP, AP, b"\7\0", time=1000.0, rssi=-40)
    other = by_second(frame(DEAUTH, STA, AP, AP, b"\7\0", time=1000.1, rssi=-70))
    one.tsft = 100_000_000
    assert apart(one, other) == ""
    other.tsft = 100_100_000
    assert "levels" in apart(one, other)


def test_two_radios_are_not_two_levels() -> None:
    levels = []
    for several in (True, False):
        hearing = Hearing(TwoLevels)
        for n in range(600):
            far = n % 2 == 1
            made = beacon(time=1000.0 + n / 10, tsf=n * 102_400 + 1, seq=n & 0xFFF, rssi=-80 if far else -40)
            made.tsft = 100_000_000 + n * 100_000 + (AHEAD if far and several else 0)
            hearing.hear(made)
        levels.append(len(hearing.alerts))
    assert levels == [0, 1]
