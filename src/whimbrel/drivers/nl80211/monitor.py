"""Provides a monitor interface, and restores the previous state afterwards."""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterable

from whimbrel.drivers.nl80211.attributes import IFTYPE_MONITOR
from whimbrel.drivers.nl80211.client import Interface, Nl80211, Wiphy
from whimbrel.drivers.nl80211.codec import NetlinkError
from whimbrel.drivers.nl80211.explain import refused_interface
from whimbrel.drivers.nl80211.interface_in_use import NAME_MAX, InterfaceInUse
from whimbrel.drivers.nl80211.links import Links
from whimbrel.drivers.radios import RadioNames, names_of
from whimbrel.errors import NotReady


class Monitor(InterfaceInUse):
    """A monitor interface in use, and the changes to undo afterwards.

    `wanted` is the name in the settings. A monitor interface is used as it is. Another interface is turned into a
    monitor interface. On a radio (`whimbrel.drivers.radios`), a monitor interface is made. In these two cases its other
    interfaces are set down, because an interface that is up keeps the radio on its channel. If it is empty, the first
    monitor interface is used, or one is made on the first unused radio.

    With `spares_running`, a radio is refused whose other interfaces are connected, or an access point.
    """

    def __init__(
        self,
        nl80211: Nl80211,
        links: Links,
        wanted: str = "",
        *,
        spares_running: bool = False,
        names: Callable[[str], RadioNames] = names_of,
    ) -> None:
        super().__init__(nl80211, links, wanted, names=names)
        self._spares_running = spares_running
        self._made = False

    def cycle(self) -> None:
        """Set the interface down and up. Raises `NetlinkError`."""
        self._links.set_up(self.interface.ifindex, False)
        self._links.set_up(self.interface.ifindex, True)

    def recreate(self) -> None:
        """Delete the interface and recreate it with its name. Raises `NetlinkError`; it may be repeated."""
        try:
            self._nl80211.delete_interface(self.interface.ifindex)
        except NetlinkError as error:
            if error.errno != errno.ENODEV:
                raise
        made = self._nl80211.new_monitor(self.radio.number, self.interface.name, owned=self._made)
        self._interface = made
        self._links.set_up(made.ifindex, True)

    def others_up(self) -> list[str]:
        """Return the names of the radio's other interfaces that are up. Raises `NetlinkError`."""
        return [
            other.name for other in self._others() if other.type != IFTYPE_MONITOR and self._links.is_up(other.ifindex)
        ]

    def refresh(self) -> Wiphy:
        """Read the capabilities of the radio and the regulatory domain again. Raises `NetlinkError`."""
        for radio in self._nl80211.radios():
            if radio.number == self.radio.number:
                self._radio = radio
        return self.radio

    def _open(self) -> None:
        radios = {radio.number: radio for radio in self._nl80211.radios()}
        if not radios:
            raise NotReady("no Wi-Fi radio: plug in a USB adapter that knows monitor mode")
        # A radio that was plugged in since the first question is left to the next attempt.
        interfaces = [interface for interface in self._nl80211.interfaces() if interface.radio in radios]
        for interface in interfaces:
            if interface.name == self._wanted:
                self._radio = radios[interface.radio]
                self._use(interface)
                return
        for radio in radios.values():
            if self._wanted and self._names(radio.name).is_called(self._wanted):
                self._radio = radio
                self._make(take_over=True)
                return
        if self._wanted:
            there = [f"{interface.name} ({radios[interface.radio].name})" for interface in interfaces]
            there += [str(self._names(radio.name)) for radio in radios.values()]
            raise NotReady(f"no Wi-Fi interface or radio is called {self._wanted}; there are: {', '.join(there)}")
        for interface in interfaces:
            if interface.type == IFTYPE_MONITOR:
                self._radio = radios[interface.radio]
                self._use(interface)
                return
        self._radio = self._choose(radios, interfaces)
        self._make(take_over=False)

    def _use(self, interface: Interface) -> None:
        """Use this interface; turn it into a monitor interface if it is none."""
        self._interface = interface
        if interface.type != IFTYPE_MONITOR:
            self._turn(interface)
        else:
            self._bring_up()

    def _turn(self, interface: Interface) -> None:
        self._must_monitor()
        self._spare([interface, *self._others()])
        self._quieten()
        was_up = self._links.is_up(interface.ifindex)
        if was_up:
            self._links.set_up(interface.ifindex, False)
            self._undo.append(lambda: self._links.set_up(self.interface.ifindex, True))
        self._nl80211.set_type(interface.ifindex, IFTYPE_MONITOR)
        self._undo.append(lambda: self._nl80211.set_type(self.interface.ifindex, interface.type))
        self._undo.append(lambda: self._links.set_up(self.interface.ifindex, False))
        self._links.set_up(interface.ifindex, True)

    def _make(self, *, take_over: bool) -> None:
        self._must_monitor()
        self._spare(self._others())
        if take_over or not self._running():
            self._quieten()
        taken = {interface.name for interface in self._nl80211.interfaces()}
        names = [f"{self.radio.name[: NAME_MAX - 4]}mon{suffix}" for suffix in ("", *range(1, 10))]
        name = next((name for name in names if name not in taken), names[0])
        self._interface = self._nl80211.new_monitor(self.radio.number, name, owned=True)
        self._made = True
        self._undo.append(lambda: self._nl80211.delete_interface(self.interface.ifindex))
        self._links.set_up(self.interface.ifindex, True)

    def _choose(self, radios: dict[int, Wiphy], interfaces: list[Interface]) -> Wiphy:
        able = [radio for radio in radios.values() if IFTYPE_MONITOR in radio.types]
        if not able:
            names = ", ".join(radio.name for radio in radios.values())
            raise NotReady(f"no radio knows monitor mode ({names}): use an adapter that does, or a firmware with it")
        used: list[str] = []
        for radio in able:
            running = [
                own.name for own in interfaces if own.radio == radio.number and self._links.is_running(own.ifindex)
            ]
            if not running:
                return radio
            used.append(f"{radio.name} by {', '.join(running)}")
        raise NotReady(f"every radio is in use ({'; '.join(used)}): name the one to take over as the interface")

    def _must_monitor(self) -> None:
        if IFTYPE_MONITOR not in self.radio.types:
            raise NotReady(f"{self.radio.name} has no monitor mode: use an adapter that does, or a firmware with it")

    def _spare(self, interfaces: Iterable[Interface]) -> None:
        """Raise `NotReady` if one of these may not be taken over."""
        if not self._spares_running:
            return
        for interface in interfaces:
            if interface.type != IFTYPE_MONITOR and self._links.is_running(interface.ifindex):
                raise NotReady(
                    f"{interface.name} is connected, and is not taken over by a service: disconnect it, or use another "
                    "radio"
                )

    def _others(self) -> list[Interface]:
        own = self._interface.ifindex if self._interface else 0
        return [
            other for other in self._nl80211.interfaces() if other.radio == self.radio.number and other.ifindex != own
        ]

    def _running(self) -> bool:
        return any(self._links.is_running(other.ifindex) for other in self._others())

    def _quieten(self) -> None:
        """Set the radio's other interfaces down, except monitors, which follow its channel."""
        for other in self._others():
            if other.type != IFTYPE_MONITOR and self._links.is_up(other.ifindex):
                self._links.set_up(other.ifindex, False)
                self._undo.append(lambda index=other.ifindex: self._links.set_up(index, True))  # type: ignore[misc]

    def _explain(self, error: NetlinkError) -> str:
        unable = "cannot do this; use an adapter with monitor mode, or a firmware with it"
        return refused_interface(error, "changing interfaces", unable, "interface or radio")
