"""Two channels for one BSSID."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.detections.hearing import Hearing
from tests.detections.impersonation.two_senders import Sender, elements, together
from tests.survey.air import AP, RATES, RSN, element

from whimbrel.detections.impersonation.channels import ChannelSettings, TwoChannels
from whimbrel.wifi.frames import Frame


def visits(*senders: Sender, times: int, stay: float = 1.0) -> list[Frame]:
    """Return the frames heard by a radio that hops from one sender's channel to the next one's."""
    return [
        frame
        for visit in range(times)
        for frame in senders[visit % len(senders)].beacons(visit * stay, visit * stay + stay * 0.9)
    ]


def heard(frames: list[Frame], settings: ChannelSettings | None = None) -> Hearing:
    hearing = Hearing(TwoChannels, two_channels=settings or ChannelSettings())
    for frame in frames:
        hearing.hear(frame, tuned=frame.freq)
    return hearing


@pytest.mark.raises_alert("two-channels")
def test_beacons_that_tell_two_channels_in_turn() -> None:
    said = [Sender(said=elements(channel=channel)) for channel in (6, 11)]
    frames = together(said[0].beacons(0, 0.35), said[1].beacons(0.05, 0.4))
    assert not heard(frames[:6], settings=ChannelSettings(moves=6)).alerts
    (alert,) = heard(together(said[0].beacons(1, 3), said[1].beacons(1.05, 3))).alerts
    assert (alert.rule, alert.severity, alert.bssid, alert.count) == ("two-channels", "warning", AP, 6)
    assert "11 and 6 (2462 and 2437 MHz)" in alert.text


def test_a_copy_that_is_heard_on_another_channel() -> None:
    (alert,) = heard(visits(Sender(), Sender(freq=2462), times=12, stay=2.0)).alerts
    assert (alert.severity, alert.count) == ("warning", 6)
    assert not heard(visits(Sender(), Sender(freq=2462), times=6, stay=2.0)).alerts


def test_moves_setting() -> None:
    assert heard(visits(Sender(), Sender(freq=2462), times=6, stay=2.0), settings=ChannelSettings(moves=3)).alerts


@pytest.mark.parametrize("freq", [2427, 2442, 2452, 2457])
@pytest.mark.spares("two-channels")
def test_a_neighbouring_channel_hears_it_too(freq: int) -> None:
    assert not heard(visits(Sender(), Sender(freq=freq), times=40)).events


def six(*, control: int) -> bytes:
    """Return the elements of a beacon on channel 37 of 6 GHz, 80 MHz wide; `control` of its operation information."""
    operation = bytes((36, 0, 0, 2, 1, 0xFC, 0xFF, 37, control, 39, 0, 6))
    return element(0, b"harbour") + RATES + RSN + element(255, operation)


@pytest.mark.parametrize(("control", "freq", "alerts"), [(0x06, 6175, 0), (0x06, 6215, 1), (0x02, 6175, 1)])
def test_duplicate_beacons_within_the_announced_width_are_fine(control: int, freq: int, alerts: int) -> None:
    said = six(control=control)
    frames = visits(Sender(said=said, freq=6135), Sender(said=said, freq=freq), times=12, stay=2.0)
    assert len(heard(frames).alerts) == alerts


def test_a_strong_one_leaks_everywhere() -> None:
    assert not heard(visits(Sender(rssi=-20), Sender(freq=2472, rssi=-78), times=60)).events


def test_a_single_frame_with_the_frequency_of_the_channel_before() -> None:
    frames = list(Sender().beacons(0, 200))
    for number, frame in enumerate(frames):
        if number % 5 == 3:
            frame.freq = 2472
    assert not heard(frames).events


def test_an_access_point_that_moves() -> None:
    frames: list[Frame] = []
    for hour, channel in enumerate((6, 11, 1, 6, 13, 1, 11)):
        sender = Sender(said=elements(channel=channel), freq=2407 + 5 * channel)
        frames += sender.beacons(hour * 100.0, hour * 100.0 + 90)
    assert not heard(frames).events


def test_one_that_moves_and_does_not_say() -> None:
    said = element(0, b"harbour") + RATES
    frames: list[Frame] = []
    for hour, freq in enumerate((5180, 5260, 5180, 5500, 5180)):
        frames += Sender(said=said, freq=freq).beacons(hour * 200.0, hour * 200.0 + 190)
    assert not heard(frames).events


def test_two_bands_under_one_address_are_worth_a_notice() -> None:
    said = [Sender(said=element(0, b"harbour") + RATES, freq=freq) for freq in (2437, 5180)]
    (alert,) = heard(visits(*said, times=20, stay=2.0)).alerts
    assert (alert.severity, alert.confidence) == ("notice", "low")


def test_ad_hoc_networks_and_frames_without_frequency() -> None:
    assert not heard(visits(Sender(capability=2), Sender(capability=2, freq=2462), times=40)).events
    assert not heard(visits(Sender(), Sender(freq=0), times=40)).events


@given(st.lists(st.tuples(st.sampled_from((0, 1, 2412, 2437, 2472, 5180, 65535)), st.integers(0, 255)), max_size=60))
def test_any_channels_are_judged(said: list[tuple[int, int]]) -> None:
    frames = []
    for number, (freq, told) in enumerate(said):
        frames.append(Sender(freq=freq, said=elements(channel=told)).beacon(number * 0.1))
    heard(frames)
