"""The access points of one multi-link device (Wi-Fi 7) are one: what judges by access point must know."""

from __future__ import annotations

from tests.detections.disruption.test_removing import NEIGHBOUR, link, other
from tests.detections.hearing import Hearing
from tests.survey.air import AP, RSN, STA, beacon, ds, element, tim, to_ap
from tests.survey.air import RATES as SLOW
from tests.wifi.test_multi_link import LINK_1, MLD, as_elements, basic, reconfiguration

from whimbrel.detections.guarded import GuardedNetwork
from whimbrel.detections.impersonation.evil_twin import EvilTwin
from whimbrel.detections.impersonation.identity import FingerprintChange
from whimbrel.detections.impersonation.two_places import StationAtTwoPlaces
from whimbrel.detections.registry import all_detections
from whimbrel.settings import Mac, Ssid
from whimbrel.wording.air_tables import by_device

GUARDED = GuardedNetwork(ssid=Ssid(b"harbour"), bssids=(Mac(AP),))
STRANGER = bytes.fromhex("f4f26d000001")


def test_a_link_is_no_evil_twin_of_another() -> None:
    for guarded in ([GUARDED], []):
        hearing = Hearing(EvilTwin, guarded=guarded)
        for n in range(600):
            hearing.hear(link(0, n / 10, seq=n), *([other(n / 10 + 0.05, seq=n)] if n > 300 else []))
        assert hearing.alerts == []


def test_an_imitator_that_claims_to_be_a_link_is_a_twin() -> None:
    hearing = Hearing(EvilTwin, guarded=[GUARDED])
    for n in range(60):
        hearing.hear(link(0, n / 10, seq=n), link(2, n / 10 + 0.05, bssid=STRANGER, seq=n))
    assert [alert.bssid for alert in hearing.alerts] == [STRANGER]


def test_a_station_at_two_links_is_at_one_place() -> None:
    def changes(*, linked: bool) -> int:
        hearing = Hearing(StationAtTwoPlaces)
        hearing.hear(link(0, 0), other(0.05) if linked else other(0.05, mld=STA))
        for n in range(20):
            hearing.hear(to_ap(time=1001.0 + n / 10, seq=n), to_ap(bssid=LINK_1, time=1001.05 + n / 10, seq=n))
        return len(hearing.alerts)

    assert (changes(linked=True), changes(linked=False)) == (0, 1)


def test_the_removal_of_a_link_changes_no_fingerprint() -> None:
    hearing = Hearing(FingerprintChange)
    for n in range(3000):
        removal = ((1, 3000 - n),) if n > 1500 else ()
        hearing.hear(link(0, n / 10, *removal, seq=n & 0xFFF))
    assert hearing.alerts == []


def test_a_quiet_device_raises_nothing() -> None:
    hearing = Hearing(*all_detections(), guarded=[GUARDED])
    for n in range(2000):
        hearing.hear(link(0, n / 10, seq=n & 0xFFF), other(n / 10 + 0.05, seq=n & 0xFFF))
    assert [alert.text for alert in hearing.alerts if alert.severity in {"warning", "critical"}] == []


def test_rows_name_device_and_link_and_stand_together() -> None:
    hearing = Hearing(EvilTwin)
    hearing.hear(link(0, 0), beacon(bssid=STRANGER, name=b"x", time=1000.01), other(0.05))
    rows = {row.bssid: row for row in hearing.survey.access_point_rows()}
    assert [(rows[each].mld, rows[each].link) for each in (AP, LINK_1, STRANGER)] == [(MLD, 0), (MLD, 1), (None, None)]
    ordered = [row.bssid for row in by_device([rows[AP], rows[STRANGER], rows[LINK_1]])]
    assert ordered == [AP, LINK_1, STRANGER]


def test_a_device_is_told_by_its_basic_element_alone() -> None:
    hearing = Hearing(EvilTwin)
    elements = element(0, b"harbour") + SLOW + ds(6) + tim() + RSN + NEIGHBOUR
    hearing.hear(beacon(elements + as_elements(reconfiguration((1, 5))) + as_elements(basic(0))))
    assert hearing.survey.access_point_rows()[0].mld == MLD
    hearing = Hearing(EvilTwin)
    hearing.hear(beacon(elements + as_elements(reconfiguration((1, 5)))))
    assert hearing.survey.access_point_rows()[0].mld is None
