"""Benign air of changes: transition modes, access points that move, restart, or are set up anew."""

from __future__ import annotations

import struct

from tools.wids_benchmark.benign.living import chatter, resident, visits
from tools.wids_benchmark.benign.registry import scene
from tools.wids_benchmark.building import addresses, eapol, mac
from tools.wids_benchmark.building import elements as el
from tools.wids_benchmark.building.air import Air
from tools.wids_benchmark.building.exchanges import traffic
from tools.wids_benchmark.building.mac import Management
from tools.wids_benchmark.building.neighbourhood import neighbours, passers_by
from tools.wids_benchmark.building.networks import TIME_UNIT, AccessPoint, frequency
from tools.wids_benchmark.building.security import OPEN, OWE, TRANSITION, WPA2, WPA2_PMF, WPA2_WPA1
from tools.wids_benchmark.building.stations import Station


@scene(
    "transition",
    "Strong beside weak: SAE with PSK, optional management protection, OWE with its open half, WPA beside WPA2.",
    share=0.5,
)
def _transition(air: Air, end: float) -> None:
    rng = air.rng
    near = neighbours(air, 0, end, (6, 1, 11))
    mixed = AccessPoint(air, b"Quartier", addresses.router(rng), 6, -50, TRANSITION, generation="ax")
    own = addresses.router(rng)
    hidden = own[:5] + bytes([own[5] + 1])
    pair = el.vendor(el.OUI_WFA, 28, hidden + bytes([8]) + b"OWE_Quar")
    half = AccessPoint(air, b"Quartier-Gast", own, 6, -52, OPEN, generation="ax", extra=pair)
    back = el.vendor(el.OUI_WFA, 28, own + bytes([13]) + b"Quartier-Gast")
    owe = AccessPoint(air, b"OWE_Quar", hidden, 6, -52, OWE, generation="ax", extra=back, hidden=True)
    old = AccessPoint(air, b"Werkstatt", addresses.router(rng), 6, -66, WPA2_WPA1, generation="g")
    optional = AccessPoint(air, b"Praxis", addresses.router(rng), 6, -60, WPA2_PMF)
    for ap in (mixed, half, owe, old, optional):
        ap.beacons(0, end)
        chatter(ap, end, 5)
        resident(air, ap, end, rate=0.5)
    passers_by(air, 0, end, 20, [mixed, half, *near])
    for akm in (el.SAE, el.PSK, el.SAE, el.PSK):
        phone = Station(air, addresses.randomised(rng), rng.uniform(-72, -50), mixed, generation="ax")
        phone.akm, phone.pmf = akm, akm == el.SAE
        visits(phone, end, stay=120, away=40)
    guest = Station(air, addresses.randomised(rng), -60, owe, generation="ax")
    visits(guest, end, stay=200, away=60)


@scene(
    "moves",
    "Access points that announce a channel switch and follow it, restart, are updated, let devices in by button.",
    share=0.5,
)
def _moves(air: Air, end: float) -> None:
    rng = air.rng
    near = neighbours(air, 0, end, (6, 1, 11))
    passers_by(air, 0, end, 20, near)
    mover = AccessPoint(air, b"Leuchtturm", addresses.router(rng), 6, -52, WPA2, generation="ax")
    station = Station(air, addresses.device(rng), -58, mover, generation="ax")
    at, channel = 0.0, 6
    while at < end:
        stop = min(end, at + rng.uniform(120, 420))
        target = rng.choice([other for other in (1, 6, 11) if other != channel])
        _stay(mover, station, at, stop, target)
        channel, at = target, stop
        mover.channel, mover.freq, station.freq = channel, frequency(channel), frequency(channel)
    updated = AccessPoint(air, b"Hafenamt", addresses.router(rng), 6, -60, WPA2, generation="n")
    updated.beacons(0, end / 2)
    updated.manage(end / 2, Management.DEAUTHENTICATION, mac.EVERYONE, struct.pack("<H", 3))
    updated.up, updated.generation, updated.extra = -end / 2 - 39, "ac", el.vendor(b"\x00\x90\x4c", 4, b"\1\2\3")
    updated.beacons(end / 2 + 40, end)
    _button(air, updated, end * 0.75)


def _stay(ap: AccessPoint, station: Station, start: float, stop: float, target: int) -> None:
    """Stay on a channel from `start` on, and count down the last ten beacons before the switch."""

    def announcing(at: float) -> bytes:
        left = round((stop - at) / (ap.interval * TIME_UNIT))
        return el.channel_switch(target, max(left, 1)) if left <= 10 else b""

    ap.announcing = announcing
    ap.beacons(start, stop)
    ap.announcing = None
    chatter(ap, stop, 4, start=start)
    begun = station.join(start + 0.5) if start == 0 else start + 1.0
    traffic(station, begun, stop - 1)


def _button(air: Air, ap: AccessPoint, at: float) -> None:
    """Let a device in by the button: it is the enrollee, and gets its M2, M4, M6, M8."""
    device = Station(air, addresses.device(air.rng), -60, ap)
    device.manage_up(at, Management.AUTHENTICATION, struct.pack("<HHH", 0, 1, 0))
    device.manage_down(at + 0.002, Management.AUTHENTICATION, struct.pack("<HHH", 0, 2, 0))
    at = device.associate(at + 0.004, akm=0)
    device.eapol_up(at, eapol.packet(eapol.START))
    device.eapol_down(at + 0.01, eapol.eap(eapol.REQUEST, 1, eapol.IDENTITY))
    device.eapol_up(at + 0.02, eapol.eap(eapol.RESPONSE, 1, eapol.IDENTITY, b"WFA-SimpleConfig-Enrollee-1-0"))
    for number, (up, down) in enumerate(((4, 5), (7, 8), (9, 10), (11, 12)), 2):
        device.eapol_up(at + 0.1 * number, eapol.wps(eapol.RESPONSE, number, up))
        device.eapol_down(at + 0.1 * number + 0.05, eapol.wps(eapol.REQUEST, number + 1, down))
    device.eapol_down(at + 0.8, eapol.eap(eapol.FAILURE, 9))
    device.manage_down(at + 0.81, Management.DEAUTHENTICATION, struct.pack("<H", 1))
    traffic(device, device.join(at + 2), at + 60)
