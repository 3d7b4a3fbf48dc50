"""Every real capture goes through ``whimbrel replay`` and must show what tshark saw; docs/captures.md has the rest."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from whimbrel.cli.commands.replay import read, to_json
from whimbrel.events.encode import encode
from whimbrel.wifi.rsn import AKMS, CIPHERS

pytestmark = pytest.mark.captures

PAGE = Path(__file__).parents[1] / "docs" / "captures.md"

NO_FRAME_CONTROL = {"aircrack-ng/wpaclean_crash.pcap"}
"""Files with a frame of which tshark reads the beginning as a header, and we do not."""
MORE_ACCESS_POINTS = {
    "aircrack-ng/wpa.cap": 1,
    "tcpdump/ieee802.11_parse_elements_oobr.pcap": 1,
    "wids-802.11x/100x0.1fap.pcap": 6,
    "wids-802.11x/deauth.pcap": 12,
}
"""Files with beacons that tshark calls malformed and gives no row, and how many access points send only such."""
CUT_SHORT = {"scapy/bad_rsn_parsing_overrides_ssid.pcap"}


def rows() -> list[str]:
    """Return the names of the captures, or one that stands for none."""
    expected = Path(__file__).parents[2] / "shared" / "captures" / "expected.json"
    return sorted(json.loads(expected.read_text())) if expected.exists() else ["none"]


@pytest.fixture(scope="module")
def expected(captures: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((captures / "expected.json").read_text())
    return loaded


@pytest.mark.parametrize("name", rows())
def test_a_replay_shows_what_tshark_saw(name: str, captures: Path, expected: dict[str, Any]) -> None:
    want, got = expected[name], encode(to_json(read(captures / name)))
    assert got["frames"] == want["frames"]
    assert bool(got["damage"]) == (name in CUT_SHORT)
    if name not in NO_FRAME_CONTROL:
        assert got["subtypes"] == want["subtypes"]
    reasons = {code: number for code, number in want["disconnect_reasons"].items() if code}
    assert got["disconnect_reasons"] == reasons
    assert eapol(got["eapol"]) == want["eapol"]
    probes = {station: set(names) - {"<MISSING>"} for station, names in want["probe_requests"].items()}
    ours = {station: {name for name in names if name} for station, names in got["probe_requests"].items()}
    assert {station: names for station, names in ours.items() if names} == {s: n for s, n in probes.items() if n}

    beaconing = {ap["bssid"]: ap for ap in got["access_points"] if ap["beacons"]}
    left_out = set(want["access_points"]) - set(beaconing)
    assert len(left_out) <= got["made_up"]  # the members of a flood are counted, and listed nowhere
    assert len(beaconing) + len(left_out) - len(want["access_points"]) == MORE_ACCESS_POINTS.get(name, 0)
    for bssid in want["access_points"].keys() - left_out:
        compare(beaconing[bssid], want["access_points"][bssid])


def eapol(counts: dict[str, int]) -> dict[str, int]:
    """Return our counts under tshark's names."""
    names = {"eap": "type0 msg-"} | {f"M{n}": f"type3 msg{n}" for n in range(1, 5)}
    return {names[message]: number for message, number in counts.items()}


def compare(ap: dict[str, Any], row: dict[str, Any]) -> None:
    assert ap["beacons"] == row["beacons"]
    names = {name for name in row["ssid_hex"] if name != "<MISSING>" and name.strip("0")}
    assert names <= set(ap["names_hex"])
    assert bool(names) or ap["hidden"] or not ap["ssid"]
    for key in ("channel", "interval"):
        assert str(ap[key]) in row[key] or not row[key]
    assert ap["country"] in (row["country"] or [""])
    assert (ap["wps"], ap["wpa1"]) == (row["wps"], row["wpa1"])
    assert ap["privacy"] == ("1" in row["privacy"])
    assert ap["mfp_required"] == ("1" in row["mfp_required"])
    assert ap["mfp_capable"] == ("1" in row["mfp_capable"])
    assert suites(row["akm"], AKMS) <= set(ap["akms"])
    assert suites(row["pairwise"], CIPHERS) <= set(ap["ciphers"])
    assert suites(row["group"], CIPHERS) <= {ap["group_cipher"]}


def suites(values: list[str], names: Any) -> set[str]:
    """Return the names of suites that tshark gives by their types alone."""
    return {names[b"\x00\x0f\xac" + bytes([int(number)])] for value in values for number in value.split(",") if number}


def test_every_disagreement_is_explained(captures: Path) -> None:
    text = PAGE.read_text()
    for name in (*NO_FRAME_CONTROL, *MORE_ACCESS_POINTS, *CUT_SHORT):
        assert name in text
