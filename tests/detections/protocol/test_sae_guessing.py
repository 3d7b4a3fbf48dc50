from __future__ import annotations

from typing import Any

import pytest
from tests.detections.hearing import Hearing
from tests.survey.air import AP, SAE, STA, beacon, frame

from whimbrel.detections.protocol.sae_guessing import SaeGuessing
from whimbrel.events.alerts import Severity
from whimbrel.wifi.frames import Frame


def auth(at: float, number: int, status: int = 0, *, down: bool = False, sta: bytes = STA, **more: Any) -> Frame:
    body = b"".join(each.to_bytes(2, "little") for each in (3, number, status))
    ra, ta = (sta, AP) if down else (AP, sta)
    return frame(0x0B, ra, ta, AP, body, time=1000.0 + at, seq=int(at * 10) & 0xFFF, **more)


def login(at: float, *, sta: bytes = STA, status: int | None = 15) -> list[Frame]:
    """Return a login that the access point ends with `status`; None: it says nothing."""
    frames = [
        auth(at, 1, sta=sta),
        auth(at + 0.01, 1, down=True, sta=sta),
        auth(at + 0.02, 2, sta=sta),
    ]
    return frames + ([] if status is None else [auth(at + 0.03, 2, status, down=True, sta=sta)])


def listening() -> Hearing:
    hearing = Hearing(SaeGuessing)
    hearing.hear(beacon(time=999.0, security=SAE))
    return hearing


@pytest.mark.raises_alert("sae-guessing")
@pytest.mark.parametrize("status", [15, 1, None])
def test_one_password_after_the_other(status: int | None) -> None:
    hearing = listening()
    for n in range(9):
        hearing.hear(*login(4.0 * n, status=status))
    first = hearing.alerts[0]
    assert (first.severity, first.bssid, first.count) == (Severity.NOTICE, AP, 8)
    for n in range(20):
        hearing.hear(*login(40.0 + 2.0 * n, status=status))
    assert hearing.events[-1].severity is Severity.WARNING


@pytest.mark.parametrize(("pause", "needed", "severity"), [(2.9, 6, Severity.WARNING), (3.1, 8, Severity.NOTICE)])
def test_six_within_a_quarter_of_the_window_are_a_warning(pause: float, needed: int, severity: Severity) -> None:
    hearing = listening()
    for n in range(needed):
        assert hearing.alerts == []
        hearing.hear(*login(pause * n))
    assert [(alert.severity, alert.count) for alert in hearing.alerts] == [(severity, needed)]


def test_of_several_addresses_it_is_a_warning_at_once() -> None:
    hearing = listening()
    for n in range(8):
        assert hearing.alerts == []
        hearing.hear(*login(5.0 * n, sta=b"\x02\0\0\0\0" + bytes((n,))))
    assert [alert.severity for alert in hearing.alerts] == [Severity.WARNING]


@pytest.mark.spares("sae-guessing")
def test_logins_that_succeed_and_a_typing_error() -> None:
    hearing = listening()
    for n in range(60):
        hearing.hear(*login(2.0 * n, status=0))
    for n in range(7):
        hearing.hear(*login(200.0 + 5 * n))
    assert hearing.alerts == []


def test_what_does_not_count() -> None:
    hearing = listening()
    for n in range(60):
        hearing.hear(
            *login(2.0 * n, status=None),
            auth(2.0 * n + 0.1, 2, flags=0x08),
            frame(0x00, AP, STA, AP, bytes(4), time=1000.2 + 2 * n),
        )
    assert hearing.alerts == [], "the association shows that the login succeeded, though unheard"
