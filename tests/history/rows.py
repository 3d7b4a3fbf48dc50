"""Samples of the survey, and files of a history, as tests need them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from whimbrel.events.alerts import Alert, Severity
from whimbrel.events.device import AirSnapshot
from whimbrel.events.incidents import IncidentOpened
from whimbrel.history.store import Limits, Store
from whimbrel.rows import AccessPointRow, ChannelRow, SignalRow, StationRow, Totals
from whimbrel.wifi.security import Pmf, Protection

NOW = 1_796_000_500.0
"""A time at which the clock is known, at the beginning of an hour."""
AP = bytes.fromhex("001122334455")
STA = bytes.fromhex("00aabbccddee")
DAY = 86400.0
_SIGNAL = SignalRow(last=-50, min=-60, max=-40, smoothed=-50)
_TOTALS = Totals(
    frames=0, malformed=0, bad_fcs=0, disbelieved=0, access_points=0, access_points_evicted=0, carried_left_out=0,
    stations=0, stations_evicted=0, made_up=0,
)  # fmt: skip


def access_point(bssid: bytes = AP, *, last: float = NOW, first: float | None = None, **more: Any) -> AccessPointRow:
    usual: dict[str, Any] = {
        "ssid": b"harbour", "hidden": False, "names": (b"harbour",), "names_dropped": 0, "vendor": "", "channel": 6,
        "freq": 2437, "band": "2.4", "width": 20, "center": 2437, "phy": "802.11n",
        "security": Protection.WPA3_PERSONAL, "pmf": Pmf.REQUIRED, "akms": ("SAE",), "ciphers": ("CCMP-128",),
        "group_cipher": "CCMP-128", "wps": False, "country": "", "adhoc": False, "interval": 100,
        "measured_interval": 100, "uptime": 1, "load": None, "rssi": _SIGNAL, "beacons": 10, "frames": 10, "flips": 0,
        "stations": 0, "last_seq": None, "carrier": None, "fingerprint": {},
    }  # fmt: skip
    return AccessPointRow(bssid=bssid, first=last - 60 if first is None else first, last=last, **usual | more)


def station(address: bytes = STA, *, last: float = NOW, bssid: bytes | None = None) -> StationRow:
    return StationRow(
        station=address, vendor="", randomised=bool(address[0] & 2), bssid=bssid, probed=(), probed_dropped=0,
        rssi=_SIGNAL, frames=3, data_octets=0, first=last - 30, last=last, fingerprint="",
    )  # fmt: skip


def channel(frames: int, freq: int = 2437) -> ChannelRow:
    return ChannelRow(
        channel=6, freq=freq, band="2.4", frames=frames, octets=100 * frames, airtime_us=10 * frames, retries=0
    )


def sample(
    access_points: Sequence[AccessPointRow] = (),
    stations: Sequence[StationRow] = (),
    channels: Sequence[ChannelRow] = (),
) -> AirSnapshot:
    return AirSnapshot(
        access_points=tuple(access_points), stations=tuple(stations), channels=tuple(channels), totals=_TOTALS
    )


def alert(number: int = 1, *, first: float = NOW, last: float | None = None, **more: Any) -> Alert:
    usual: dict[str, Any] = {
        "rule": "deauth-flood", "key": '{"octets":"001122334455"}', "family": "disruption", "title": "Disconnections",
        "meaning": "", "advice": "", "lasting": True, "severity": Severity.CRITICAL, "confidence": "high",
        "text": "much", "bssid": AP, "ssid": b"harbour", "sender": AP, "receiver": STA, "channel": 6, "freq": 2437,
        "band": "2.4", "rssi": -50, "rssi_range": (-60, -40), "count": 12, "threshold": "10 in 10 s", "frames": 3,
    }  # fmt: skip
    return Alert(id=str(number), first=first, last=first if last is None else last, **usual | more)


def opened(path: Path, *, age: float = 400 * DAY, octets: int = 64 << 20) -> Store:
    store = Store(path, Limits(age, octets))
    store.open()
    return store


def incident(number: int = 1, *, first: float = NOW, last: float | None = None, **more: Any) -> IncidentOpened:
    usual: dict[str, Any] = {
        "cause": "", "title": "Disconnections", "text": "much", "meaning": "", "advice": "",
        "severity": Severity.CRITICAL, "confidence": "high", "bssid": AP, "ssid": b"harbour", "channel": 6,
        "freq": 2437, "band": "2.4", "rssi": -50, "rssi_range": (-60, -40), "alerts": (str(number),),
        "rules": ("deauth-flood",),
    }  # fmt: skip
    return IncidentOpened(id=str(number), first=first, last=first if last is None else last, **usual | more)
