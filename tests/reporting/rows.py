"""Rows like a daemon's answers, with a test's values."""

from __future__ import annotations

from typing import Any

from whimbrel.events.alerts import Severity
from whimbrel.reporting.heard import Heard, ListeningSession, Loss
from whimbrel.rows import AccessPointRow, ChannelRow, SignalRow, StationRow
from whimbrel.verbs.alerts import AlertRow, IncidentRow
from whimbrel.wifi.channels import band_of, channel_number
from whimbrel.wifi.security import Pmf, Protection

AP, STATION = bytes.fromhex("020000000001"), bytes.fromhex("060000000002")
BEGAN = 1_780_000_000.0


def signal(level: int | None) -> SignalRow:
    return SignalRow(last=level, min=level, max=level, smoothed=level)


def access_point(ssid: bytes = b"home", *, freq: int = 2437, level: int | None = -50, **more: Any) -> AccessPointRow:
    row = AccessPointRow(
        bssid=AP,
        ssid=ssid,
        hidden=not ssid,
        names=(ssid,),
        names_dropped=0,
        vendor="Example",
        channel=channel_number(freq),
        freq=freq,
        band=band_of(freq),
        width=20,
        center=freq,
        phy="n",
        security=Protection.WPA2_PERSONAL,
        pmf=Pmf.NONE,
        akms=("PSK",),
        ciphers=("CCMP-128",),
        group_cipher="CCMP-128",
        wps=False,
        country="DE",
        adhoc=False,
        interval=100,
        measured_interval=100,
        uptime=60,
        load=None,
        rssi=signal(level),
        beacons=9,
        frames=9,
        flips=0,
        stations=1,
        first=BEGAN,
        last=BEGAN + 60,
        last_seq=1,
        carrier=None,
        fingerprint={},
    )
    return row.replace(**more)


def station(**more: Any) -> StationRow:
    row = StationRow(
        station=STATION,
        vendor="",
        randomised=True,
        bssid=AP,
        probed=(b"home",),
        probed_dropped=0,
        rssi=signal(-60),
        frames=3,
        data_octets=9,
        first=BEGAN,
        last=BEGAN + 9,
        fingerprint="",
    )
    return row.replace(**more)


def channel(freq: int = 2437, **more: Any) -> ChannelRow:
    row = ChannelRow(
        channel=channel_number(freq),
        freq=freq,
        band=band_of(freq),
        frames=100,
        octets=9000,
        airtime_us=2_000_000,
        retries=5,
    )
    return row.replace(**more)


def alert(number: str = "1", severity: Severity = Severity.CRITICAL, *, at: float = 10.0, **more: Any) -> AlertRow:
    row = AlertRow(
        id=number,
        rule="deauth-flood",
        family="disruption",
        title="Disconnection attack",
        meaning="Devices are thrown out.",
        advice="Follow the signal.",
        lasting=True,
        severity=severity,
        confidence="high",
        text="131 disconnections",
        bssid=AP,
        ssid=b"home",
        sender=AP,
        receiver=STATION,
        channel=6,
        freq=2437,
        band="2.4",
        rssi=-50,
        rssi_range=(-60, -50),
        first=BEGAN + at,
        last=BEGAN + at + 5,
        count=131,
        threshold="10 in 10 s",
        frames=48,
        state="closed",
        acknowledged=False,
        left_out=12,
        fooled_by="Roaming.",
        reference="IEEE 802.11-2020, 11.3.5",
    )
    return row.replace(**more)


def weakness(number: str = "9", **more: Any) -> AlertRow:
    named: dict[str, Any] = {
        "rule": "open-network",
        "title": "Open network",
        "lasting": False,
        "advice": "Give it WPA3.",
    }
    return alert(number, Severity.WEAKNESS, **named | more)


def incident(number: str, alerts: tuple[str, ...], **more: Any) -> IncidentRow:
    row = IncidentRow(
        id=number,
        cause="handshake-harvest",
        title="Handshakes being harvested",
        text="Devices of home are disconnected",
        meaning="Passwords can be tried.",
        advice="Take a long password.",
        severity=Severity.CRITICAL,
        confidence="high",
        bssid=AP,
        ssid=b"home",
        channel=6,
        freq=2437,
        band="2.4",
        rssi=-50,
        rssi_range=(-60, -50),
        first=BEGAN + 10,
        last=BEGAN + 20,
        alerts=alerts,
        rules=("deauth-flood",),
        state="closed",
        acknowledged=False,
    )
    return row.replace(**more)


def heard(**more: Any) -> Heard:
    row = Heard(
        name="harbour.pcapng",
        live=False,
        sessions=(ListeningSession(began=BEGAN, ended=BEGAN + 60, place="", frames=1000, lost=0),),
        access_points=(access_point(),),
        stations=(station(),),
        channels=(channel(),),
        alerts=(alert(), weakness()),
        losses=(
            Loss(what="frames cut short", number=3, meaning="What stood behind is not known."),
            Loss(what="records without a frame", number=0, meaning="None."),
        ),
        remarks=("The file is damaged.",),
    )
    return row.replace(**more)
