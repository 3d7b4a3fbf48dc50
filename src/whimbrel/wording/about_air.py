"""Sentences about access points and stations."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from whimbrel.text import mac, printable, ssid
from whimbrel.wifi.channels import channel_label
from whimbrel.wording.phrases import called, maker, network, value
from whimbrel.wording.quantities import clock, count, dbm

if TYPE_CHECKING:
    from whimbrel.events import air


def _access_point_found(body: air.AccessPointFound) -> str:
    where = f" on channel {label}" if (label := channel_label(body.freq, body.channel)) else ""
    hidden = ", hidden" if body.hidden and body.ssid else ""
    pmf = f", PMF {body.pmf}" if body.pmf else ""
    wps = ", WPS" if body.wps else ""
    about = f"{body.security}{pmf}{wps}{hidden}{_level(body.rssi)}"
    if body.mesh_id is not None and not body.ssid:
        return f'Mesh station {mac(body.bssid)}{maker(body.vendor)} of the mesh "{ssid(body.mesh_id)}"{where}: {about}'
    return f"Access point {mac(body.bssid)}{maker(body.vendor)} offers {network(body.ssid)}{where}: {about}"


def _access_point_changed(body: air.AccessPointChanged) -> str:
    changes = "; ".join(
        f"{printable(c.field)} was {value(c.old, c.field)}, is {value(c.new, c.field)}" for c in body.changes
    )
    return f"Access point {mac(body.bssid)}{called(body.ssid)} has changed: {changes}"


def _access_point_lost(body: air.AccessPointLost) -> str:
    return f"Access point {mac(body.bssid)}{called(body.ssid)} is gone ({_gone(body.reason, body.last_heard)})"


def _gone(reason: str, last_heard: float) -> str:
    what = {"evicted": "made room for newer ones", "made up": "it is made up"}.get(reason) or printable(reason)
    return f"{what}, last heard at {clock(last_heard)}"


def _name_revealed(body: air.NameRevealed) -> str:
    return f"The hidden network of {mac(body.bssid)} is {network(body.ssid)}: told by a {printable(body.by)}"


def _station_found(body: air.StationFound) -> str:
    random = ", random address" if body.randomised else ""
    return f"Station {mac(body.station)}{maker(body.vendor)} heard{random}{_level(body.rssi)}"


def _station_joined(body: air.StationJoined) -> str:
    before = f", before with {mac(body.previous)}" if body.previous else ""
    return f"Station {mac(body.station)} is associated with {mac(body.bssid)}{called(body.ssid)}{before}"


def _station_lost(body: air.StationLost) -> str:
    return f"Station {mac(body.station)} is gone ({_gone(body.reason, body.last_heard)})"


def _network_probed(body: air.NetworkProbed) -> str:
    return f"Station {mac(body.station)} probes for {network(body.ssid)}"


def _eapol_seen(body: air.EapolSeen) -> str:
    more = f"{', with a PMKID' if body.pmkid else ''}{', sent again' if body.retry else ''}"
    return f"EAPOL {printable(body.message)} between {mac(body.bssid)} and station {mac(body.station)}{more}"


def _handshake_seen(body: air.HandshakeSeen) -> str:
    heard = ", ".join(f"M{number}" for number in body.messages)
    return f"Handshake of station {mac(body.station)} with {mac(body.bssid)}{called(body.ssid)}: {heard} heard"


def _disconnected(body: air.Disconnected) -> str:
    whom = "everyone" if body.receiver == b"\xff" * 6 else mac(body.receiver)
    given = "reason not readable" if body.reason is None else f"reason {body.reason} ({_reason(body.reason)})"
    kept = ", protected" if body.protected else ""
    how = printable(body.how).capitalize()
    return f"{how} of {whom} from {mac(body.sender)} in the network of {mac(body.bssid)}: {given}{kept}"


def _level(rssi: int | None) -> str:
    return "" if rssi is None else f", {dbm(rssi)}"


def _reason(code: int) -> str:
    from whimbrel.wifi.reasons import reason

    return reason(code)


def _air_report(body: air.AirReport) -> str:
    known = f"{count(body.access_points, 'access point')} and {count(body.stations, 'station')}"
    busiest = f", channel {channel_label(body.busiest_freq)} the busiest" if body.busiest_freq else ""
    odd = f", {body.malformed} malformed" if body.malformed else ""
    evicted = f", {body.evicted} evicted" if body.evicted else ""
    return f"In the air: {known}, {body.rate:.0f} frames/s{busiest}; {count(body.frames, 'frame')} so far{odd}{evicted}"


SENTENCES: dict[str, Callable[[Any], str]] = {
    "access-point-found": _access_point_found,
    "access-point-changed": _access_point_changed,
    "access-point-lost": _access_point_lost,
    "name-revealed": _name_revealed,
    "station-found": _station_found,
    "station-joined": _station_joined,
    "station-lost": _station_lost,
    "network-probed": _network_probed,
    "eapol-seen": _eapol_seen,
    "handshake-seen": _handshake_seen,
    "disconnected": _disconnected,
    "air-report": _air_report,
}
