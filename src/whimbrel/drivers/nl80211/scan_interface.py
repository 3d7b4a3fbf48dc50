"""Provides an interface to scan with, and restores the previous state afterwards."""

from __future__ import annotations

import errno
from collections.abc import Callable, Collection, Mapping, Sequence
from types import MappingProxyType

from whimbrel.drivers.nl80211.attributes import IFTYPE_MONITOR, IFTYPE_STATION
from whimbrel.drivers.nl80211.client import Interface, Nl80211, Wiphy
from whimbrel.drivers.nl80211.codec import NetlinkError
from whimbrel.drivers.nl80211.explain import refused_interface
from whimbrel.drivers.nl80211.interface_in_use import NAME_MAX, InterfaceInUse
from whimbrel.drivers.nl80211.links import Links
from whimbrel.drivers.nl80211.scanning import Scans
from whimbrel.drivers.ports import TuneError
from whimbrel.drivers.radios import RadioNames, names_of
from whimbrel.errors import NotReady

TAKEN = "is used by the other receiver"
ADVICE = "plug in an adapter that knows monitor mode"


class ScanInterface(InterfaceInUse):
    """A station interface in use, and the changes to undo afterwards.

    `wanted` is the interface or the radio (see `whimbrel.drivers.radios`) in the settings; empty for the first unused
    radio, else, if `connected` allows it, the first connected one. A radio in monitor mode is never used: a scan would
    take it off its channel; those `given_up`, by name, leave it now. Nor is one of those `taken`, each by name with the
    reason. An interface that is down is set up; a radio without an interface gets one.
    """

    def __init__(
        self,
        nl80211: Nl80211,
        links: Links,
        wanted: str = "",
        *,
        connected: bool = False,
        taken: Mapping[str, str] = MappingProxyType({}),
        given_up: Collection[str] = (),
        names: Callable[[str], RadioNames] = names_of,
    ) -> None:
        super().__init__(nl80211, links, wanted, names=names)
        self._connected = connected
        self._taken = taken
        self._given_up = given_up

    def find(self) -> tuple[Wiphy, Interface | None]:
        """Return the radio, and its station interface if it has one; changes nothing.

        Raises `NotReady` with the reason for each radio, and `NetlinkError`.
        """
        radios = self._nl80211.radios()
        interfaces = self._nl80211.interfaces()
        if not radios:
            raise NotReady(f"no Wi-Fi radio: {ADVICE}")
        reasons: list[str] = []
        in_use: list[tuple[Wiphy, Interface | None]] = []
        for radio in radios:
            own = [interface for interface in interfaces if interface.radio == radio.number]
            if self._wanted and not self._is_wanted(radio, own):
                continue
            station = next((each for each in own if each.type == IFTYPE_STATION), None)
            running = [each.name for each in own if each.type != IFTYPE_MONITOR and self._is_running(each)]
            if reason := self._obstacle(radio, own):
                reasons.append(f"{radio.name} {reason}")
            elif running:
                in_use.append((radio, station))
                reasons.append(f"{radio.name} is in use by {', '.join(running)}, and scan.connected is off")
            else:
                return radio, station
        if in_use and self._connected:
            # A connected station bears it better than an access point.
            return min(in_use, key=lambda each: each[1] is None)
        if not reasons:
            there = ", ".join(str(self._names(radio.name)) for radio in radios)
            raise NotReady(f"no radio is called {self._wanted!r}; there is {there} ('iw phy' lists them)")
        raise NotReady(f"no radio can be scanned with ({'; '.join(reasons)}): {ADVICE}")

    def is_connected(self) -> bool:
        """Return whether an interface of the radio is connected, or is an access point.

        Raises `NotReady` if the radio is in monitor mode by now, and `NetlinkError`.
        """
        own = [each for each in self._nl80211.interfaces() if each.radio == self.radio.number]
        if reason := self._obstacle(self.radio, own):
            raise NotReady(f"{self.radio.name} {reason}")
        return any(self._is_running(each) for each in own if each.type != IFTYPE_MONITOR)

    def cycle(self) -> None:
        """Set the interface down and up, unless others use the radio; one that is down is set up in any case.

        Raises `TuneError`.
        """
        try:
            in_use = self.is_connected()
            if self._links.is_up(self.interface.ifindex):
                if in_use:
                    raise TuneError(f"{self.radio.name} is connected, and left alone")
                self._links.set_up(self.interface.ifindex, False)
            self._links.set_up(self.interface.ifindex, True)
        except (NotReady, NetlinkError) as error:
            raise TuneError(str(error)) from error

    def trigger(self, scans: Scans, *, freqs: Sequence[int], active: bool) -> None:
        """Begin a scan with it. Raises `NetlinkError`; EBUSY: one is running already."""
        scans.trigger(self.interface.ifindex, freqs=freqs, active=active)

    def _open(self) -> None:
        self._radio, own = self.find()
        self._interface = own or self._make(self._radio)
        self._bring_up()

    def _is_wanted(self, radio: Wiphy, own: Sequence[Interface]) -> bool:
        return any(each.name == self._wanted for each in own) or self._names(radio.name).is_called(self._wanted)

    def _obstacle(self, radio: Wiphy, own: Sequence[Interface]) -> str:
        if IFTYPE_STATION not in radio.types:
            return "cannot be a station"
        if radio.name in self._taken:
            return self._taken[radio.name]
        monitors = any(each.type == IFTYPE_MONITOR and self._links.is_up(each.ifindex) for each in own)
        if monitors and radio.name not in self._given_up:
            return "is in monitor mode"
        return ""

    def _is_running(self, interface: Interface) -> bool:
        try:
            return self._links.is_running(interface.ifindex)
        except NetlinkError as error:
            if error.errno == errno.ENODEV:  # it has just gone
                return False
            raise

    def _make(self, radio: Wiphy) -> Interface:
        made = self._nl80211.new_station(radio.number, f"{radio.name[: NAME_MAX - 4]}scan")
        self._undo.append(lambda: self._nl80211.delete_interface(made.ifindex))
        return made

    def _explain(self, error: NetlinkError) -> str:
        return refused_interface(error, "scanning", f"cannot scan; {ADVICE}", "radio")
