"""Recorded attacks, and recordings without any."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.detections.hearing import Hearing

from whimbrel.capture.reader import read_capture
from whimbrel.detections.disruption import (
    beaconing,
    disconnecting,
    dismissing,
    joining,
    logins,
    probing,
    reserving,
    switching,
)
from whimbrel.wifi.linktypes import parser_for

pytestmark = pytest.mark.captures

FILES = (disconnecting, dismissing, joining, logins, probing, beaconing, switching, reserving)
RULES = [rule for file in FILES for rule in file.DETECTIONS]


def heard(path: Path) -> Hearing:
    air = Hearing(*RULES)
    with path.open("rb") as file:
        for link_type, records in read_capture(file):
            parse = parser_for(link_type)
            air.hear(*(parse(record) for record in records))
    return air


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("deauth-attack/deauth.pcap", "deauth-flood"),
        ("wids-802.11x/deauth.pcap", "deauth-flood"),
        ("wids-802.11x/100x0.1fap.pcap", "beacon-flood"),
    ],
)
def test_an_attack_is_found(captures: Path, name: str, rule: str) -> None:
    assert rule in heard(captures / name).rules


@pytest.mark.parametrize("folder", ["vanhoef", "aircrack-ng"])
def test_air_without_an_attack_is_quiet(captures: Path, folder: str) -> None:
    files = [path for path in sorted((captures / folder).iterdir()) if path.suffix in {".cap", ".pcap", ".pcapng"}]
    assert files
    assert {path.name: rules for path in files if (rules := heard(path).rules)} == {}
