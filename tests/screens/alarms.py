"""Alerts with values that tests name."""

from __future__ import annotations

from tools.screenshots import scene
from tools.screenshots.scene import NOW

from whimbrel.events.alerts import Severity
from whimbrel.screens.alert_rows import AlertLine
from whimbrel.screens.state import ScreenState

ALERTS = (
    AlertLine(
        "7",
        Severity.CRITICAL,
        "Disconnection attack",
        "214 deauthentication frames in 10 s claim to come from 02:00:5e:10:00:01, to all stations. "
        "Their signal is -71 dBm, that of its beacons -48 dBm: somebody else sends them.",
        NOW - 14,
        NOW - 1,
        rule="deauth-flood",
        confidence="high",
        network="Harbour House",
        bssid="02:00:5e:10:00:01",
        channel=6,
        freq=2437,
        rssi=-71,
        rssi_range=(-73, -69),
        times=214,
        threshold="10 in 10 s",
        advice="Look for who is near. Protected management frames (802.11w) end it.",
    ),
    AlertLine(
        "6",
        Severity.WARNING,
        "Evil twin",
        "An open access point took the name.",
        NOW - 800,
        NOW - 95,
        rule="evil-twin",
        network="eduroam",
    ),
    AlertLine(
        "5",
        Severity.NOTICE,
        "WPS is on",
        "Harbour House announces WPS.",
        NOW - 5000,
        NOW - 5000,
        False,
        True,
        rule="wps-on",
        network="Harbour House",
    ),
)


def alarmed() -> ScreenState:
    state = scene.usual()
    state.features |= {"alerts"}
    state.alerts = ALERTS
    return state
