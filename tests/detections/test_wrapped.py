"""However a packet is wrapped, the survey and every rule that looks into data frames see it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from tests.detections.disruption.test_joining import logoff, start
from tests.detections.hearing import Hearing
from tests.detections.protocol.packets import PMKID, authentication, handshake, key, nonce, wps
from tests.detections.protocol.test_wps import guess
from tests.survey.air import AP, STA, beacon, from_ap, to_ap
from tests.wifi.wrapped import FOUR, IP, THREE, WRAPS, Wrap, made, name_of

from whimbrel.capture_numbers import CaptureNumbers
from whimbrel.detections.base import Detection
from whimbrel.detections.disruption.logins import EapolLogoffFlood, EapolStartFlood
from whimbrel.detections.protocol.malformed import MalformedFrames
from whimbrel.detections.protocol.nonces import NonceReuse, ZeroNonce
from whimbrel.detections.protocol.plaintext import PlaintextInProtected
from whimbrel.detections.protocol.pmkid_harvest import PmkidHarvest
from whimbrel.detections.protocol.wps import WpsBruteforce
from whimbrel.events.air import EapolSeen, HandshakeSeen
from whimbrel.wifi.frames import Frame
from whimbrel.wifi.kinds import DATA_FRAMES

EVERY_WAY = pytest.mark.parametrize("wrap", WRAPS, ids=name_of)


def rewrapped(frames: Iterable[Frame], wrap: Wrap) -> list[Frame]:
    """Return the same frames, the packets of the data frames among them wrapped another way."""
    again = []
    for number, frame in enumerate(frames):
        if frame.kind not in DATA_FRAMES:
            again.append(frame)
            continue
        assert frame.ra is not None
        assert frame.ta is not None
        packet = frame.raw[frame.body : frame.end]
        again.append(made(wrap(packet, frame.ra, frame.ta, number & 0xFFF), frame.time))
    return again


def heard(frames: Iterable[Frame], wrap: Wrap, *rules: type[Detection[Any]]) -> Hearing:
    hearing = Hearing(*rules)
    hearing.hear(beacon(time=999.0), *rewrapped(frames, wrap), tuned=2437)
    return hearing


@EVERY_WAY
def test_a_handshake_is_told(wrap: Wrap) -> None:
    findings = heard(handshake(1000.0), wrap).findings
    seen = [each for each in findings if isinstance(each, EapolSeen)]
    assert [(each.message, each.bssid, each.station) for each in seen] == [
        (message, AP, STA) for message in ("M1", "M2", "M3", "M4")
    ]
    [whole] = [each for each in findings if isinstance(each, HandshakeSeen)]
    assert (whole.bssid, whole.station, whole.ssid, whole.messages) == (AP, STA, b"harbour", (1, 2, 3, 4))


@EVERY_WAY
def test_the_report_counts_it(wrap: Wrap) -> None:
    report = CaptureNumbers()
    report.take(rewrapped(handshake(1000.0), wrap))
    assert report.eapol == {"M1": 1, "M2": 1, "M3": 1, "M4": 1}


@EVERY_WAY
def test_collecting_pmkids(wrap: Wrap) -> None:
    frames: list[Frame] = []
    for attempt in range(3):
        at = 1000.0 + attempt * 5
        frames += [
            authentication(STA, AP, time=at),
            key(1, 1, nonce(1), data=PMKID, time=at + 0.01),
            *(beacon(time=at + 0.1 + number / 10) for number in range(40)),
        ]
    [alert] = heard(frames, wrap, PmkidHarvest).alerts
    assert (alert.rule, alert.sender, alert.bssid, alert.ssid) == ("pmkid-harvest", STA, AP, b"harbour")


@EVERY_WAY
def test_guessing_wps_pins(wrap: Wrap) -> None:
    frames = [frame for attempt in range(5) for frame in guess(1000.0 + attempt * 10)]
    [alert] = heard(frames, wrap, WpsBruteforce).alerts
    assert (alert.rule, alert.sender, alert.receiver, alert.ssid) == ("wps-bruteforce", STA, AP, b"harbour")


@EVERY_WAY
@pytest.mark.parametrize(
    ("rule", "make"), [(EapolStartFlood, start), (EapolLogoffFlood, logoff)], ids=["start", "logoff"]
)
def test_floods_of_logins_and_logoffs(rule: type[Detection[Any]], make: Any, wrap: Wrap) -> None:
    frames = [make(STA, 1001 + number / 5) for number in range(15)]
    [alert] = heard(frames, wrap, rule).alerts
    assert (alert.rule, alert.bssid, alert.ssid) == (rule.rule, AP, b"harbour")


@EVERY_WAY
def test_nonces_used_again_and_empty_ones(wrap: Wrap) -> None:
    frames = [each for n in range(4) for each in handshake(1000.0 + n * 60, replay=1 + n * 2, anonce=1, snonce=10 + n)]
    [alert] = heard(frames, wrap, NonceReuse).alerts
    assert (alert.sender, alert.bssid, alert.count) == (AP, AP, 4)
    zeros = [key(1, 1 + number, bytes(32), time=1000.0 + number) for number in range(6)]
    alert = heard(zeros, wrap, ZeroNonce).alerts[0]
    assert (alert.sender, alert.bssid) == (AP, AP)


@EVERY_WAY
def test_a_length_past_the_end_of_its_packet(wrap: Wrap) -> None:
    frames = [key(1, 1 + number, length=400, time=1000.0 + number) for number in range(8)]
    assert heard(frames, wrap, MalformedFrames).rules == ["malformed"]


@pytest.mark.parametrize("wrap", THREE, ids=name_of)
@pytest.mark.parametrize("send", [to_ap, from_ap], ids=["up", "down"])
def test_data_in_clear(send: Any, wrap: Wrap) -> None:
    hearing = Hearing(PlaintextInProtected)
    hearing.hear(beacon(time=999.0), *handshake(999.5))
    flags = 2 if send is from_ap else 1
    hearing.hear(*rewrapped([send(IP, flags=flags, time=1000.0 + number) for number in range(3)], wrap))
    assert hearing.rules == ["plaintext-in-protected"]
    worsened = hearing.events[-1]
    assert (worsened.severity, worsened.confidence) == ("warning", "high")


@pytest.mark.parametrize("wrap", FOUR, ids=name_of)
def test_between_two_access_points_data_may_be_in_clear(wrap: Wrap) -> None:
    frames = [from_ap(IP, flags=2, time=1000.0 + n) for n in range(9)]
    assert not heard(frames, wrap, PlaintextInProtected).alerts


@EVERY_WAY
@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize(
    "made", [start(STA, 1000.0), logoff(STA, 1000.0), wps(4, up=False), wps(5, up=True)],
    ids=["start", "logoff", "request", "response"],
)  # fmt: skip
def test_between_whom_it_is_without_a_message_that_tells(made: Frame, wrap: Wrap, known: bool) -> None:
    hearing = Hearing()
    if known:
        hearing.hear(beacon(time=999.0))
    hearing.hear(*rewrapped([made], wrap))
    [seen] = [each for each in hearing.findings if isinstance(each, EapolSeen)]
    assert (seen.bssid, seen.station) == (AP, STA)
