"""The helper's side of scanning: an interface that is set up for it, and the beginning of each scan."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from whimbrel.drivers.nl80211.codec import NetlinkError
from whimbrel.drivers.nl80211.control import Kernel, connect, not_there
from whimbrel.drivers.nl80211.scan_interface import ScanInterface
from whimbrel.drivers.nl80211.scanning import Scans
from whimbrel.errors import NotReady


class ScanControl:
    """Scans with one radio. All methods block; `timeout` bounds each request to the kernel, in seconds."""

    def __init__(self, *, timeout: float = 3.0, connect: Callable[[float], Kernel] = connect) -> None:
        self._timeout = timeout
        self._connect = connect
        self._kernel: Kernel | None = None
        self._interface: ScanInterface | None = None

    @property
    def radio(self) -> str:
        """The name of the radio, after `open`."""
        assert self._interface is not None
        return self._interface.radio.name

    @property
    def interface(self) -> str:
        """The name of the interface, after `open`."""
        assert self._interface is not None
        return self._interface.interface.name

    def open(self, wanted: str, *, connected: bool) -> None:
        """Set the interface up, as `ScanInterface`. Raises `NotReady`."""
        try:
            self._kernel = self._connect(self._timeout)
        except NetlinkError as error:
            raise NotReady(not_there(error)) from error
        interface = ScanInterface(self._kernel.nl80211, self._kernel.links, wanted, connected=connected)
        try:
            interface.open()
        except BaseException:
            self.close()
            raise
        self._interface = interface

    def trigger(self, *, freqs: Sequence[int], active: bool) -> None:
        """Begin a scan. Raises `NetlinkError`."""
        assert self._kernel is not None
        assert self._interface is not None
        self._interface.trigger(Scans(self._kernel.nl80211.family), freqs=freqs, active=active)

    def cycle(self) -> None:
        """Set the interface down and up, as `ScanInterface`. Raises `TuneError`."""
        assert self._interface is not None
        self._interface.cycle()

    def close(self) -> tuple[str, ...]:
        """Restore the interfaces; return what could not be restored, in a sentence each. Idempotent; never raises."""
        interface, self._interface = self._interface, None
        left = tuple(interface.close()) if interface is not None else ()
        kernel, self._kernel = self._kernel, None
        if kernel is not None:
            kernel.close()
        return left
