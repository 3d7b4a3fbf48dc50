from __future__ import annotations

from tests.lab.clocks import Clock

from whimbrel.radio.listening import ListeningTime


def test_time_is_counted_in_all_and_by_channel() -> None:
    clock = Clock()
    time = ListeningTime(clock)
    clock.now += 50
    assert (time.total, time.by_channel) == (0.0, ())
    time.begin()
    clock.now += 1
    time.go(2437)
    clock.now += 2
    time.go(2412)
    clock.now += 3
    time.go(2437)
    clock.now += 4
    assert time.total == 10
    assert time.by_channel == ((2412, 3.0), (2437, 6.0))


def test_a_pause_does_not_count_and_an_opening_counts_from_zero() -> None:
    clock = Clock()
    time = ListeningTime(clock)
    time.begin()
    time.go(2437)
    clock.now += 1
    time.run(on=False)
    clock.now += 10
    time.go(2412)
    time.run(on=True)
    clock.now += 2
    assert (time.total, time.by_channel) == (3.0, ((2412, 2.0), (2437, 1.0)))
    time.begin()
    clock.now += 5
    assert (time.total, time.by_channel) == (5.0, ())


def test_channels_are_bounded() -> None:
    clock = Clock()
    time = ListeningTime(clock)
    time.begin()
    for freq in range(1, 1000):
        time.go(freq)
        clock.now += 1
    assert len(time.by_channel) == 128
    assert time.total == 999
