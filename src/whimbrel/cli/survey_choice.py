"""What a person wants to see of the air, and in which order: the options of ``survey``. Pure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from whimbrel.rows import AccessPointRow, SignalRow, StationRow
from whimbrel.text import mac
from whimbrel.verbs.air import Survey
from whimbrel.wifi.channels import Channel, channel_label
from whimbrel.wording.phrases import network_shown

_UNHEARD = -1000
"""dBm below any level: what was heard without one stands last."""


def _strength(signal: SignalRow) -> int:
    return _UNHEARD if signal.max is None else signal.max


_ORDERS: dict[str, Callable[[AccessPointRow], Any]] = {
    "signal": lambda row: -_strength(row.rssi),
    "name": lambda row: (not row.ssid, network_shown(row.ssid, row.mesh_id).casefold()),
    "channel": lambda row: (row.freq or 1 << 20, row.channel),
    "security": lambda row: str(row.security),
    "stations": lambda row: -row.stations,
    "beacons": lambda row: -row.beacons,
    "bssid": lambda row: row.bssid,
    "newest": lambda row: -row.first,
}
ORDERS = tuple(_ORDERS)
"""By what access points can be sorted."""


class Choice(NamedTuple):
    """Which access points are shown, in which order, and the stations of which; what is empty chooses nothing."""

    sort: str = ORDERS[0]
    band: str = ""
    """2.4, 5 or 6."""
    channel: Channel | None = None
    ssid: str = ""
    """Part of the name as it is shown, in any case of letters."""
    security: str = ""
    """Part of the protection's name, in any case of letters."""
    stations_of: str = ""
    """A BSSID, or a name of a network as it is shown."""

    @property
    def chooses(self) -> bool:
        """Whether anything is left out."""
        return self != Choice(sort=self.sort)

    def of(self, answer: Survey) -> Survey:
        """Return what is chosen of a survey, sorted; stations by strength, or as the access points leave them."""
        found = sorted((row for row in answer.access_points if self._takes(row)), key=lambda row: row.bssid)
        found.sort(key=_ORDERS[self.sort])
        stations = answer.stations
        if self.chooses:
            shown = {row.bssid for row in found} | {row.bssid for row in stations if self._names(mac(row.bssid))}
            stations = tuple(row for row in stations if row.bssid in shown)
        return answer.replace(access_points=tuple(found), stations=by_strength(stations))

    def _takes(self, row: AccessPointRow) -> bool:
        name = network_shown(row.ssid, row.mesh_id)
        return (
            self.band in ("", row.band)
            and (self.channel is None or channel_label(self.channel.freq) == channel_label(row.freq, row.channel))
            and self.ssid.casefold() in name.casefold()
            and self.security.casefold() in str(row.security).casefold()
            and (not self.stations_of or self.stations_of == name or self._names(mac(row.bssid)))
        )

    def _names(self, address: str) -> bool:
        """Tell whether the stations of this access point are asked for by its address."""
        return self.stations_of.lower().replace("-", ":") == address


def by_strength(found: tuple[StationRow, ...]) -> tuple[StationRow, ...]:
    """Return stations, the strongest first."""
    return tuple(sorted(found, key=lambda row: (-_strength(row.rssi), row.station)))


def strongest(found: tuple[AccessPointRow, ...]) -> tuple[AccessPointRow, ...]:
    """Return access points, the strongest first."""
    return tuple(sorted(found, key=lambda row: (-_strength(row.rssi), row.bssid)))
