"""Every incident of the scene `attack` raises its rule, whether the radio hops or hears every channel."""

from __future__ import annotations

import pytest
from tools.soak import START, Soak

from whimbrel.drivers.sim.scene import SimulatedIncident

LATE = 12.0
"""The most seconds from its end to the report of an incident."""
RULES = {
    "deauthentication": {"deauth-flood", "broadcast-deauth", "handshake-harvest"},
    "disassociation": {"deauth-flood"},
    "beacon-flood": {"beacon-flood"},
    "evil-twin": {"evil-twin"},
    "karma": {"karma"},
    "channel-switch": {"forged-channel-switch"},
    "authentication-flood": {"auth-flood"},
    "sae-flood": {"sae-flood"},
    "pmkid-harvest": {"pmkid-harvest"},
    "probe-flood": {"probe-flood"},
    "reserve-air": {"nav-abuse"},
    "malformed": {"malformed"},
}
SAME_BSSID = {"two-clocks", "two-counters", "security-downgrade", "fingerprint-change"}
STAYS = {"pmkid-harvest"}
"""Detected only by a radio that stays on the channel for a second, because missing frames count."""
HARMLESS = {"hostile-names"}
"""Names are escaped; nothing else is wrong with their access points."""


def expected(incident: SimulatedIncident, *, hop: bool) -> set[str]:
    """Return the rules that an incident must raise."""
    if incident.kind in HARMLESS or (hop and incident.kind in STAYS):
        return set()
    return SAME_BSSID if incident.same_bssid else RULES[incident.kind]


@pytest.mark.parametrize("hop", [False, True])
def test_each_incident_raises_its_rules(hop: bool) -> None:
    soak = Soak("attack", 7, hop=hop, guarded=True, volume=0.1)
    soak.learn_at = 50.0
    soak.run(960)
    assert soak.failures == []
    missed = {}
    for incident in soak.scene.incidents:
        end = incident.at + incident.lasts + LATE
        raised = {alert.rule for alert in soak.alerts if incident.at <= alert.last - START <= end}
        if expected(incident, hop=hop) - raised:
            missed[f"{incident.kind} at {incident.at:g} s"] = expected(incident, hop=hop) - raised
    assert missed == {}
    severe = {alert.rule for alert in soak.alerts if alert.severity == "critical"}
    assert {"deauth-flood", "evil-twin", "forged-channel-switch", "nav-abuse"} <= severe


def test_nothing_is_told_before_the_first_incident() -> None:
    soak = Soak("attack", 8, hop=False, volume=0.1)
    soak.run(59)
    assert [alert.text for alert in (*soak.above_notice(), *soak.notices())] == []
