from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whimbrel.wifi.channels import (
    BANDS,
    NUMBERS,
    Channel,
    band_of,
    center_of,
    channel_label,
    channel_number,
    class_band,
    frequency,
    parse_channel,
)


@pytest.mark.parametrize(
    ("band", "number", "freq"),
    [
        ("2.4", 1, 2412),
        ("2.4", 13, 2472),
        ("2.4", 14, 2484),
        ("5", 36, 5180),
        ("5", 64, 5320),
        ("5", 144, 5720),
        ("5", 177, 5885),
        ("5", 184, 4920),
        ("5", 196, 4980),
        ("6", 1, 5955),
        ("6", 2, 5935),
        ("6", 37, 6135),
        ("6", 233, 7115),
        ("60", 1, 58320),
        ("60", 4, 64800),
    ],
)
def test_numbers_and_frequencies(band: str, number: int, freq: int) -> None:
    assert frequency(band, number) == freq
    assert channel_number(freq) == number
    assert band_of(freq) == band


def test_every_channel_has_one_frequency_and_back() -> None:
    every = {(band, number): frequency(band, number) for band in BANDS for number in NUMBERS[band]}
    assert len(set(every.values())) == len(every) == 14 + 35 + 60 + 8
    for (band, number), freq in every.items():
        assert (band_of(freq), channel_number(freq)) == (band, number)


@pytest.mark.parametrize(
    ("freq", "number", "label"),
    [
        (2432, 0, "5"), (5180, 36, "36"), (5975, 5, "6GHz:5"), (5935, 0, "6GHz:2"), (64800, 0, "60GHz:4"),
        (0, 5, "5"), (2410, 6, "6"), (0, 0, ""), (2410, 0, ""),
    ],
)  # fmt: skip
def test_a_channel_is_written_as_it_is_read(freq: int, number: int, label: str) -> None:
    assert channel_label(freq, number) == label
    if label and freq and channel_number(freq):
        assert parse_channel(label).freq == freq


@pytest.mark.parametrize(("band", "number"), [("2.4", 0), ("2.4", 15), ("5", 197), ("6", 234), ("60", 9), ("7", 1)])
def test_no_such_channel_has_no_frequency(band: str, number: int) -> None:
    assert frequency(band, number) == 0


@pytest.mark.parametrize("freq", [0, -5, 2400, 2407, 2414, 2477, 2483, 2600, 5182, 5932, 7120, 56160, 58321, 99999])
def test_no_channel_has_number_zero(freq: int) -> None:
    assert channel_number(freq) == 0


@given(st.integers(-10, 70000))
def test_any_frequency_is_that_of_its_number_or_has_none(freq: int) -> None:
    number = channel_number(freq)
    assert not number or frequency(band_of(freq), number) == freq


@pytest.mark.parametrize(
    ("band", "number", "width", "center"),
    [
        ("5", 36, 40, 5190),
        ("5", 40, 40, 5190),
        ("5", 48, 80, 5210),
        ("5", 52, 160, 5250),
        ("5", 100, 160, 5570),
        ("5", 144, 80, 5690),
        ("5", 144, 160, 0),
        ("5", 161, 80, 5775),
        ("5", 177, 160, 5815),
        ("5", 196, 40, 0),
        ("5", 37, 40, 0),
        ("6", 1, 40, 5965),
        ("6", 37, 80, 6145),
        ("6", 37, 160, 6185),
        ("6", 37, 320, 6105),
        ("6", 229, 40, 7085),
        ("6", 233, 40, 0),
        ("6", 221, 160, 6985),
        ("2.4", 6, 40, 0),
    ],
)
def test_centres_of_wide_channels(band: str, number: int, width: int, center: int) -> None:
    assert center_of(band, number, width) == center


@pytest.mark.parametrize(
    ("text", "channel", "written"),
    [
        ("6", Channel(2437), "6"),
        (" 14 ", Channel(2484), "14"),
        ("2.4GHz:1", Channel(2412), "1"),
        ("6/20", Channel(2437), "6"),
        ("6/40+", Channel(2437, 40, 2447), "6/40+"),
        ("6/40-", Channel(2437, 40, 2427), "6/40-"),
        ("36", Channel(5180), "36"),
        ("36/80", Channel(5180, 80, 5210), "36/80"),
        ("5ghz:149/40", Channel(5745, 40, 5755), "149/40"),
        ("184", Channel(4920), "184"),
        ("6GHz:37", Channel(6135), "6GHz:37"),
        ("6:37/160", Channel(6135, 160, 6185), "6GHz:37/160"),
        ("6 GHz:2", Channel(5935), "6GHz:2"),
        ("60GHz:2", Channel(60480), "60GHz:2"),
    ],
)
def test_channels_as_people_write_them(text: str, channel: Channel, written: str) -> None:
    assert parse_channel(text) == channel
    assert str(channel) == written
    assert parse_channel(written) == channel


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "expected a channel number"),
        ("six", "expected a channel number"),
        ("-6", "expected a channel number"),
        ("\u0666", "expected a channel number"),
        ("1" * 5000, "expected a channel number"),
        ("15", "not a channel of 5 GHz"),
        ("233", "6GHz:37"),
        ("6GHz:38", "not a channel of 6 GHz"),
        ("7GHz:1", "expected a band"),
        (":6", "expected a band"),
        ("6/40", "40\\+"),
        ("6/80", "40\\+"),
        ("1/40-", "no room"),
        ("13/40+", "no room"),
        ("14/40-", "no room"),
        ("36/30", "expected a width"),
        ("36/", "expected a width"),
        ("36/40+", "no channel 40\\+ MHz"),
        ("36/20+", "no channel 20\\+ MHz"),
        ("165/80+", "no channel"),
        ("144/160", "no channel 160 MHz"),
        ("60GHz:1/80", "expected a width"),
    ],
)
def test_what_is_no_channel_says_what_would_be(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        parse_channel(text)


@given(st.text(max_size=20))
def test_any_text_is_a_channel_or_a_value_error(text: str) -> None:
    try:
        channel = parse_channel(text)
    except ValueError:
        return
    assert parse_channel(str(channel)) == channel


def test_channels_know_their_number_and_band_and_sort_by_frequency() -> None:
    assert (Channel(6135).number, Channel(6135).band) == (37, "6")
    assert (str(Channel(2410)), Channel(2410).number) == ("2410MHz", 0)
    assert parse_channel("14") < parse_channel("36") < parse_channel("6GHz:1") < parse_channel("60GHz:1")


@pytest.mark.parametrize(
    ("number", "band"), [(81, "2.4"), (82, "2.4"), (115, "5"), (128, "5"), (131, "6"), (180, "60"), (1, "")]
)
def test_bands_of_operating_classes(number: int, band: str) -> None:
    assert class_band(number) == band
