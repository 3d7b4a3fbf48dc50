from __future__ import annotations

import pytest
from tests.drivers.sim.scenes import one, play

from whimbrel.wifi import kinds
from whimbrel.wifi.fixed import reason_fixed
from whimbrel.wifi.frames import Frame


def happening(text: str, *, seconds: float = 40, security: str = "wpa2-psk") -> list[Frame]:
    """Return the heard frames of one network, one station and an event."""
    return play(one(security, station="habit: idle", more=f"happenings: [{{{text}}}]"), seconds)


def test_reservations_are_used_and_one_for_bluetooth_is_for_oneself() -> None:
    frames = play(
        one(
            "wpa2-psk",
            generation="he",
            station="habit: idle",
            more="happenings: [{kind: reservations, at: 15s, lasts: 8s, radio: ap}]",
        ),
        25,
    )
    long = [f for f in frames if f.kind == kinds.RTS and f.duration > 11_000]
    answers = [f for f in frames if f.kind == kinds.CTS and f.duration > 11_000]
    assert len(long) > len(answers) > 20, "some are sent again"
    for asked in answers[:20]:
        during = [f for f in frames if asked.time < f.time < asked.time + asked.duration / 1e6]
        assert len([f for f in during if f.kind in kinds.DATA_FRAMES]) > 5
    own = happening("kind: coexistence, at: 15s, lasts: 6s, radio: ap", seconds=25)
    station = {f.ta for f in own if f.kind == kinds.ASSOC_REQ}
    reserved = [f for f in own if f.kind == kinds.CTS and f.duration == 30_000]
    assert len(reserved) > 15
    assert {f.ra for f in reserved} == station


@pytest.mark.parametrize("security", ["wpa2-psk", "wpa3-sae"])
def test_a_station_that_has_left_is_answered_in_clear(security: str) -> None:
    frames = happening("kind: leaving, at: 20s, radio: ap", security=security, seconds=60)
    answers = [f for f in frames if f.kind == kinds.DEAUTH and f.ta == f.bssid and not f.retry]
    assert answers
    assert {reason_fixed(f.raw, f.body, f.end) for f in answers} <= {6, 7}
    assert not any(f.protected for f in answers)
    assert len([f for f in frames if f.kind == kinds.ASSOC_REQ and not f.retry]) == 2, "it comes back"
