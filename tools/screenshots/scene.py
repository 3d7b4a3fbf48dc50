"""A fixed state of things to show: invented names, documentation addresses."""

from __future__ import annotations

import copy
from collections import deque
from collections.abc import Sequence
from functools import cache
from typing import Any

from tools.screenshots import heard
from tools.screenshots.transmissions import Client, Network, announced, beacon, captured, octets, sent

from whimbrel.drivers.sim import frames
from whimbrel.events.device import AirSnapshot, SystemReport
from whimbrel.events.recording import RecorderState
from whimbrel.events.system import ModuleStatus
from whimbrel.rows import AccessPointRow, ChannelRow, LoadRow, ReceiverRow, SignalRow, StationRow, Totals
from whimbrel.screens.state import HISTORY, ScreenState
from whimbrel.wifi.channels import band_of, channel_number
from whimbrel.wifi.security import Pmf, Protection

NOW = 1_794_560_000.0
"""Seconds since the epoch at which everything is shown."""
_WPA2 = (Protection.WPA2_PERSONAL, Pmf.OPTIONAL, ("PSK",), ("CCMP-128",), "CCMP-128")
_WPA3 = (Protection.WPA3_PERSONAL, Pmf.REQUIRED, ("SAE",), ("CCMP-128",), "CCMP-128")
_EAP = (Protection.WPA2_ENTERPRISE, Pmf.NONE, ("802.1X",), ("CCMP-128",), "CCMP-128")
OPEN = (Protection.OPEN, Pmf.NONE, (), (), "")
_WEP = (Protection.WEP, Pmf.NONE, (), ("WEP",), "")

_NETWORKS = (
    Network("02:00:5e:10:00:01", "Harbour House", 2437, -48, "wpa2-psk", 4, 0.1, closer=True),
    Network("02:00:5e:10:00:02", "Harbour House", 5180, -55, "wpa2-wpa3", 2, 0.4),
    Network("02:00:5e:10:00:03", "Café Größenwahn upstairs", 2412, -63, "open", 7, 0.2),
    Network("02:00:5e:10:00:04", "Harbour Office", 2462, -67, "wpa2-psk", 0, 2.0, hidden=True),
    Network("02:00:5e:10:00:05", "eduroam", 5500, -71, "wpa2-enterprise", 11, 1.2),
    Network("02:00:5e:10:00:06", "DIRECT-7f-LaserJet", 2437, -74, "wpa2-psk", 0, 3.0),
    Network("02:00:5e:10:00:07", "boat-yard", 2462, -79, "wep", 1, 12.0),
    Network("02:00:5e:10:00:08", "Tide Gauge 3", 6135, -82, "wpa3-sae", 0, 47.0),
    Network("02:00:5e:10:00:09", "Fährhaus", 5745, -88, "wpa2-psk", 0, 130.0),
)
_STATIONS = (
    Client("02:00:5e:20:00:01", "02:00:5e:10:00:01", 2437, -51, (), 20, 0.2),
    Client("02:00:5e:20:00:02", None, 2437, -58, ("Airport Free WiFi", "HotelLobby", "Mum's house"), 0, 4.0, True),
    Client("f0:18:98:20:00:03", "02:00:5e:10:00:01", 2437, -60, ("Harbour House",), 60, 0.6),
    Client("00:0e:58:20:00:04", "02:00:5e:10:00:01", 2437, -66, (), 110, 0.1),
    Client("24:0a:c4:20:00:05", "02:00:5e:10:00:03", 2412, -77, (), 3, 31.0),
    Client("02:00:5e:20:00:06", "02:00:5e:10:00:05", 5500, -84, ("eduroam",), 1, 260.0),
)
_AIRTIME = {
    2412: 61, 2417: 3, 2422: 2, 2432: 5, 2437: 88, 2442: 4, 2452: 2, 2462: 47, 2472: 1, 5180: 33, 5200: 9, 5220: 14,
    5260: 3, 5500: 52, 5580: 7, 5745: 12, 5825: 2, 5955: 4, 6135: 9, 6295: 2, 6615: 1,
}  # fmt: skip


def network(
    bssid: str, ssid: str | bytes, freq: int, rssi: int, security: tuple[Any, ...], vendor: str, stations: int,
    ago: float,
) -> AccessPointRow:  # fmt: skip
    """Return a row as `Survey.access_point_rows` makes them."""
    protection, pmf, akms, ciphers, group = security
    name = ssid.encode() if isinstance(ssid, str) else ssid
    return AccessPointRow(
        bssid=octets(bssid),
        ssid=name,
        hidden=not name,
        names=(name,) if name else (),
        names_dropped=0,
        vendor=vendor,
        channel=channel_number(freq),
        freq=freq,
        band=band_of(freq),
        width=80 if freq > 5000 else 20,
        center=freq + 30 if freq > 5000 else 0,
        phy="802.11ax" if freq > 5000 else "802.11n",
        security=protection,
        pmf=pmf,
        akms=akms,
        ciphers=ciphers,
        group_cipher=group,
        wps=protection is Protection.WPA2_PERSONAL,
        country="DE",
        adhoc=False,
        interval=100,
        measured_interval=100,
        uptime=788_523,
        load=LoadRow(stations=stations, utilisation=0.31),
        rssi=SignalRow(last=rssi + 1, min=rssi - 9, max=rssi + 6, smoothed=rssi),
        beacons=18_204,
        frames=21_377,
        flips=0,
        stations=stations,
        first=NOW - 2400,
        last=NOW - ago,
        last_seq=1234,
        carrier=None,
        fingerprint={"capabilities": "1f0c22d1a2b3c4d5", "rates": "9be0c1d2e3f40516"},
    )


def station(
    of: str, vendor: str, bssid: str | None, rssi: int, probed: tuple[str, ...], data: int, ago: float
) -> StationRow:
    """Return a row as `Survey.station_rows` makes them."""
    return StationRow(
        station=octets(of),
        vendor=vendor,
        randomised=bool(int(of[:2], 16) & 2),
        bssid=None if bssid is None else octets(bssid),
        probed=tuple(name.encode() for name in probed),
        probed_dropped=0,
        rssi=SignalRow(last=rssi, min=rssi - 8, max=rssi + 5, smoothed=rssi),
        frames=4211,
        data_octets=data,
        first=NOW - 1500,
        last=NOW - ago,
        fingerprint="5d1e9a0b7c3f2468",
    )


def channel(freq: int, weight: int) -> ChannelRow:
    """Return a row as `Survey.channel_rows` makes them."""
    return ChannelRow(
        channel=channel_number(freq),
        freq=freq,
        band=band_of(freq),
        frames=weight * 310,
        octets=weight * 70_000,
        airtime_us=weight * 400_000,
        retries=weight * 9,
    )


def snapshot(networks: Sequence[AccessPointRow], stations: Sequence[StationRow]) -> AirSnapshot:
    """Return the survey."""
    return AirSnapshot(
        access_points=tuple(networks),
        stations=tuple(stations),
        channels=tuple(channel(freq, weight) for freq, weight in sorted(_AIRTIME.items())),
        totals=Totals(
            frames=1_284_311,
            malformed=12,
            bad_fcs=903,
            disbelieved=4,
            access_points=len(networks),
            access_points_evicted=0,
            made_up=0,
            carried_left_out=0,
            stations=len(stations),
            stations_evicted=0,
        ),
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


def receiver(number: int, **other: Any) -> ReceiverRow:
    """Return what a receiver does."""
    values: dict[str, Any] = {
        "receiver": ("sniffer", "sniffer2")[number],
        "number": number,
        "description": ("phy1mon (phy1, ath9k_htc)", "wlan0 (phy0, brcmfmac)")[number],
        "driver": "linux",
        "state": "listening",
        "mode": "hopping",
        "channel": "",
        "visited": 38,
        "received": 184_220,
        "lost": 0,
        "rate": 212.0,
        "listened": 7_430.0,
        "faults": (),
        "discarded": {},
    }
    return ReceiverRow(**(values | other))


RECEIVERS = (receiver(0), receiver(1, driver="scan", mode="scanning", visited=0, received=3_911, rate=4.0))
MODULES = (*map(module, ("sniffer", "watcher", "logger", "display", "control")), module("buttons", "ready"))
_TROUBLE = module("buttons", "degraded", "key left bounces: 31 changes a second; it does not count until it is quiet")


def _on(state: ScreenState) -> ScreenState:
    """Add the device's own events to the heard ones."""
    state.system = system()
    state.modules = MODULES
    state.features = frozenset({"shutdown", "reboot"})
    state.mode, state.freq = "hopping", 2437
    return state


@cache
def _usual() -> ScreenState:
    records = [record for network in _NETWORKS for record in announced(network, NOW)]
    records += [record for client in _STATIONS for record in sent(client, NOW)]
    return _on(heard.listened(records, NOW, octets(_NETWORKS[0].bssid), octets(_STATIONS[1].address)))


def _fresh(state: ScreenState) -> ScreenState:
    """Return a state that can be changed; its shared parts are immutable."""
    made = copy.copy(state)
    made.signals = {address: deque(samples, HISTORY) for address, samples in state.signals.items()}
    made.newest = dict(state.newest)
    return made


def usual() -> ScreenState:
    """Return an ordinary day."""
    return _fresh(_usual())


def alarmed() -> ScreenState:
    """Return an attack as reported by the device's own parts, with a battery, and a module in trouble."""
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


@cache
def _hostile() -> ScreenState:
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
    networks = [
        Network(f"02:00:5e:30:00:{i:02x}", name, 2437, -40 - 3 * i, "open", 0, 0.1) for i, name in enumerate(names)
    ]
    return _on(heard.listened([record for network in networks for record in announced(network, NOW)], NOW))


def hostile() -> ScreenState:
    """Return names that mean to do harm, and names that are only from elsewhere, as the survey takes them."""
    return _fresh(_hostile())


@cache
def _crowded() -> ScreenState:
    """Make 512 networks of one beacon, and 2,048 stations of one probe request."""
    model = Network("02:00:5e:40:00:00", "net 000", 2412, -40, "wpa2-psk", 0, 0.0)
    announcement, bssid = beacon(model), octets(model.bssid)
    records = []
    for i in range(512):
        other = bssid[:4] + i.to_bytes(2, "big")
        mpdu = announcement.replace(bssid, other).replace(b"net 000", b"net %03d" % i)
        records.append(captured(mpdu, NOW - i / 10, 2412, -40 - i % 55))
    asked = frames.probe_request(octets("02:00:5e:50:00:00"), b"\0\0")
    for i in range(2048):
        other = bytes.fromhex("02005e50") + i.to_bytes(2, "big")
        mpdu = asked.replace(octets("02:00:5e:50:00:00"), other)
        records.append(captured(mpdu, NOW - i / 10, 2412, -40 - i % 55))
    return _on(heard.listened(records, NOW))


def crowded() -> ScreenState:
    """Return more rows than anybody can scroll through."""
    return _fresh(_crowded())


def recorder(**values: Any) -> RecorderState:
    """Return the recorder's state while an alert is recorded, with given changes."""
    return RecorderState(**{
        "mode": "interesting", "recording": ("2026-11-29T205314Z-deauth-flood-a17",), "octets": 1_841_000,
        "frames": 6120, "folder": "/var/lib/whimbrel/recordings", "recordings": 12, "used": 87_400_000,
        "cap": 268_435_456, "free": 9_120_000_000, "written": 90_200_000, "last_hour": 3_210_000, "lost": 0,
        "ring_octets": 6_300_000, "ring_seconds": 58.2, "problem": "", **values,
    })  # fmt: skip
