from __future__ import annotations

from whimbrel.detections.listening import ListeningClocks


def test_a_channel_that_two_listen_to_counts_once() -> None:
    clocks = ListeningClocks()
    assert clocks.enter(2437, 10.0) == (0.0, 10.0)
    assert clocks.enter(2437, 12.0) == (0.0, 10.0), "somebody has been there since 10"
    clocks.leave(2437, 13.0)
    assert clocks.at(2437) == (0.0, 10.0)
    clocks.leave(2437, 15.0)
    assert not clocks.running
    assert clocks.enter(2437, 20.0) == (5.0, 20.0)


def test_two_channels_run_at_once() -> None:
    clocks = ListeningClocks()
    clocks.enter(2412, 0.0)
    clocks.enter(5180, 1.0)
    clocks.leave(2412, 4.0)
    clocks.leave(5180, 4.0)
    assert (clocks.enter(2412, 9.0)[0], clocks.enter(5180, 9.0)[0]) == (4.0, 3.0)


def test_deaf_time_counts_nowhere_and_time_never_runs_back() -> None:
    clocks = ListeningClocks()
    clocks.enter(2412, 0.0)
    clocks.skip(100.0)
    clocks.leave(2412, 103.0)
    assert clocks.enter(2412, 110.0)[0] == 3.0
    clocks.leave(2412, 109.0)
    assert clocks.enter(2412, 120.0)[0] == 3.0


def test_channels_are_bounded() -> None:
    clocks = ListeningClocks()
    for freq in range(1000):
        clocks.enter(freq, 0.0)
        clocks.leave(freq, 1.0)
    assert clocks.enter(0, 5.0)[0] == 0.0, "the first one was forgotten"
    assert clocks.enter(999, 5.0)[0] == 1.0
