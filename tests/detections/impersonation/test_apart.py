from __future__ import annotations

import pytest
from tests.survey.air import AP, STA, frame

from whimbrel.detections.impersonation.apart import apart
from whimbrel.wifi.frames import Frame


def answer(seq: int, rssi: int | None = -50, time: float = 1000.0) -> Frame:
    return frame(0x0B, STA, AP, AP, bytes(6), seq=seq, rssi=rssi, time=time)


@pytest.mark.parametrize(
    ("one", "other", "words"),
    [
        (answer(10), answer(74), ""),
        (answer(10), answer(75), "sequence numbers 10 and 75"),
        (answer(4090), answer(10), ""),  # the counter begins anew
        (answer(1, -50), answer(2, -39), ""),
        (answer(1, -50), answer(2, -38), "levels -50 and -38 dBm"),
        (answer(1, None), answer(2, -38), ""),
        (answer(1, -50), answer(2000, -30, time=1001.1), ""),  # too long ago to tell
    ],
)
def test_marks(one: Frame, other: Frame, words: str) -> None:
    assert apart(one, other) == words
