from __future__ import annotations

import pytest
from tests.detections.hearing import Hearing
from tests.survey.air import beacon, to_ap

from whimbrel.detections.weakness.retrying import ChannelInTrouble
from whimbrel.events.alerts import AlertClosed, Severity

RETRY = 0x08


def hear(hearing: Hearing, minutes: float, *, share: int, start: float = 0.0, rate: int = 3, freq: int = 2437) -> None:
    """Let it hear `rate` data frames a second, of which `share` per cent are retransmissions."""
    for n in range(int(minutes * 60 * rate)):
        flags = 0x41 | (RETRY if n * 37 % 100 < share else 0)
        hearing.hear(to_ap(bytes(40), time=1000.0 + start + n / rate, seq=n & 0xFFF, flags=flags, freq=freq))


@pytest.mark.raises_alert("channel-in-trouble")
def test_minutes_with_40_per_cent() -> None:
    hearing = Hearing(ChannelInTrouble)
    hear(hearing, 3, share=40)
    assert hearing.alerts == []
    hear(hearing, 2, share=40, start=180)
    [alert] = hearing.alerts
    assert alert.severity is Severity.NOTICE
    assert "40 % of" in alert.text
    assert "channel 6" in alert.text
    hear(hearing, 3, share=10, start=300)
    assert any(isinstance(event, AlertClosed) for event in hearing.events)


@pytest.mark.spares("channel-in-trouble")
def test_below_it() -> None:
    hearing = Hearing(ChannelInTrouble)
    hear(hearing, 10, share=39)
    assert hearing.alerts == []


@pytest.mark.spares("channel-in-trouble")
def test_bad_minutes_with_good_ones_between() -> None:
    hearing = Hearing(ChannelInTrouble)
    for n in range(6):
        hear(hearing, 2, share=60, start=240 * n)
        hear(hearing, 2, share=5, start=240 * n + 120)
    assert hearing.alerts == []


def test_few_frames_tell_nothing() -> None:
    hearing = Hearing(ChannelInTrouble)
    for n in range(1200):
        hearing.hear(
            beacon(time=1000.0 + n), to_ap(bytes(40), time=1000.2 + n, flags=0x49, freq=2412 if n % 60 else 2437)
        )
    assert [alert.text for alert in hearing.alerts if "channel 6" in alert.text] == []


def test_acknowledgements_do_not_hide_it() -> None:
    from tests.survey.air import STA, frame

    hearing = Hearing(ChannelInTrouble)
    for n in range(1500):
        hearing.hear(
            frame(0x1D, STA, STA, STA, time=1000.0 + n / 4),
            to_ap(bytes(40), time=1000.1 + n / 4, flags=0x49 if n % 2 else 0x41),
        )
    assert hearing.alerts
