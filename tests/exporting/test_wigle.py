from __future__ import annotations

import csv
import datetime
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.exporting.places import ROW, ROWS, WAY

from whimbrel.exporting.wigle import auth_mode, write
from whimbrel.rows import SightingRow
from whimbrel.text import mac, ssid
from whimbrel.wifi.security import Protection


def test_a_file() -> None:
    assert write([ROW], WAY, "0.1") == (
        "WigleWifi-1.6,appRelease=0.1,model=Whimbrel,release=0.1,device=Whimbrel,display=,board=,brand=Whimbrel,"
        "star=Sol,body=3,subBody=0\n"
        "MAC,SSID,AuthMode,FirstSeen,Channel,Frequency,RSSI,CurrentLatitude,CurrentLongitude,AltitudeMeters,"
        "AccuracyMeters,RCOIs,MfgrId,Type\n"
        '02:11:22:33:44:55,"Café, 🦆",[WPA3-SAE-CCMP-128][WPA2-PSK-CCMP-128][WPS][ESS],2026-06-28 12:00:00,36,5180,-61,'
        "59.3293000,18.0686000,28.0,8.1,,,WIFI\n"
    )


@pytest.mark.parametrize(
    ("security", "ciphers", "said"),
    [
        ("open", (), "[ESS]"),
        ("WEP", ("WEP-40",), "[WEP][ESS]"),
        ("WPA-Personal", ("TKIP", "CCMP-128"), "[WPA-PSK-TKIP+CCMP-128][ESS]"),
        ("WPA2-Enterprise", ("CCMP-128",), "[WPA2-EAP-CCMP-128][ESS]"),
        ("WPA3-Enterprise 192-bit", ("GCMP-256",), "[WPA3-EAP_SUITE_B_192-GCMP-256][ESS]"),
        ("OWE", ("CCMP-128",), "[RSN-OWE-CCMP-128][ESS]"),
        ("OWE transition", (), "[OWE_TRANSITION][ESS]"),
    ],
)
def test_what_android_calls_it(security: str, ciphers: tuple[str, ...], said: str) -> None:
    row = ROW.replace(security=Protection.parse(security), ciphers=ciphers, wps=False)
    assert auth_mode(row) == said
    assert auth_mode(row.replace(adhoc=True)) == said.replace("[ESS]", "[IBSS]")


def test_every_way_into_a_network_has_a_name() -> None:
    for flag in Protection:
        named = auth_mode(ROW.replace(security=flag, ciphers=(), wps=False)) != "[ESS]"
        assert named is not (flag is Protection.OPEN), flag


@given(st.lists(ROWS, max_size=4))
def test_whatever_is_in_it(rows: list[SightingRow]) -> None:
    text = write(rows, [], "0.1")
    lines = text.split("\n")
    assert len(text.splitlines()) == len(lines) - 1 == len(rows) + 2  # who reads line by line sees the same
    found = list(csv.reader(lines[1:-1], strict=True))
    for row, cells in zip(rows, found[1:], strict=True):
        values = dict(zip(found[0], cells, strict=True))
        assert (values["MAC"], values["SSID"], values["Type"]) == (mac(row.bssid), ssid(row.ssid), "WIFI")
        assert re.fullmatch(r"(\[[A-Z0-9_?+-]+\])+", values["AuthMode"])
        datetime.datetime.strptime(values["FirstSeen"], "%Y-%m-%d %H:%M:%S")
        assert abs(float(values["CurrentLatitude"]) - row.strongest.latitude) < 1e-6
        assert abs(float(values["CurrentLongitude"]) - row.strongest.longitude) < 1e-6
        assert float(values["AccuracyMeters"]) >= 0
        assert int(values["RSSI"]) == row.rssi
        assert values["RCOIs"] == values["MfgrId"] == ""
        float(values["AltitudeMeters"])
