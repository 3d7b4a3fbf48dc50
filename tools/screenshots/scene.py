"""A fixed state of things to show: invented names, documentation addresses."""

from __future__ import annotations

import math
from collections import deque
from typing import Any

from tools.screenshots import heard

from whimbrel.events.device import AirSnapshot, SystemReport
from whimbrel.events.system import ModuleStatus
from whimbrel.screens.state import ScreenState
from whimbrel.wifi.channels import band_of, channel_number
from whimbrel.wifi.security import Pmf, Protection

NOW = 1_760_000_000.0
"""Seconds since the epoch at which everything is shown."""
_WPA2 = (Protection.WPA2_PERSONAL, Pmf.OPTIONAL, ("PSK",), ("CCMP-128",), "CCMP-128")
_WPA3 = (Protection.WPA3_PERSONAL, Pmf.REQUIRED, ("SAE",), ("CCMP-128",), "CCMP-128")
_EAP = (Protection.WPA2_ENTERPRISE, Pmf.NONE, ("802.1X",), ("CCMP-128",), "CCMP-128")
OPEN = (Protection.OPEN, Pmf.NONE, (), (), "")
_WEP = (Protection.WEP, Pmf.NONE, (), ("WEP",), "")

_NETWORKS: tuple[tuple[str, str, int, int, tuple[Any, ...], str, int, float], ...] = (
    ("02:00:5e:10:00:01", "Harbour House", 2437, -48, _WPA2, "AVM", 4, 0.1),
    ("02:00:5e:10:00:02", "Harbour House", 5180, -55, _WPA3, "AVM", 2, 0.4),
    ("02:00:5e:10:00:03", "Café Größenwahn – guests upstairs", 2412, -63, OPEN, "Ubiquiti", 7, 0.2),
    ("02:00:5e:10:00:04", "", 2462, -67, _WPA2, "Cisco", 0, 2.0),
    ("02:00:5e:10:00:05", "eduroam", 5500, -71, _EAP, "Aruba", 11, 1.2),
    ("02:00:5e:10:00:06", "DIRECT-7f-LaserJet", 2437, -74, _WPA2, "HP", 0, 3.0),
    ("02:00:5e:10:00:07", "boat-yard", 2462, -79, _WEP, "Netgear", 1, 12.0),
    ("02:00:5e:10:00:08", "Tide Gauge 3", 6135, -82, _WPA3, "Espressif", 0, 47.0),
    ("02:00:5e:10:00:09", "Fährhaus", 5745, -88, _WPA2, "TP-Link", 0, 130.0),
)
_STATIONS: tuple[tuple[str, str, str | None, int, tuple[str, ...], int, float], ...] = (
    ("02:00:5e:20:00:01", "", "02:00:5e:10:00:01", -51, (), 1_900_000, 0.2),
    ("02:00:5e:20:00:02", "", None, -58, ("Airport Free WiFi", "HotelLobby", "Mum's house"), 0, 4.0),
    ("00:00:5e:20:00:03", "Apple", "02:00:5e:10:00:01", -60, ("Harbour House",), 48_000_000, 0.6),
    ("00:00:5e:20:00:04", "Sonos", "02:00:5e:10:00:01", -66, (), 350_000_000, 0.1),
    ("00:00:5e:20:00:05", "Espressi", "02:00:5e:10:00:03", -77, (), 12_000, 31.0),
    ("02:00:5e:20:00:06", "", "02:00:5e:10:00:05", -84, ("eduroam",), 0, 260.0),
)
_AIRTIME = {
    2412: 61, 2417: 3, 2422: 2, 2432: 5, 2437: 88, 2442: 4, 2452: 2, 2462: 47, 2472: 1, 5180: 33, 5200: 9, 5220: 14,
    5260: 3, 5500: 52, 5580: 7, 5745: 12, 5825: 2, 5955: 4, 6135: 9, 6295: 2, 6615: 1,
}  # fmt: skip


def network(
    bssid: str, ssid: str, freq: int, rssi: int, security: tuple[Any, ...], vendor: str, stations: int, ago: float
) -> dict[str, Any]:
    """Return a row as `Survey.access_point_rows` makes them."""
    protection, pmf, akms, ciphers, group = security
    return {
        "bssid": bssid,
        "ssid": ssid,
        "hidden": not ssid,
        "names": [ssid] if ssid else [],
        "names_dropped": 0,
        "vendor": vendor,
        "channel": channel_number(freq),
        "freq": freq,
        "band": band_of(freq),
        "width": 80 if freq > 5000 else 20,
        "center": freq + 30 if freq > 5000 else 0,
        "phy": "802.11ax" if freq > 5000 else "802.11n",
        "security": protection,
        "pmf": pmf,
        "akms": list(akms),
        "ciphers": list(ciphers),
        "group_cipher": group,
        "wps": protection is Protection.WPA2_PERSONAL,
        "country": "DE",
        "adhoc": False,
        "interval": 100,
        "measured_interval": 100,
        "uptime": 788_523,
        "load": {"stations": stations, "utilisation": 0.31},
        "rssi": {"last": rssi + 1, "min": rssi - 9, "max": rssi + 6, "smoothed": rssi},
        "beacons": 18_204,
        "frames": 21_377,
        "flips": 0,
        "stations": stations,
        "first": NOW - 2400,
        "last": NOW - ago,
        "last_seq": 1234,
        "carrier": None,
        "fingerprint": {"capabilities": "1f0c22d1a2b3c4d5", "rates": "9be0c1d2e3f40516"},
    }


def station(
    address: str, vendor: str, bssid: str | None, rssi: int, probed: tuple[str, ...], data: int, ago: float
) -> dict[str, Any]:
    """Return a row as `Survey.station_rows` makes them."""
    return {
        "station": address,
        "vendor": vendor,
        "randomised": bool(int(address[:2], 16) & 2),
        "bssid": bssid,
        "probed": list(probed),
        "probed_dropped": 0,
        "rssi": {"last": rssi, "min": rssi - 8, "max": rssi + 5, "smoothed": rssi},
        "frames": 4211,
        "data_octets": data,
        "first": NOW - 1500,
        "last": NOW - ago,
        "fingerprint": "5d1e9a0b7c3f2468",
    }


def channel(freq: int, weight: int) -> dict[str, Any]:
    """Return a row as `Survey.channel_rows` makes them."""
    return {
        "channel": channel_number(freq),
        "freq": freq,
        "band": band_of(freq),
        "frames": weight * 310,
        "octets": weight * 70_000,
        "airtime_us": weight * 400_000,
        "retries": weight * 9,
    }


def snapshot(networks: list[dict[str, Any]], stations: list[dict[str, Any]]) -> AirSnapshot:
    """Return what the survey knows."""
    return AirSnapshot(
        access_points=tuple(networks),
        stations=tuple(stations),
        channels=tuple(channel(freq, weight) for freq, weight in sorted(_AIRTIME.items())),
        totals={
            "frames": 1_284_311,
            "malformed": 12,
            "bad_fcs": 903,
            "disbelieved": 4,
            "access_points": len(networks),
            "access_points_evicted": 0,
            "stations": len(stations),
            "stations_evicted": 0,
        },
    )


def system(**other: Any) -> SystemReport:
    """Return how the board is."""
    values: dict[str, Any] = {
        "cpu": 0.23,
        "memory_used": 143_000_000,
        "memory_total": 448_000_000,
        "resident": 46_300_000,
        "temperature": 44.7,
        "throttled": "",
        "disk_used": 0.38,
        "uptime": 93_784.0,
        "battery": None,
        "addresses": (("wlan0", "192.0.2.17"), ("usb0", "198.51.100.1")),
        "losses": (("kernel", 0), ("bus", 3), ("disk", 0)),
    }
    return SystemReport(**(values | other))


def module(name: str, state: str = "ready", reason: str = "") -> ModuleStatus:
    """Return how a module is."""
    warnings = (reason,) if state == "degraded" else ()
    return ModuleStatus(name, state, reason, NOW - 3600, name in {"sniffer", "watcher"}, 1, 0, warnings)


MODULES = (*map(module, ("sniffer", "watcher", "logger", "display", "control")), module("buttons", "ready"))
_TROUBLE = module("buttons", "degraded", "key left bounces: 31 changes a second; it does not count until it is quiet")


def signal(near: int) -> deque[tuple[float, int]]:
    """Return half a minute of walking towards something that ends at `near` dBm."""
    samples = []
    for i in range(100):
        ago = 30 - 0.3 * i
        wobble = 3.1 * math.sin(i * 0.9) + 2.0 * math.sin(i * 0.37)
        samples.append((NOW - ago, round(near - 28 * ago / 30 + wobble)))
    return deque(samples, maxlen=120)


def usual() -> ScreenState:
    """Return an ordinary day."""
    state = ScreenState()
    state.now = NOW
    state.air = snapshot([network(*row) for row in _NETWORKS], [station(*row) for row in _STATIONS])
    state.system = system()
    state.modules = MODULES
    state.features = frozenset({"shutdown", "reboot"})
    state.mode = "hopping"
    state.freq = 2437
    state.rate = 312.4
    nearness = {row[0]: row[3] for row in _NETWORKS} | {row[0]: row[3] for row in _STATIONS}
    state.signals = {address: signal(rssi) for address, rssi in nearness.items()}
    return state


def alarmed() -> ScreenState:
    """Return an attack as the device's own parts tell it, with a battery, and a module in trouble."""
    state = heard.attacked(NOW)
    state.mode, state.freq = "locked", 5180
    state.system = system(battery=0.62, cpu=0.61, temperature=61.2)
    state.modules = (*MODULES[:-1], _TROUBLE)
    state.features |= {"shutdown", "reboot"}
    return state


def empty() -> ScreenState:
    """Return the moment after the start."""
    state = ScreenState()
    state.now = NOW
    return state


def hostile() -> ScreenState:
    """Return names that mean to do harm, and names that are only from elsewhere, as the survey escapes them."""
    from whimbrel.text import ssid

    names = (
        b"\x1b[2J\x1b[31mroot#\n",
        "\u202etxt.exe".encode(),
        b"\xff\xfe\x00not text",
        b"back\\slash",
        "咖啡馆中国移动免费无线".encode(),
        "東京タワー ひらがな".encode(),
        "서울커피".encode(),
        "שלום בית קפה (2)".encode(),
        "مقهى الإنترنت".encode(),
        "Кафе «Берёзка»".encode(),
        "Cà phê miễn phí".encode(),
        "📶 wifi ☕".encode(),
        "ไวไฟฟรี".encode(),
        ("e" + "\u0301\u0323\u0310" * 5 + "vil").encode(),
        b"A" * 32,
    )
    state = usual()
    rows = [
        network(f"02:00:5e:30:00:{i:02x}", ssid(name), 2437, -40 - 3 * i, OPEN, "", 0, 1.0)
        for i, name in enumerate(names)
    ]
    state.air = snapshot(rows, [])
    return state


def crowded() -> ScreenState:
    """Return more than anybody can scroll through."""
    state = usual()
    rows = [
        network(f"02:00:5e:40:{i >> 8:02x}:{i & 255:02x}", f"net {i:03}", 2412, -40 - i % 55, _WPA2, "", i % 3, i / 10)
        for i in range(512)
    ]
    stations = [
        station(f"02:00:5e:50:{i >> 8:02x}:{i & 255:02x}", "", None, -40 - i % 55, (), i, i / 10) for i in range(2048)
    ]
    state.air = snapshot(rows, stations)
    state.rate = 4820.0
    return state
