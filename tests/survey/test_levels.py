from __future__ import annotations

from tests.survey.air import AP, beacon

from whimbrel.survey.levels import ReceiverLevels
from whimbrel.wifi.frames import Frame


def at(seconds: float, rssi: int | None = -50) -> Frame:
    return beacon(time=1000.0 + seconds, rssi=rssi)


def test_both_strengths_are_kept() -> None:
    levels = ReceiverLevels()
    for n in range(9):
        levels.note(at(n / 10, -40), 0, at_home=True)
        levels.note(at(n / 10, -71), 1, at_home=True)
    first, second = levels.rows(AP)
    assert (first.receiver, first.rssi.smoothed, first.frames, first.last) == (0, -40, 9, 1000.8)
    assert (second.receiver, second.rssi.smoothed, second.frames) == (1, -71, 9)
    assert levels.rows(b"nobody") == ()


def test_the_level_that_counts_is_that_of_one_receiver_until_it_is_silent() -> None:
    levels = ReceiverLevels()
    assert levels.note(at(0), 0, at_home=True)
    assert not levels.note(at(1), 1, at_home=True)
    assert levels.note(at(2), 0, at_home=True)
    assert not levels.note(at(11), 1, at_home=True)
    assert levels.note(at(13), 1, at_home=True), "the other has been silent for more than 10 s"
    assert not levels.note(at(14), 0, at_home=True)


def test_the_receiver_on_its_own_channel_stands_for_it() -> None:
    levels = ReceiverLevels()
    assert levels.note(at(0), 1, at_home=False)
    assert levels.note(at(0.1), 0, at_home=True)
    assert not levels.note(at(0.2), 1, at_home=False)
    assert levels.note(at(11), 0, at_home=True)


def test_a_frame_without_a_level_or_a_sender_changes_nothing() -> None:
    levels = ReceiverLevels()
    nobody = at(0)
    nobody.ta = None
    assert levels.note(at(0, None), 1, at_home=True)
    assert levels.note(nobody, 1, at_home=True)
    assert levels.rows(AP) == ()


def test_who_has_heard_it_lately() -> None:
    levels = ReceiverLevels()
    levels.note(at(0), 0, at_home=True)
    assert levels.heard_elsewhere(AP, 1, 1005.0)
    assert not levels.heard_elsewhere(AP, 0, 1005.0), "that is the receiver itself"
    assert not levels.heard_elsewhere(AP, 1, 1020.0)
    levels.shift(3600.0)
    assert levels.heard_elsewhere(AP, 1, 4605.0)
    assert not levels.heard_elsewhere(None, 1, 4605.0)


def test_transmitters_and_receivers_are_bounded() -> None:
    levels = ReceiverLevels()
    for n in range(3000):
        levels.note(beacon(bssid=n.to_bytes(6, "big")), 0, at_home=True)
    assert len(levels._transmitters) == 2048
    assert levels.rows((0).to_bytes(6, "big")) == (), "the one longest unheard is forgotten"
    for receiver in range(10):
        levels.note(at(0), receiver, at_home=True)
    assert len(levels.rows(AP)) == 4
