from __future__ import annotations

import pytest
from tests.survey.air import AP, STA, frame

from whimbrel.wifi.frames import Frame
from whimbrel.wifi.radios import one_radio


def heard(time: float, tsft: int | None, start: int = 0) -> Frame:
    made = frame(0x0C, STA, AP, AP, b"\7\0", time=time, tsft=tsft)
    made.start = start
    return made


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (heard(1000.0, 5_000_000), heard(1000.5, 5_500_000), True),
        (heard(1000.0, 5_000_000), heard(1000.001, 5_049_000), True),  # delivered late
        (heard(1000.0, 5_000_000), heard(1000.001, 5_052_000), False),
        (heard(1000.0, 5_000_000), heard(1000.0, 9), False),
        (heard(1000.0, 5_000_000), heard(101_000.0, 100_005_000_000), True),  # a day later
        (heard(1000.0, None), heard(1000.001, None), True),
        (heard(1000.0, None), heard(1000.001, 7), True),
        (heard(1000.0, None, 18), heard(1000.0, None, 26), False),
    ],
)
def test_a_radio_is_known_by_its_clock_or_by_its_header(one: Frame, other: Frame, expected: bool) -> None:
    assert one_radio(one, other) is expected
    assert one_radio(other, one) is expected
