from __future__ import annotations

from typing import Any

import pytest
from tests.detections.hearing import Hearing
from tests.detections.impersonation.passing import OWN, STRANGER, beacons, elements
from tests.survey.air import ALL, RATES, RSN, beacon, ds, element, frame, response

from whimbrel.detections.impersonation.tools import AttackTool, ToolSettings
from whimbrel.events.alerts import Severity
from whimbrel.wifi.frames import Frame

SPAM_RATES = bytes.fromhex("010882848b962430486c")
SPAM_RSN = bytes.fromhex("30180100000fac020200000fac04000fac040100000fac020000")
MDK = bytes.fromhex("010482848b96") + bytes.fromhex("32080c1218243048606c")
AIRCRACK = bytes.fromhex("010402040b16") + bytes.fromhex("32080c1218243048606c")
HCX = bytes.fromhex("30140100000fac020100000fac040100000fac02000c") + bytes.fromhex("7f080000000000000040")
ESPRESSIF = bytes.fromhex("240ac4010203")


def pwnagotchi(payload: bytes, ta: bytes = bytes.fromhex("deadbeefdead")) -> Frame:
    parts = b"".join(element(222, payload[at : at + 255]) for at in range(0, len(payload), 255))
    return frame(0x08, ALL, ta, STRANGER, bytes(8) + b"\x64\0\x11\x04" + parts)


COUNTS = b'{"name": "beaky", "pwnd_run": 3, "pwnd_tot": 40, "face": "x", "grid_version": "1.10.3"}'

MARKED: list[tuple[Frame, str, str]] = [
    (pwnagotchi(COUNTS), "pwnagotchi", "high"),
    (pwnagotchi(COUNTS * 1, ta=OWN), "pwnagotchi", "medium"),
    (pwnagotchi(b""), "pwnagotchi", "low"),
    (beacon(element(0, b"x y") + SPAM_RATES + ds(4) + SPAM_RSN, tsf=0x0F8FF75183), "ESP8266 Deauther", "high"),
    (beacon(element(0, b"x y") + SPAM_RATES + ds(4) + SPAM_RSN), "ESP32 Marauder", "high"),
    (beacon(element(0, b"x y") + SPAM_RATES + ds(4), tsf=0x0F8FF75183), "ESP8266 Deauther", "high"),
    (beacon(element(0, b"x y") + SPAM_RATES + ds(4)), "ESP8266 Deauther", "medium"),
    (beacon(element(0, b"a") + RATES + ds(1) + element(5, b"\1\2\0\0"), tsf=0x0706050403020100), "ESP32", "high"),
    (beacon(elements(b"06 Never gonna say goodbye")), "beacon spammer", "medium"),
    (beacon(element(0, b"x") + MDK + ds(1)), "mdk", "medium"),
    (beacon(element(0, b"x") + AIRCRACK + ds(1) + element(5, b"\0\1\0\0")), "airbase-ng", "medium"),
    (response(element(0, b"x") + AIRCRACK + ds(1)), "airbase-ng", "medium"),
    (beacon(elements(b"x", HCX)), "hcxdumptool", "high"),
    (beacon(elements(b"Pineapple5_4711"), bssid=bytes.fromhex("001337a54711")), "WiFi Pineapple", "high"),
    (beacon(elements(b"Pineapple_ABCD"), bssid=STRANGER), "WiFi Pineapple", "low"),
    (beacon(elements(b""), bssid=bytes.fromhex("001337a54711"), capability=1), "WiFi Pineapple", "medium"),
    (beacon(elements(b"pwned", RSN), bssid=ESPRESSIF), "ESP8266 Deauther", "medium"),
    (beacon(elements(b"PORTAL"), bssid=STRANGER, capability=1), "evil portal", "low"),
    (beacon(element(0, b"lonely")), "hand-made", "low"),
    (beacon(element(0, b"lonely") + RATES + ds(1)), "hand-made", "low"),
]


@pytest.mark.parametrize(("marked", "tool", "confidence"), MARKED)
@pytest.mark.raises_alert("attack-tool")
def test_a_mark_raises_a_notice(marked: Frame, tool: str, confidence: str) -> None:
    (alert,) = Hearing(AttackTool).hear(marked)
    assert (alert.severity, alert.confidence) == (Severity.NOTICE, confidence)
    assert tool in alert.text


def test_the_name_of_a_pwnagotchi_is_told_and_escaped() -> None:
    (alert,) = Hearing(AttackTool).hear(pwnagotchi(COUNTS.replace(b"beaky", b"be\x1bky")))
    assert "called “be\\x1bky”" in alert.text


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"security": b""},
        {"name": b""},
        {"name": b"Pineapple"},
        {"name": b"my pwned net"},
        {"bssid": bytes.fromhex("001337a54711")},
        {"elements": element(0, b"x") + RATES + ds(1), "cut": True},
        {"elements": element(0, b"x") + RATES + ds(1), "capability": 2},
        {"elements": element(0, b"x") + RATES + ds(1) + element(221, b"\xfa\x0b\xbc\x0d" + bytes(20))},
        {"elements": element(0, b"x") + RATES + element(114, b"mesh") + element(113, bytes(7)), "capability": 0},
        {"elements": element(0, b"x") + SPAM_RATES + ds(1) + element(5, b"\0\1\0\0") + element(42, b"\0")},
    ],
)
@pytest.mark.spares("attack-tool")
def test_ordinary_beacons_have_no_mark(more: dict[str, Any]) -> None:
    hearing = Hearing(AttackTool)
    hearing.hear(*beacons(10, **{"bssid": OWN, **more}))
    assert hearing.alerts == []


def test_a_response_needs_no_tim() -> None:
    assert Hearing(AttackTool).hear(response(element(0, b"x") + RATES + ds(1))) == []


def test_many_addresses_of_one_spammer_are_one_alert() -> None:
    hearing = Hearing(AttackTool)
    for number in range(40):
        hearing.hear(beacon(elements(b"04 and desert you"), bssid=b"\2\0\0\0\1" + bytes((number,)), time=1000 + number))
    assert len(hearing.alerts) == 1


def test_it_goes_on_as_long_as_it_is_heard() -> None:
    hearing = Hearing(AttackTool)
    hearing.hear(*beacons(1200, bssid=STRANGER, name=b"PORTAL", security=b""))
    hearing.end()
    assert [event.kind for event in hearing.events if event.kind != "alert-updated"] == ["alert", "alert-closed"]


def test_less_specific_marks_can_be_left_out() -> None:
    hearing = Hearing(AttackTool, attack_tool=ToolSettings(confidence="medium"))
    assert hearing.hear(beacon(element(0, b"lonely"))) == []
    assert len(hearing.hear(beacon(elements(b"x", HCX), bssid=STRANGER))) == 1
