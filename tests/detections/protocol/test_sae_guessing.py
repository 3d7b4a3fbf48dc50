from __future__ import annotations

from typing import Any

import pytest
from tests.detections.hearing import Hearing
from tests.survey.air import AP, SAE, STA, beacon, frame

from whimbrel.detections.protocol.sae_guessing import SaeGuessing
from whimbrel.events.alerts import AlertUpdated, Severity
from whimbrel.text import mac
from whimbrel.wifi.frames import Frame

OTHER = bytes.fromhex("00aabbccdd01")


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
    assert first.text.endswith(f"failed at the proof of the password, of {mac(STA)}.")
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


def test_eight_addresses_that_do_not_come_back_are_a_warning() -> None:
    hearing = listening()
    for n in range(12):
        hearing.hear(*login(4.0 * n, sta=b"\x02\0\0\0\0" + bytes((n,))))
    (first,) = hearing.alerts
    assert first.severity is Severity.NOTICE
    assert first.text.endswith(", of 8 addresses or more.")
    hearing.hear(*login(48.0, sta=b"\x02\0\0\0\0\x0c"))
    assert hearing.events[-1].severity is Severity.WARNING


@pytest.mark.parametrize(("devices", "pause"), [(3, 8.0), (5, 6.0), (12, 15.0)])
def test_devices_with_an_old_password_are_a_notice(devices: int, pause: float) -> None:
    hearing = listening()
    for n in range(40):
        for device in range(devices):
            hearing.hear(*login(n * pause + device * 0.4, sta=b"\x00\xaa\0\0\0" + bytes((device,))))
    assert [alert.severity for alert in hearing.alerts] == [Severity.NOTICE]
    assert all(event.severity is Severity.NOTICE for event in hearing.events if isinstance(event, AlertUpdated))


def test_one_guesser_among_them_is_a_warning() -> None:
    hearing = listening()
    for n in range(20):
        hearing.hear(*login(8.0 * n), *login(8.0 * n + 0.5, sta=OTHER))
    hearing.hear(*(each for n in range(6) for each in login(160.0 + n, sta=b"\x02\0\0\0\0\1")))
    assert hearing.events[-1].severity is Severity.WARNING


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
