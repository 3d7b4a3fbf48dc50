"""Rules that need earlier days, fed like by the watcher: a summary, and then frames."""

from __future__ import annotations

import pytest
from tests.detections.hearing import Hearing
from tests.survey.air import AP, RSN, SAE, WPS, beacon

from whimbrel.detections.guarded import GuardedNetwork
from whimbrel.detections.past import Past
from whimbrel.detections.weakness.properties import NO_PMF
from whimbrel.detections.weakness.properties import WPS as HAS_WPS
from whimbrel.detections.weakness.returned import DETECTIONS
from whimbrel.events.alerts import Severity
from whimbrel.events.history import NetworkPast, WeaknessPast
from whimbrel.settings import Ssid
from whimbrel.wifi.security import Pmf, Protection, Security

NOW = 1_796_000_500.0
DAY = 86400.0
HARBOUR = GuardedNetwork(ssid=Ssid(b"harbour"))
SAE_ONLY = Security(Protection.WPA3_PERSONAL, Pmf.REQUIRED, ("CCMP-128",), "CCMP-128", ("SAE",))
PSK_ONLY = Security(Protection.WPA2_PERSONAL, Pmf.NONE, ("CCMP-128",), "CCMP-128", ("PSK",))


def listened(past: Past, security: bytes, *, guarded: bool = True, beacons: int = 120, late: bool = False) -> Hearing:
    """Hear one access point for `beacons`; with `late`, the summary of earlier days comes in the middle."""
    hearing = Hearing(*DETECTIONS, guarded=(HARBOUR,) if guarded else ())
    if not late:
        hearing.engine.air.past = past
    for number in range(beacons):
        if late and number == beacons // 3:
            hearing.engine.air.past = past
        hearing.hear(beacon(security=security, time=NOW + number / 2, tsf=1 + number * 500_000))
    return hearing


def protected(security: Security, ago: float, bssid: bytes = AP) -> Past:
    return Past([NetworkPast(b"harbour", bssid, security, NOW - ago)])


def weak(name: str, ago: float) -> Past:
    return Past((), [WeaknessPast(AP, name, NOW - ago)])


@pytest.mark.raises_alert("protection-fell")
@pytest.mark.parametrize("late", [False, True])
def test_an_sae_only_network_that_is_psk_now(late: bool) -> None:
    (alert,) = listened(protected(SAE_ONLY, 30 * DAY), RSN, late=late).alerts
    assert (alert.rule, alert.severity, alert.bssid, alert.ssid) == (
        "protection-fell",
        Severity.WARNING,
        AP,
        b"harbour",
    )
    assert "protects less than 30 d 0 h ago: WPA3-Personal became WPA2-Personal" in alert.text
    assert alert.frames >= 1


@pytest.mark.spares("protection-fell")
@pytest.mark.parametrize(
    ("past", "security"),
    [
        (protected(SAE_ONLY, 30 * DAY), SAE),  # as it was
        (protected(PSK_ONLY, 30 * DAY), SAE),  # better than it was
        (protected(SAE_ONLY, 300 * DAY), RSN),  # too long ago
        (protected(SAE_ONLY, -30 * DAY), RSN),  # from the future: a clock was wrong
        (protected(SAE_ONLY, 30 * DAY, b"\2" * 6), RSN),  # of another access point
        (Past(), RSN),
    ],
)
def test_what_is_no_fall(past: Past, security: bytes) -> None:
    assert listened(past, security).rules == []


def test_a_fall_of_a_network_that_nobody_guards_is_none_and_a_few_beacons_prove_nothing() -> None:
    assert listened(protected(SAE_ONLY, DAY), RSN, guarded=False).rules == []
    assert listened(protected(SAE_ONLY, DAY), RSN, beacons=40).rules == []


@pytest.mark.raises_alert("weakness-returned")
@pytest.mark.parametrize(("guarded", "severity"), [(True, Severity.WARNING), (False, Severity.NOTICE)])
def test_a_weakness_that_is_there_again(guarded: bool, severity: Severity) -> None:
    (alert,) = listened(weak(HAS_WPS, 3 * DAY), SAE + WPS, guarded=guarded).alerts
    assert (alert.rule, alert.severity) == ("weakness-returned", severity)
    assert alert.text.startswith('"harbour" (00:11:22:33:44:55) has WPS again, after 3 d')


@pytest.mark.spares("weakness-returned")
def test_a_weakness_that_is_not_there_or_was_never_gone_for_long() -> None:
    assert listened(weak(HAS_WPS, 3 * DAY), SAE).rules == []
    assert listened(weak(HAS_WPS, 600.0), SAE + WPS).rules == []
    assert listened(Past(), SAE + WPS).rules == []


def test_each_weakness_is_told_once() -> None:
    past = Past((), [WeaknessPast(AP, HAS_WPS, NOW - DAY), WeaknessPast(AP, NO_PMF, NOW - DAY)])
    hearing = listened(past, RSN + WPS)
    hearing.engine.air.past = Past((), [WeaknessPast(AP, HAS_WPS, NOW - DAY)])
    hearing.hear(*(beacon(security=RSN + WPS, time=NOW + 60 + n / 2, tsf=60_000_000 + n * 500_000) for n in range(90)))
    assert [alert.text.split(" has ")[1].split(" again")[0] for alert in hearing.alerts] == [
        "no protection of management frames",
        "WPS",
    ]
