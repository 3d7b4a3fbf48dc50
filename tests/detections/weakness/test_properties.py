from __future__ import annotations

import pytest
from tests.survey.air import RSN, SAE, WPS, beacon

from whimbrel.detections.weakness.properties import IN_WORDS, NO_PMF, OPEN, TKIP, WEP, weaknesses
from whimbrel.detections.weakness.properties import WPS as HAS_WPS
from whimbrel.survey.survey import Survey

TKIP_RSN = bytes.fromhex("30140100000fac020100000fac020100000fac020000")


@pytest.mark.parametrize(
    ("security", "capability", "names"),
    [(b"", 0x01, {OPEN}), (b"", 0x11, {WEP}), (TKIP_RSN, 0x11, {TKIP, NO_PMF}), (RSN, 0x11, {NO_PMF}),
     (SAE, 0x11, set()), (SAE + WPS, 0x11, {HAS_WPS}), (WPS, 0x01, {OPEN})],
)  # fmt: skip
def test_what_an_announcement_is_weak_in(security: bytes, capability: int, names: set[str]) -> None:
    survey = Survey()
    survey.observe(beacon(security=security, capability=capability))
    (ap,) = survey.access_points.table.entries.values()
    assert weaknesses(ap.announced.security, wps=ap.announced.wps) == names <= IN_WORDS.keys()
