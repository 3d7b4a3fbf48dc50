"""Learning a guarded network from its present state, with doubts about that state. Pure.

An imitation on the air while a network is learned would be guarded with it. So every sign of a second transmitter is
reported first.
"""

from __future__ import annotations

import contextlib
import functools
import operator
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from whimbrel.detections.guarded import SAYABLE, GuardedNetwork
from whimbrel.detections.impersonation.names import NameLook, resemblance
from whimbrel.events.alerts import Severity
from whimbrel.settings import Mac, Ssid, evolve
from whimbrel.text import mac, printable, ssid
from whimbrel.wifi.channels import Channel, channel_number
from whimbrel.wifi.security import Pmf
from whimbrel.wifi.vendors import vendor

if TYPE_CHECKING:
    from whimbrel.detections.alert_table import AlertTable
    from whimbrel.detections.standing import StandingAlert
    from whimbrel.survey.access_point import AccessPoint
    from whimbrel.survey.survey import Survey
    from whimbrel.wifi.security import Protection

LONG_ENOUGH = 60.0
"""The least seconds for which an access point should have been heard: most attacks show within them."""
WEAK = -80
"""dBm; the user's own network is louder at home."""
RECENT = 900.0
"""Seconds for which a closed alert still raises doubts."""
_FLIPS = 3
_HASTE = 0.7
"""Share of the beacon interval; a real access point's next beacon cannot come earlier."""
_NAMES = 2
_MOST_DOUBTS = 24
_MOST_ALERTS = 6
_SLICE = 32
"""Access points, or names, between two turns of others."""


def access_points_of(survey: Survey, name: bytes) -> list[AccessPoint]:
    """Return the access points of this name, the loudest first; ad-hoc networks do not count."""
    found = [ap for ap in survey.access_points.table.entries.values() if ap.ssid == name and not ap.announced.adhoc]
    return sorted(found, key=lambda ap: -_loudest(ap))


def stations_of(survey: Survey, heard: Iterable[AccessPoint]) -> list[bytes]:
    """Return the addresses of the stations that have exchanged encrypted data with these access points."""
    bssids = {ap.address for ap in heard}
    known = survey.stations.table.entries.values()
    return sorted(station.address for station in known if station.bssid in bssids and station.worked)


def network_of(
    name: bytes,
    heard: Iterable[AccessPoint],
    known: GuardedNetwork | None = None,
    *,
    channels: bool = False,
    stations: Iterable[bytes] = (),
) -> GuardedNetwork:
    """Return the network as heard, together with its known access points.

    `channels`: whether only the channels on which it is heard are allowed. Raises ValueError for an impossible guarded
    network.
    """
    heard = list(heard)
    bssids = dict.fromkeys([*(known.bssids if known else ()), *(Mac(ap.address) for ap in heard)])
    protections = {ap.announced.security.protection for ap in heard}
    security = sorted((each for each in protections if each in SAYABLE), key=str)
    pmf = min((ap.announced.security.pmf for ap in heard), default=Pmf.NONE)
    places: dict[Channel, None] = dict.fromkeys(known.channels if known else ())
    if channels:
        freqs = {ap.announced.freq for ap in heard}
        places |= dict.fromkeys(Channel(freq) for freq in sorted(freqs) if channel_number(freq))
    devices = dict.fromkeys([*(known.stations if known else ()), *map(Mac, stations)])
    network = GuardedNetwork(
        ssid=Ssid(name),
        bssids=tuple(bssids),
        channels=tuple(places),
        security=tuple(security),
        stations=tuple(devices),
    )
    with contextlib.suppress(ValueError):  # an access point may announce what the standard forbids
        network = evolve(network, pmf=pmf or None)
    return network


def doubts(
    survey: Survey, alerts: AlertTable, name: bytes, heard: list[AccessPoint], now: float, known: GuardedNetwork | None
) -> Iterator[str | None]:
    """Yield the doubts about learning the network now, one sentence each; `now` is the time of the last frame.

    None where others may have a turn: to compare the names of a full table takes a Zero a tenth of a second.
    """
    told = 0
    for doubt in _all_doubts(survey, alerts, name, heard, now, known):
        told += doubt is not None
        if doubt is None or told <= _MOST_DOUBTS:
            yield doubt
    if told > _MOST_DOUBTS:
        yield f"and {told - _MOST_DOUBTS} more doubts"


def _all_doubts(
    survey: Survey, alerts: AlertTable, name: bytes, heard: list[AccessPoint], now: float, known: GuardedNetwork | None
) -> Iterator[str | None]:
    yield from _of_alerts(alerts, name, heard, now)
    yield from _of_security(heard, known)
    yield from _of_vendors(heard)
    for number, ap in enumerate(heard, 1):
        yield from _of_access_point(ap, now)
        if number % _SLICE == 0:
            yield None
    yield from _of_names(survey, name)


def _of_alerts(alerts: AlertTable, name: bytes, heard: list[AccessPoint], now: float) -> Iterator[str]:
    addresses = {ap.address for ap in heard}
    told = 0
    for standing in alerts:
        if standing.closed and now - standing.last > RECENT:
            continue
        about = _is_about(standing, name, addresses)
        if standing.severity.rank >= (Severity.NOTICE if about else Severity.CRITICAL).rank:
            state = "ended recently" if standing.closed else "is open"
            told += 1
            if told > _MOST_ALERTS:
                yield "and more alerts: `whimbrel alerts --all`"
                return
            what = f"alert {standing.id} ({printable(standing.detection.title)}) {state}"
            yield what if about else f"there is an attack here: {what}"


def _is_about(standing: StandingAlert, name: bytes, addresses: set[bytes]) -> bool:
    claim = standing.claim
    return (bool(name) and claim.ssid == name) or not addresses.isdisjoint((claim.bssid, claim.sender))


def _of_security(heard: list[AccessPoint], known: GuardedNetwork | None) -> Iterator[str]:
    found: dict[Protection, list[bytes]] = {}
    for ap in heard:
        found.setdefault(ap.announced.security.protection, []).append(ap.address)
    # Two neighbouring generations have a protection in common.
    if found and not functools.reduce(operator.and_, found):
        which = ", ".join(f"{protection} on {_several(addresses)}" for protection, addresses in found.items())
        yield f"its access points have different protection: {which}"
    if known is not None and known.security:
        for protection in [each for each in found if each not in known.security]:
            yield f"it has {protection} now, and had {' or '.join(map(str, known.security))} before"


def _of_vendors(heard: list[AccessPoint]) -> Iterator[str]:
    vendors: dict[str, list[bytes]] = {}
    for ap in heard:
        # A second network of one radio has its address with the local bit set.
        if maker := vendor(bytes((ap.address[0] & ~2, *ap.address[1:]))):
            vendors.setdefault(maker, []).append(ap.address)
    if len(vendors) > 1:
        found = ", ".join(f"{printable(maker)} ({_several(addresses)})" for maker, addresses in vendors.items())
        yield f"its access points are from several makers: {found}"


def _of_access_point(ap: AccessPoint, now: float) -> Iterator[str]:
    who = mac(ap.address)
    if ap.flips >= _FLIPS:
        yield f"{who} changed back and forth {ap.flips} times: two transmitters may share its address"
    said, measured = ap.announced.interval, ap.measured_interval
    if said and measured is not None and measured < said * _HASTE:
        yield (
            f"{who} announces a beacon every {said} time units, and one came after {measured}: two transmitters may "
            "share its address"
        )
    if len(ap.names) + ap.names_dropped > _NAMES:
        yield f"{who} answered to {len(ap.names) + ap.names_dropped} names"
    heard_for = ap.last - ap.first
    if heard_for < LONG_ENOUGH:
        yield f"{who} was heard for only {max(heard_for, 0):.0f} s; wait until it was heard for {LONG_ENOUGH:.0f} s"
    if now - ap.last > LONG_ENOUGH:
        yield f"{who} was not heard for {now - ap.last:.0f} s"
    loudest = ap.signal.high
    if loudest is not None and loudest < WEAK:
        yield f"{who} is weak ({loudest} dBm): is it yours?"


def _of_names(survey: Survey, name: bytes) -> Iterator[str | None]:
    own = NameLook(name)
    others = {ap.ssid for ap in survey.access_points.table.entries.values()} - {name, b""}
    for number, other in enumerate(sorted(others), 1):
        if number % _SLICE == 0:
            yield None
        if resemblance(NameLook(other), own):
            yield f'there is another network with a similar name: "{ssid(other)}"'


def _loudest(ap: AccessPoint) -> int:
    return -1000 if ap.signal.high is None else ap.signal.high


def _several(addresses: list[bytes]) -> str:
    shown = ", ".join(map(mac, addresses[:3]))
    return f"{shown} and {len(addresses) - 3} more" if len(addresses) > 3 else shown
