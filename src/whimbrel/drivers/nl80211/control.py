"""One radio of this machine with nl80211: finds or makes the monitor interface, sets channels, recovers it.

All methods block; `whimbrel.drivers.nl80211.tuner` calls them on a thread.
"""

from __future__ import annotations

import contextlib
import errno
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from whimbrel.drivers.nl80211.attributes import BAND_2GHZ, BAND_5GHZ, BAND_6GHZ, NETLINK_GENERIC, NETLINK_ROUTE
from whimbrel.drivers.nl80211.client import Nl80211, Wiphy
from whimbrel.drivers.nl80211.codec import NetlinkError
from whimbrel.drivers.nl80211.explain import refused_channel, refused_step
from whimbrel.drivers.nl80211.genetlink import Netlink, find_family, open_socket
from whimbrel.drivers.nl80211.links import Links
from whimbrel.drivers.nl80211.monitor import Monitor
from whimbrel.drivers.ports import TuneError
from whimbrel.errors import NotReady
from whimbrel.record import Record
from whimbrel.wifi.channels import Channel

_BANDS = {"2.4": BAND_2GHZ, "5": BAND_5GHZ, "6": BAND_6GHZ}


class Kernel(Record):
    """The open netlink sockets."""

    nl80211: Nl80211
    links: Links
    sockets: tuple[Netlink, ...]

    def close(self) -> None:
        """Close them; the kernel deletes the monitor interface that was made with them, if it still exists."""
        for netlink in self.sockets:
            netlink.close()


def connect(timeout: float) -> Kernel:
    """Open both netlink sockets. Raises `NetlinkError`: ENOENT if this kernel has no nl80211."""
    generic = Netlink(open_socket(NETLINK_GENERIC), timeout=timeout)
    try:
        nl80211 = Nl80211(find_family(generic, "nl80211"))
        route = Netlink(open_socket(NETLINK_ROUTE), timeout=timeout)
    except NetlinkError:
        generic.close()
        raise
    return Kernel(nl80211=nl80211, links=Links(route), sockets=(generic, route))


class RadioControl(Protocol):
    """Controls one radio. All methods block."""

    interface: str
    """After `open`, the monitor interface to capture from."""
    description: str
    """One line for a person, after `open`: ``wlan1mon (phy1, ath9k_htc)``."""
    start_up: float
    """Seconds for which `open` may take longer than other requests."""
    left: tuple[str, ...]
    """The changes that `close` could not undo, in a sentence each."""

    def open(self) -> None:
        """Find the radio, get a monitor interface and set it up. Raises `NotReady` with the missing thing."""

    def channels(self) -> Sequence[Channel]:
        """Return every 20 MHz channel that radio and regulatory domain allow to receive, by frequency."""

    def set_channel(self, channel: Channel) -> None:
        """Tune to `channel` at its width. Raises `TuneError`."""

    def cycle(self) -> None:
        """Set the interface down and up. Raises `TuneError`."""

    def recreate(self) -> None:
        """Delete the monitor interface and recreate it under its name. Raises `TuneError`."""

    def close(self) -> None:
        """Restore the interfaces. Idempotent; never raises."""


class Nl80211Control:
    """Controls a radio by this process's own sockets. `timeout` bounds each request, in seconds.

    `interface` is that of `Monitor`, and so is `spares_running`.
    """

    start_up = 0.0

    def __init__(
        self,
        interface: str = "",
        *,
        timeout: float = 3.0,
        connect: Callable[[float], Kernel] = connect,
        spares_running: bool = False,
    ) -> None:
        self.interface = interface
        self.description = ""
        self.left: tuple[str, ...] = ()
        self._wanted = interface
        self._timeout = timeout
        self._connect = connect
        self._spares_running = spares_running
        self._kernel: Kernel | None = None
        self._monitor: Monitor | None = None

    def open(self) -> None:
        """Find the radio, get a monitor interface and set it up. Raises `NotReady` with the missing thing."""
        try:
            self._kernel = self._connect(self._timeout)
        except NetlinkError as error:
            raise NotReady(not_there(error)) from error
        self._monitor = Monitor(
            self._kernel.nl80211, self._kernel.links, self._wanted, spares_running=self._spares_running
        )
        self._monitor.open()
        self.interface = self._monitor.interface.name
        self.description = f"{self.interface} ({self._monitor.radio.name}, {driver_of(self._monitor.radio)})"

    def channels(self) -> Sequence[Channel]:
        """Return every 20 MHz channel that radio and regulatory domain allow to receive, by frequency.

        Channels on which transmitting is restricted, for radar or other reasons, are included: nothing is transmitted.
        """
        if self._monitor is None:
            return ()
        allowed = (known for known in self._monitor.radio.frequencies if not known.disabled and 20 in known.widths)
        return tuple(Channel(known.freq) for known in allowed)

    def set_channel(self, channel: Channel) -> None:
        """Tune to `channel` at its width. Raises `TuneError`."""
        kernel, monitor = self._parts()
        ht = _BANDS.get(channel.band) in monitor.radio.ht
        try:
            kernel.nl80211.set_channel(monitor.interface.ifindex, channel, ht=ht)
        except NetlinkError as error:
            raise self._explain(error, channel) from error

    def cycle(self) -> None:
        """Set the interface down and up. Raises `TuneError`."""
        self._step(Monitor.cycle)

    def recreate(self) -> None:
        """Delete the monitor interface and recreate it under its name. Raises `TuneError`."""
        self._step(Monitor.recreate)

    def close(self) -> None:
        """Restore the interfaces. Idempotent; never raises."""
        if self._monitor is not None:
            self.left = tuple(self._monitor.close())
            self._monitor = None
        if self._kernel is not None:
            self._kernel.close()
            self._kernel = None

    def _explain(self, error: NetlinkError, channel: Channel) -> TuneError:
        kernel, monitor = self._parts()
        country = ""
        others: list[str] = []
        with contextlib.suppress(NetlinkError):
            # Read again: the regulatory domain may have changed since the plan was made.
            if error.errno == errno.EBUSY:
                others = monitor.others_up()
            elif error.errno == errno.EINVAL:
                monitor.refresh()
                country = kernel.nl80211.regulatory(monitor.radio.number).country
        return refused_channel(error, channel, monitor.radio, country=country, others_up=others)

    def _step(self, step: Callable[[Monitor], None]) -> None:
        _, monitor = self._parts()
        try:
            step(monitor)
        except NetlinkError as error:
            raise refused_step(error, monitor.radio) from error

    def _parts(self) -> tuple[Kernel, Monitor]:
        if self._kernel is None or self._monitor is None:
            raise TuneError("the tuner is not open")
        return self._kernel, self._monitor


def not_there(error: NetlinkError) -> str:
    """Return why there is no nl80211, with advice."""
    if error.errno == errno.ENOENT:
        return "this kernel has no Wi-Fi (nl80211): plug in an adapter, or load its driver"
    if error.errno in {errno.EAFNOSUPPORT, errno.EPROTONOSUPPORT, errno.EPERM, errno.EACCES}:
        return f"{error}: the sandbox of the service must allow AF_NETLINK"
    return str(error)


def driver_of(radio: Wiphy) -> str:
    """Return the name of the radio's kernel driver."""
    device = Path(f"/sys/class/ieee80211/{radio.name}/device")
    for link in ("driver", "subsystem"):  # a device without a bus, such as mac80211_hwsim, has no driver link
        with contextlib.suppress(OSError):
            return (device / link).readlink().name
    return "driver not known"
