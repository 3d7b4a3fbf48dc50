"""Every capture goes through the survey and must agree with tshark, except for the differences explained here."""

from __future__ import annotations

import contextlib
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from whimbrel.capture.chunks import CaptureError
from whimbrel.capture.reader import read_capture
from whimbrel.events.air import Disconnected, EapolSeen
from whimbrel.events.base import Body
from whimbrel.survey.survey import Survey
from whimbrel.text import mac
from whimbrel.wifi.frames import Frame
from whimbrel.wifi.linktypes import parser_for
from whimbrel.wifi.security import Pmf, Protection

pytestmark = pytest.mark.captures

AKMS = {"1": "802.1X", "2": "PSK", "3": "FT-802.1X", "4": "FT-PSK", "6": "PSK-SHA256", "8": "SAE", "9": "FT-SAE"}
CIPHERS = {"1": "WEP-40", "2": "TKIP", "4": "CCMP-128", "5": "WEP-104"}

MALFORMED_FOR_TSHARK = {
    # A Measurement Pilot Transmission element (66) of two octets, of which tshark wants the second to be a subelement.
    "wids-802.11x/100x0.1fap.pcap": 6,
    "wids-802.11x/deauth.pcap": 12,
    # The last element runs past the end of the frame; those before it count here.
    "aircrack-ng/wpa.cap": 1,
    "tcpdump/ieee802.11_parse_elements_oobr.pcap": 1,
}
"""Access points that tshark has no row for because it calls every one of their beacons malformed, by file."""


def frames(path: Path) -> Iterator[Frame]:
    with path.open("rb") as file, contextlib.suppress(CaptureError):
        for link_type, records in read_capture(file):
            parse = parser_for(link_type)
            yield from (parse(record) for record in records)


def surveyed(path: Path) -> tuple[Survey, list[Body]]:
    survey = Survey()
    found = [finding for frame in frames(path) for finding in survey.observe(frame).findings]
    return survey, [*found, *survey.finish()]


def expected(captures: Path) -> dict[str, dict[str, Any]]:
    rows: dict[str, dict[str, Any]] = json.loads((captures / "expected.json").read_text())
    return rows


def address(text: str) -> bytes:
    return bytes.fromhex(text.replace(":", ""))


def in_words(values: list[str], names: dict[str, str]) -> set[str]:
    return {names[number] for value in values for number in value.split(",")}


def check(survey: Survey, bssid: str, row: dict[str, Any]) -> None:
    ap = survey.access_points.table.entries[address(bssid)]
    said = ap.announced
    assert ap.beacons == row["beacons"]
    for name in row["ssid_hex"]:
        octets = b"" if name == "<MISSING>" else bytes.fromhex(name)
        assert octets in ap.names if octets.strip(b"\0") else said.hidden or said.ssid == b""
    assert not row["channel"] or str(said.channel) in row["channel"]
    assert str(said.interval) in row["interval"]
    assert said.country in (row["country"] or [""])
    assert said.wps == row["wps"]
    check_security(said.security, row)


def check_security(security: Any, row: dict[str, Any]) -> None:
    required, capable = "1" in row["mfp_required"], "1" in row["mfp_capable"]
    assert security.pmf == (Pmf.REQUIRED if required else Pmf.OPTIONAL if capable else Pmf.NONE)
    if row["akm"]:
        assert in_words(row["akm"], AKMS) <= set(security.akms)
        assert in_words(row["pairwise"], CIPHERS) <= set(security.ciphers)
        assert security.group in in_words(row["group"], CIPHERS)
        assert row["wpa1"] == bool(security.protection & Protection.WPA)
    elif not row["wpa1"]:
        assert security.protection is (Protection.WEP if "1" in row["privacy"] else Protection.OPEN)


def test_access_points_agree(captures: Path) -> None:
    extra: Counter[str] = Counter()
    compared = 0
    for name, want in expected(captures).items():
        survey, _ = surveyed(captures / name)
        for bssid, row in want["access_points"].items():
            check(survey, bssid, row)
            compared += 1
        for ap in survey.access_points.table.entries.values():
            if ap.beacons and mac(ap.address) not in want["access_points"]:
                extra[name] += 1
    assert compared > 100
    assert extra == MALFORMED_FOR_TSHARK


def test_probes_reasons_and_keys_agree(captures: Path) -> None:
    for name, want in expected(captures).items():
        survey, found = surveyed(captures / name)
        probed = {
            mac(station.address): sorted(each.hex() for each in station.probed)
            for station in survey.stations.table.entries.values()
            if station.probed
        }
        asked = {who: sorted({*names} - {"<MISSING>"}) for who, names in want["probe_requests"].items()}
        assert probed == {who: names for who, names in asked.items() if names}, name
        reasons = Counter(
            "" if each.reason is None else f"0x{each.reason:04x}" for each in found if isinstance(each, Disconnected)
        )
        assert reasons == want["disconnect_reasons"], name
        keys = Counter(each.message for each in found if isinstance(each, EapolSeen))
        names = {"type0 msg-": "eap", **{f"type3 msg{number}": f"M{number}" for number in range(1, 5)}}
        assert keys == {names[kind]: count for kind, count in want["eapol"].items()}, name


def test_same_findings_every_time(captures: Path) -> None:
    for name in expected(captures):
        one, two = surveyed(captures / name)[1], surveyed(captures / name)[1]
        assert one == two, name


def test_nearly_every_beacon_is_known_without_parsing(captures: Path) -> None:
    survey = Survey()
    parsed = beacons = 0
    for frame in frames(captures / "wids-802.11x" / "deauth.pcap"):
        ap = survey.access_points.table.entries.get(frame.bssid or b"")
        if frame.kind == 0x08 and ap is not None and ap.beacons:
            beacons += 1
            parsed += not ap.announced.matches(frame.raw, frame.body, frame.end)
        survey.observe(frame)
    assert beacons > 1000
    assert parsed < beacons / 50
