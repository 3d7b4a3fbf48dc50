from __future__ import annotations

from typing import Any

import pytest
from tests.survey.air import AP, RSN, SAE, STA, WPS, beacon, ds, element, feed, response, to_ap

from whimbrel.detections.alert_table import AlertTable
from whimbrel.detections.base import Claim, Clear, Detection
from whimbrel.detections.guarded import GuardedNetwork
from whimbrel.detections.learning import LONG_ENOUGH, RECENT, access_points_of, doubts, network_of, stations_of
from whimbrel.detections.options import RuleSettings
from whimbrel.events.alerts import Severity
from whimbrel.survey.survey import Survey
from whimbrel.wifi.channels import parse_channel
from whimbrel.wifi.security import Pmf, Protection

NAME = b"harbour"
TWO = bytes.fromhex("0011223344aa")
VIRTUAL = bytes.fromhex("021122334455")
FAR = bytes.fromhex("000000000009")
OTHER_MAKER = bytes.fromhex("3c5ab4000001")
OPTIONAL = bytes.fromhex("30140100000fac040100000fac040100000fac028000")
MIXED = bytes.fromhex("30180100000fac040100000fac040200000fac02000fac088000")


class Rule(Detection[Any]):
    rule = "some-rule"
    family = "impersonation"
    title = "Something is wrong"
    meaning = advice = "None."
    severity = Severity.NOTICE


def heard(seconds: float = LONG_ENOUGH + 1, *others: dict[str, Any], **own: Any) -> Survey:
    """Return a survey that has heard access points for so long, of each a few beacons at both ends of the time."""
    survey = Survey()
    moments = (0, 0.1024, 0.2048, seconds - 0.1024, seconds)
    beacons = [
        beacon(**{"time": 1000 + at, "tsf": int((1000 + at) * 1e6), "seq": number, **about})
        for number, at in enumerate(moments)
        for about in (own, *others)
    ]
    feed(survey, beacons)
    return survey


def both(other: dict[str, Any], **own: Any) -> Survey:
    return heard(LONG_ENOUGH + 1, other, **own)


def told(survey: Survey, alerts: AlertTable | None = None, known: GuardedNetwork | None = None) -> list[str]:
    now = max(ap.last for ap in survey.access_points.table.entries.values())
    own = access_points_of(survey, NAME)
    found = doubts(survey, alerts or AlertTable(frozenset()), NAME, own, now, known)
    return [doubt for doubt in found if doubt is not None]


def learn(survey: Survey, known: GuardedNetwork | None = None, *, channels: bool = False) -> GuardedNetwork:
    return network_of(NAME, access_points_of(survey, NAME), known, channels=channels)


def test_the_devices_that_work_with_it_are_learned_and_kept() -> None:
    survey = heard()
    own = access_points_of(survey, NAME)
    assert stations_of(survey, own) == []
    others = bytes.fromhex("00aabbccddff")
    feed(survey, [to_ap(bssid=own[0].address, time=own[0].last), to_ap(ta=others, bssid=STA, time=own[0].last)])
    assert stations_of(survey, own) == [STA]
    known = network_of(NAME, own, stations=stations_of(survey, own))
    assert known.stations == (STA,)
    assert network_of(NAME, own, known).stations == (STA,)


def claimed(severity: Severity = Severity.NOTICE, **about: Any) -> tuple[AlertTable, Rule]:
    alerts = AlertTable(frozenset())
    rule = Rule(RuleSettings(), None)  # type: ignore[arg-type]
    alerts.claim(rule, Claim(1, "text", severity=severity, **about), None, 1061.0, 0.0, [])
    return alerts, rule


def test_what_is_heard_is_learned() -> None:
    other = {"bssid": TWO, "channel": 36, "freq": 5180, "security": SAE}
    survey = heard(61.0, other, {"bssid": FAR, "name": b"other"}, security=OPTIONAL)
    network = learn(survey)
    assert (network.ssid, set(network.bssids)) == (NAME, {AP, TWO})
    assert network.security == (Protection.WPA2_PERSONAL, Protection.WPA3_PERSONAL)
    assert (network.pmf, network.channels) == (Pmf.OPTIONAL, ())
    assert learn(survey, channels=True).channels == (parse_channel("6"), parse_channel("36"))


def test_no_protection_of_management_frames_is_nothing_to_insist_on() -> None:
    assert learn(heard(security=RSN)).pmf is None
    assert learn(heard(security=SAE)).pmf is Pmf.REQUIRED


def test_what_the_standard_forbids_is_no_obstacle() -> None:
    lax = SAE[:-2] + b"\x80\x00"
    network = learn(heard(security=lax))
    assert (network.security, network.pmf) == ((Protection.WPA3_PERSONAL,), None)


def test_known_access_points_stay() -> None:
    known = GuardedNetwork(ssid=NAME, bssids=(TWO,), channels=(parse_channel("11"),))  # type: ignore[arg-type]
    network = learn(heard(), known, channels=True)
    assert network.bssids == (TWO, AP)
    assert network.channels == (parse_channel("11"), parse_channel("6"))


def test_ad_hoc_networks_are_not_access_points() -> None:
    assert access_points_of(heard(capability=0x0002), NAME) == []


def test_the_loudest_comes_first() -> None:
    survey = both({"bssid": TWO, "rssi": -40}, rssi=-70)
    assert [ap.address for ap in access_points_of(survey, NAME)] == [TWO, AP]


def test_a_quiet_home_gives_no_doubt() -> None:
    other = {"bssid": VIRTUAL, "channel": 36, "freq": 5180, "security": MIXED}
    neighbour = {"bssid": FAR, "name": b"next door", "rssi": -90}
    survey = heard(61.0, other, neighbour, security=OPTIONAL)
    assert told(survey) == []


def test_too_short_a_time() -> None:
    (doubt,) = told(heard(LONG_ENOUGH - 1))
    assert "was heard for only 59 s" in doubt


def test_not_there_any_more() -> None:
    survey = heard()
    feed(survey, [beacon(time=1161.0, bssid=FAR, name=b"next door")])
    (doubt,) = told(survey)
    assert "00:11:22:33:44:55 was not heard for 100 s" in doubt


def test_a_weak_signal() -> None:
    assert told(heard(rssi=-80)) == []
    (doubt,) = told(heard(rssi=-81))
    assert "weak (-81 dBm)" in doubt


@pytest.mark.parametrize("other", [b"", SAE])
def test_access_points_that_are_not_protected_alike(other: bytes) -> None:
    survey = both({"bssid": TWO, "security": other})
    (doubt,) = told(survey)
    assert doubt.startswith("its access points have different protection: ")
    assert "WPA2-Personal on 00:11:22:33:44:55" in doubt


def test_protection_that_is_not_what_it_was() -> None:
    known = GuardedNetwork(ssid=NAME, security=(Protection.WPA3_PERSONAL,))  # type: ignore[arg-type]
    (doubt,) = told(heard(), known=known)
    assert doubt == "it has WPA2-Personal now, and had WPA3-Personal before"


def test_several_makers() -> None:
    survey = both({"bssid": OTHER_MAKER})
    (doubt,) = told(survey)
    assert doubt.startswith("its access points are from several makers: ")


def test_two_transmitters_that_announce_different_things() -> None:
    survey = heard()
    for n in range(12):
        feed(
            survey, [beacon(time=1062 + n / 10, seq=n, security=RSN if n % 2 else RSN + WPS, tsf=int(1e9) + n * 102400)]
        )
    assert any("changed back and forth" in doubt for doubt in told(survey))


def test_beacons_that_come_too_soon() -> None:
    survey = heard()
    feed(survey, [beacon(time=1062 + n * 0.05, seq=n, tsf=int(2e9) + n * 51200) for n in range(40)])
    (doubt,) = told(survey)
    assert "announces a beacon every 100 time units, and one came after 50" in doubt


def test_one_that_answers_to_many_names() -> None:
    survey = heard()
    for number in range(4):
        feed(survey, [response(element(0, b"name %d" % number) + ds(6), time=1061.0)])
    assert any("answered to 5 names" in doubt for doubt in told(survey))


@pytest.mark.parametrize("name", [b"Harbour", b"harb0ur", "h\N{CYRILLIC SMALL LETTER A}rbour".encode(), b"harbour "])
def test_a_name_that_looks_alike(name: bytes) -> None:
    survey = both({"bssid": TWO, "name": name})
    (doubt,) = told(survey)
    assert doubt.startswith("there is another network with a similar name: ")


@pytest.mark.parametrize("about", [{"ssid": NAME}, {"bssid": AP}, {"sender": AP}])
def test_an_alert_about_it(about: dict[str, Any]) -> None:
    alerts, rule = claimed(**about)
    assert told(heard(), alerts) == ["alert 1 (Something is wrong) is open"]
    alerts.clear(rule, Clear(1), [])
    assert told(heard(), alerts) == ["alert 1 (Something is wrong) ended recently"]
    assert told(heard(LONG_ENOUGH + RECENT + 3), alerts) == []


def test_a_weakness_is_no_doubt() -> None:
    alerts, _ = claimed(Severity.WEAKNESS, bssid=AP)
    assert told(heard(), alerts) == []


def test_an_attack_on_somebody_else() -> None:
    for severity in (Severity.NOTICE, Severity.WARNING):
        assert told(heard(), claimed(severity, bssid=TWO)[0]) == []
    (doubt,) = told(heard(), claimed(Severity.CRITICAL, bssid=TWO)[0])
    assert doubt == "there is an attack here: alert 1 (Something is wrong) is open"


def test_of_many_alerts_the_newest_are_told() -> None:
    alerts, rule = claimed(bssid=AP)
    for number in range(2, 12):
        alerts.claim(rule, Claim(number, "text", bssid=AP), None, 1061.0, float(number), [])
    found = told(heard(), alerts)
    assert len(found) == 7
    assert found[0].startswith("alert 11 ")
    assert found[-1].startswith("and more alerts")


def test_no_more_doubts_than_a_person_reads() -> None:
    survey = Survey()
    for number in range(60):
        feed(survey, [beacon(bssid=bytes((0, 0, 0, 0, 0, number)), rssi=-90)])
    found = told(survey)
    assert len(found) == 25
    assert found[-1] == "and 96 more doubts"
