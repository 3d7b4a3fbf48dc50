from __future__ import annotations

import pytest
from tests.detections.hearing import Hearing
from tests.detections.impersonation.passing import (
    OWE,
    OWE_TRANSITION,
    OWN,
    STRANGER,
    TRANSITION,
    beacons,
    disconnection,
)
from tests.survey.air import ESS, RSN, SAE, STA, beacon, response, to_ap

from whimbrel.detections.guarded import Guard, GuardedNetwork
from whimbrel.detections.impersonation.evil_twin import EvilTwin, TwinSettings
from whimbrel.events.alerts import Severity
from whimbrel.settings import Duration, Mac, Ssid
from whimbrel.wifi.security import Protection

NAME = b"harbour"


def guarding(*bssids: bytes, security: tuple[Protection, ...] = ()) -> Hearing:
    network = GuardedNetwork(Ssid(NAME), tuple(Mac(bssid) for bssid in bssids), security=security)
    return Hearing(EvilTwin, guarded=(network,))


def known(hearing: Hearing, security: bytes = RSN, seconds: int = 70) -> float:
    """Let the network be heard for a while; return the time."""
    hearing.hear(*beacons(seconds * 10, bssid=OWN, security=security))
    return 1000.0 + seconds * 1.024


@pytest.mark.raises_alert("evil-twin")
def test_a_guarded_name_by_a_stranger_raises_at_the_third_beacon() -> None:
    hearing = guarding(OWN)
    assert hearing.hear(*beacons(2, bssid=STRANGER)) == []
    (alert,) = hearing.hear(*beacons(1, 1001.0, bssid=STRANGER))
    assert alert.rule == "evil-twin"
    assert (alert.severity, alert.confidence, alert.bssid) == (Severity.CRITICAL, "medium", STRANGER)
    assert "a4:08:3c:12:34:56" in alert.text


@pytest.mark.spares("evil-twin")
def test_the_listed_access_point_and_other_names_raise_nothing() -> None:
    hearing = guarding(OWN)
    hearing.hear(*beacons(30, bssid=OWN), *beacons(30, bssid=STRANGER, name=b"another"))
    assert hearing.alerts == []


def test_an_open_one_is_critical_with_high_confidence_even_with_a_close_address() -> None:
    hearing = guarding(OWN, security=(Protection.WPA2_PERSONAL,))
    hearing.hear(*beacons(5, bssid=OWN[:5] + b"\x12", security=b""))
    (alert,) = hearing.alerts
    assert (alert.severity, alert.confidence) == (Severity.CRITICAL, "high")
    assert "open" in alert.text


def test_that_the_own_access_points_are_protected_is_known_from_the_air_too() -> None:
    hearing = guarding(OWN)
    hearing.hear(*beacons(5, bssid=OWN), *beacons(5, 1002.0, bssid=STRANGER, security=b""))
    assert [alert.confidence for alert in hearing.alerts] == ["high"]


@pytest.mark.parametrize("address", [OWN[:5] + b"\x14", b"\x02" + OWN[1:], b"\x06" + OWN[1:3] + b"\x80" + OWN[4:]])
def test_addresses_derived_from_a_listed_one_give_a_notice_of_low_confidence(address: bytes) -> None:
    hearing = guarding(OWN)
    hearing.hear(*beacons(5, bssid=OWN), *beacons(5, 1002.0, bssid=address))
    (alert,) = hearing.alerts
    assert (alert.severity, alert.confidence) == (Severity.NOTICE, "low")
    assert "another radio" in alert.text


def test_the_same_maker_gives_a_warning() -> None:
    hearing = guarding(OWN)
    hearing.hear(*beacons(5, bssid=OWN[:3] + b"\x77\x77\x77"))
    assert [(alert.severity, alert.confidence) for alert in hearing.alerts] == [(Severity.WARNING, "low")]


def test_answers_count_without_any_beacon_but_a_retransmission_does_not() -> None:
    hearing = guarding(OWN)
    answers = [response(bssid=STRANGER, name=NAME, seq=number, time=1000.0 + number) for number in range(3)]
    again = [response(bssid=STRANGER, name=NAME, seq=1, flags=0x08, time=1001.5) for _ in range(5)]
    assert hearing.hear(answers[0], answers[1], *again) == []
    assert [alert.rule for alert in hearing.hear(answers[2])] == ["evil-twin"]


def test_an_access_point_with_another_name_that_answers_to_the_guarded_one_is_seen() -> None:
    hearing = guarding(OWN)
    hearing.hear(*beacons(20, bssid=STRANGER, name=b"cafe"))
    for number in range(3):
        hearing.hear(response(bssid=STRANGER, name=NAME, seq=number, time=1003.0 + number))
    assert hearing.rules == ["evil-twin"]


def test_who_joins_it_is_told() -> None:
    hearing = guarding(OWN)
    hearing.hear(*beacons(5, bssid=STRANGER), to_ap(bssid=STRANGER, time=1002.0), *beacons(40, 1011.0, bssid=STRANGER))
    assert "1 stations joined it: 00:aa:bb:cc:dd:ee" in hearing.events[-1].text
    assert hearing.events[-1].count > 5
    assert STA.hex(":") in hearing.events[-1].text


def test_the_guarded_networks_may_change_while_it_listens() -> None:
    hearing = Hearing(EvilTwin)
    hearing.hear(*beacons(5, bssid=OWN))
    hearing.engine.guard_with(Guard((GuardedNetwork(Ssid(NAME), (Mac(OWN),)),)))
    hearing.hear(*beacons(5, 1002.0, bssid=STRANGER))
    assert hearing.rules == ["evil-twin"]


def test_more_access_points_of_one_name_raise_nothing_where_it_is_not_guarded() -> None:
    hearing = Hearing(EvilTwin)
    at = known(hearing)
    for number in range(40):
        other = bytes((0x04 + 4 * (number % 8), number, 0x55, 0x66, 0x77, number))
        hearing.hear(*beacons(12, at + number, bssid=other, security=TRANSITION if number % 2 else RSN))
    assert hearing.alerts == []


def test_an_open_copy_of_a_known_network_is_a_notice() -> None:
    hearing = Hearing(EvilTwin)
    at = known(hearing)
    assert hearing.hear(*beacons(2, at, bssid=STRANGER, security=b"")) == []
    (alert,) = hearing.hear(*beacons(1, at + 0.3, bssid=STRANGER, security=b""))
    assert (alert.severity, alert.confidence) == (Severity.NOTICE, "medium")
    assert "WPA2-Personal" in alert.text


@pytest.mark.parametrize("behind", [b"\0free", b"\n\nfree", b" " * 12 + b"x", "\u200f".encode(), b"\0"])
def test_an_open_copy_that_only_looks_as_if_it_had_the_name(behind: bytes) -> None:
    hearing = Hearing(EvilTwin)
    now = known(hearing)
    hearing.hear(*beacons(3, now, bssid=STRANGER, security=b"", name=b"harbour" + behind))
    assert hearing.rules == ["evil-twin"]


def test_a_copy_that_takes_another_name_begins_anew() -> None:
    hearing = Hearing(EvilTwin)
    other = bytes.fromhex("0024d4000020")
    hearing.hear(*(each for n in range(70) for bssid, name in ((OWN, NAME), (other, b"marina"))
                   for each in beacons(10, 1000.0 + n, bssid=bssid, name=name)))  # fmt: skip
    hearing.hear(*beacons(9, 1071.0, bssid=STRANGER, security=b""), to_ap(bssid=STRANGER, time=1072.0))
    assert [alert.ssid for alert in hearing.alerts] == [NAME]
    (alert,) = hearing.hear(*beacons(20, 1073.0, bssid=STRANGER, security=b"", name=b"marina"))
    assert (alert.ssid, alert.count) == (b"marina", 3)
    assert "joined" not in alert.text


def test_an_open_copy_while_stations_are_being_disconnected_is_a_warning() -> None:
    hearing = Hearing(EvilTwin)
    at = known(hearing)
    hearing.hear(*(disconnection(OWN, at + number) for number in range(5)))
    (alert,) = hearing.hear(*beacons(4, at + 10, bssid=STRANGER, security=b""))
    assert (alert.severity, alert.confidence) == (Severity.WARNING, "high")
    assert alert.frames == 3


def test_an_open_copy_that_is_there_before_the_disconnections_becomes_a_warning() -> None:
    for count, severity in ((4, Severity.NOTICE), (5, Severity.WARNING)):
        hearing = Hearing(EvilTwin)
        at = known(hearing)
        hearing.hear(*beacons(4, at, bssid=STRANGER, security=b""))
        hearing.hear(*(disconnection(OWN, at + 1 + number) for number in range(count)))
        hearing.hear(*beacons(40, at + 10, bssid=STRANGER, security=b""))
        assert hearing.events[-1].severity is severity


def test_an_open_copy_that_takes_a_station_from_the_network_is_a_warning() -> None:
    hearing = Hearing(EvilTwin)
    at = known(hearing)
    hearing.hear(to_ap(bssid=OWN, time=at), *beacons(4, at + 1, bssid=STRANGER, security=b""))
    before = hearing.events[-1].severity
    hearing.hear(to_ap(bssid=STRANGER, time=at + 5, flags=0x01))
    assert (before, hearing.events[-1].severity) == (Severity.NOTICE, Severity.WARNING)


def test_an_open_copy_after_too_few_disconnections_stays_a_notice() -> None:
    hearing = Hearing(EvilTwin)
    at = known(hearing)
    hearing.hear(*(disconnection(OWN, at + number) for number in range(4)))
    hearing.hear(*beacons(4, at + 10, bssid=STRANGER, security=b""))
    assert [alert.severity for alert in hearing.alerts] == [Severity.NOTICE]


def test_a_copy_that_is_protected_alike_counts_only_young_and_amid_disconnections() -> None:
    def raised(*, kicked: bool, tsf: int) -> list[Severity]:
        hearing = Hearing(EvilTwin)
        at = known(hearing)
        if kicked:
            hearing.hear(*(disconnection(OWN, at + number) for number in range(5)))
        hearing.hear(*(beacon(bssid=STRANGER, time=at + 10 + n / 10, tsf=tsf + n * 102400) for n in range(6)))
        return [alert.severity for alert in hearing.alerts]

    assert raised(kicked=True, tsf=5_000_000) == [Severity.NOTICE]
    assert raised(kicked=True, tsf=86_400_000_000) == []
    assert raised(kicked=False, tsf=5_000_000) == []


@pytest.mark.parametrize("before", [True, False])
def test_a_young_copy_with_less_protection_amid_disconnections_is_a_warning(before: bool) -> None:
    def raised(*, kicks: int = 5, tsf: int = 5_000_000, pause: float = 10.0) -> list[Severity]:
        hearing = Hearing(EvilTwin)
        at = known(hearing, security=SAE)
        kicked = [disconnection(OWN, at + number / 4) for number in range(kicks)]
        copies = [
            beacon(bssid=STRANGER, security=RSN, time=at + pause + n / 10, tsf=tsf + n * 102400) for n in range(50)
        ]
        if before:
            hearing.hear(*copies[:4])
            kicked = [disconnection(OWN, at + 2 * pause + number / 4) for number in range(kicks)]
        hearing.hear(*kicked, *(copies if not before else []))
        later = at + 3 * pause
        hearing.hear(*(beacon(bssid=STRANGER, security=RSN, time=later + n / 10, tsf=tsf) for n in range(9)))
        return [alert.severity for alert in hearing.alerts]

    assert raised() == [Severity.WARNING]
    assert raised(kicks=4) == []
    assert raised(tsf=86_400_000_000) == []
    assert raised(pause=70.0) == []


def test_a_network_not_known_for_long_says_nothing() -> None:
    hearing = Hearing(EvilTwin)
    at = known(hearing, seconds=30)
    hearing.hear(*beacons(12, at, bssid=STRANGER, security=b""))
    assert hearing.alerts == []


def test_the_open_half_of_an_owe_transition_network_is_legitimate() -> None:
    hearing = Hearing(EvilTwin)
    at = known(hearing, security=OWE)
    hearing.hear(*beacons(12, at, bssid=STRANGER, security=OWE_TRANSITION, capability=ESS))
    hearing.hear(*beacons(12, at, bssid=STRANGER[:5] + b"\x57", security=b""))
    assert hearing.alerts == []


def test_a_hotspot_that_is_open_everywhere_is_normal() -> None:
    hearing = Hearing(EvilTwin)
    at = known(hearing, security=b"")
    hearing.hear(*beacons(12, at, bssid=STRANGER, security=b""))
    assert hearing.alerts == []


def test_a_name_that_was_open_and_protected_all_along_is_normal() -> None:
    hearing = Hearing(EvilTwin)
    for number in range(70):
        hearing.hear(
            *beacons(10, 1000.0 + number, bssid=OWN), *beacons(10, 1000.0 + number, bssid=STRANGER, security=b"")
        )
    third = STRANGER[:3] + b"\1\2\3"
    hearing.hear(*beacons(12, 1071.0, bssid=third, security=b""))
    assert hearing.alerts == []


def pair(hearing: Hearing, at: float = 1000.0, *, seconds: int = 20, first: bool = False, up: float = 60.0) -> float:
    """Let a protected access point and an open one of the same name be heard together; return the time."""
    for number in range(seconds):
        now = at + number
        opened = [
            beacon(bssid=STRANGER, security=b"", time=now + n / 10, tsf=round((up + number + n / 10) * 1e6), seq=n)
            for n in range(10)
        ]
        own = list(beacons(10, now, bssid=OWN))
        hearing.hear(*(opened + own if first else own + opened))
    return at + seconds


@pytest.mark.parametrize("first", [False, True])
def test_an_open_and_a_protected_one_together_are_undecided_until_one_side_is_disconnected(first: bool) -> None:
    hearing = Hearing(EvilTwin)
    at = pair(hearing, first=first)
    hearing.hear(*(disconnection(OWN, at + n / 4) for n in range(4)))
    at = pair(hearing, at + 1.0, seconds=2)
    assert hearing.alerts == []
    hearing.hear(disconnection(OWN, at))
    pair(hearing, at + 0.1, seconds=2)
    assert [(alert.severity, alert.bssid) for alert in hearing.alerts] == [(Severity.WARNING, STRANGER)]


def test_an_open_copy_amid_disconnections_from_the_start() -> None:
    hearing = Hearing(EvilTwin)
    hearing.hear(*beacons(20, 1000.0, bssid=OWN), *(disconnection(OWN, 1002.1 + n / 10) for n in range(6)))
    pair(hearing, 1003.0, seconds=2)
    assert [alert.severity for alert in hearing.alerts] == [Severity.WARNING]


def test_what_disconnects_both_sides_accuses_neither() -> None:
    hearing = Hearing(EvilTwin)
    at = pair(hearing)
    hearing.hear(*(disconnection(bssid, at + n / 4) for n in range(6) for bssid in (STRANGER, OWN)))
    pair(hearing, at + 2.0, seconds=2)
    assert hearing.alerts == []


@pytest.mark.parametrize(("up", "wait"), [(7200.0, 0), (60.0, 650)])
def test_an_old_or_a_lasting_pair_is_one_network(up: float, wait: int) -> None:
    hearing = Hearing(EvilTwin)
    at = pair(hearing, seconds=20 + wait, up=up)
    hearing.hear(*(disconnection(OWN, at + n / 4) for n in range(6)))
    pair(hearing, at + 2.0, seconds=6, up=up + wait)
    assert hearing.alerts == []


def test_a_radio_that_becomes_protected_too_is_of_the_network() -> None:
    hearing = Hearing(EvilTwin)
    at = pair(hearing)
    hearing.hear(*beacons(20, at, bssid=STRANGER), *beacons(20, at, bssid=OWN))
    hearing.hear(*(disconnection(OWN, at + 3 + n / 4) for n in range(6)))
    hearing.hear(*beacons(40, at + 5, bssid=STRANGER))
    assert hearing.alerts == []


def test_an_undecided_one_that_takes_a_station_is_a_warning() -> None:
    hearing = Hearing(EvilTwin)
    at = pair(hearing)
    hearing.hear(to_ap(bssid=OWN, time=at), to_ap(bssid=STRANGER, time=at + 1.0))
    assert [alert.severity for alert in hearing.alerts] == [Severity.WARNING]


def test_one_that_started_after_its_network_was_heard_is_a_notice_at_once() -> None:
    hearing = Hearing(EvilTwin)
    at = known(hearing, seconds=30)
    hearing.hear(*(beacon(bssid=STRANGER, security=b"", time=at + n / 10, tsf=n * 100000) for n in range(5)))
    assert [alert.severity for alert in hearing.alerts] == [Severity.NOTICE]


def test_the_settings_move_the_threshold() -> None:
    network = GuardedNetwork(Ssid(NAME), (Mac(OWN),))
    settings = TwinSettings(frames=6, known=Duration(0.0))
    hearing = Hearing(EvilTwin, guarded=(network,), evil_twin=settings)
    assert hearing.hear(*beacons(5, bssid=STRANGER)) == []
    assert len(hearing.hear(*beacons(1, 1001.0, bssid=STRANGER))) == 1


def test_a_muted_address_stays_silent_a_trusted_one_does_not() -> None:
    network = GuardedNetwork(Ssid(NAME), (Mac(OWN),))
    muted = Hearing(EvilTwin, guarded=(network,), evil_twin=TwinSettings(mute=(Mac(STRANGER),)))
    muted.hear(*beacons(10, bssid=STRANGER))
    assert muted.alerts == []
    trusted = Hearing(EvilTwin, guarded=(network,), trusted=(STRANGER,))
    trusted.hear(*beacons(10, bssid=STRANGER))
    assert trusted.rules == ["evil-twin"]  # attackers use an access point's address


def test_hopping_changes_nothing_for_what_is_there() -> None:
    hearing = guarding(OWN)
    for visit in range(6):
        at = 1000.0 + 10 * visit
        hearing.hear(*beacons(1, at, bssid=STRANGER), *beacons(2, at + 1, bssid=OWN, freq=2462, channel=11))
    assert hearing.rules == ["evil-twin"]


@pytest.mark.parametrize("answers", [False, True])
@pytest.mark.parametrize("security", [RSN, b""])
def test_a_copy_that_was_weighed_before_its_network_was_guarded_is_weighed_anew(security: bytes, answers: bool) -> None:
    hearing = Hearing(EvilTwin)
    at = known(hearing, security=SAE)
    hearing.hear(*(beacon(bssid=STRANGER, security=security, time=at + n / 10, tsf=n) for n in range(20)))
    assert [alert.severity for alert in hearing.alerts] == ([] if security else [Severity.NOTICE])
    hearing.engine.guard_with(Guard((GuardedNetwork(Ssid(NAME), (Mac(OWN),)),)))
    if answers:
        hearing.hear(*(response(bssid=STRANGER, name=NAME, time=at + 5 + n, seq=n) for n in range(3)))
    else:
        hearing.hear(*(beacon(bssid=STRANGER, security=security, time=at + 5 + n / 10, tsf=n) for n in range(20)))
    assert hearing.events[-1].severity is Severity.CRITICAL


def test_a_suspect_that_is_then_listed_as_an_own_access_point_is_none() -> None:
    hearing = Hearing(EvilTwin)
    at = known(hearing, security=SAE)
    hearing.hear(*(beacon(bssid=STRANGER, time=at + n / 10, tsf=n) for n in range(20)))
    hearing.engine.guard_with(Guard((GuardedNetwork(Ssid(NAME), (Mac(OWN), Mac(STRANGER))),)))
    hearing.hear(*(beacon(bssid=STRANGER, time=at + 5 + n / 10, tsf=n) for n in range(20)))
    hearing.hear(*(disconnection(OWN, at + 8 + n / 4) for n in range(5)))
    hearing.hear(*(beacon(bssid=STRANGER, time=at + 10 + n / 10, tsf=n) for n in range(20)))
    assert hearing.alerts == []
