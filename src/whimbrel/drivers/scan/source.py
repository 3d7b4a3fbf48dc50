"""The `FrameSource` that listens by the kernel's scan: beacons and probe responses, by any radio."""

from __future__ import annotations

import asyncio
import errno
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from whimbrel.drivers.linux.access import RadioAccess, radio_access
from whimbrel.drivers.nl80211 import attributes as nl
from whimbrel.drivers.nl80211 import control
from whimbrel.drivers.nl80211.client import Nl80211
from whimbrel.drivers.nl80211.codec import NetlinkError, unpack_number
from whimbrel.drivers.nl80211.control import driver_of, not_there
from whimbrel.drivers.nl80211.genetlink import GroupSocket, Netlink, join_group
from whimbrel.drivers.nl80211.links import Links
from whimbrel.drivers.nl80211.scan_interface import ADVICE, ScanInterface
from whimbrel.drivers.nl80211.scanning import Scans
from whimbrel.drivers.nl80211.worker import Stuck, Worker
from whimbrel.drivers.ports import Deliver, Losses, RadioGone, TuneError, next_turn
from whimbrel.drivers.radios import all_names
from whimbrel.drivers.scan.frames import News, records
from whimbrel.errors import NotReady
from whimbrel.events.radio import ClockStepped, ProbingChanged
from whimbrel.module import ignore
from whimbrel.wifi import linktypes

if TYPE_CHECKING:
    from whimbrel.drivers.scan.settings import ScanSettings
    from whimbrel.events.base import Body

T = TypeVar("T")

_BATCH = 64
_LONGEST = 30.0
"""Seconds after which the table is read even if the end of a scan was not told: longer than a scan of all bands."""
_REST_MAX = 30.0
"""Longest pause in seconds between scans that fail; it doubles with each."""
_CLOCK_STEP = 1.0
"""Seconds of change of the system clock between two scans beyond which it was set, not adjusted gradually."""
_GONE = frozenset({errno.ENODEV, errno.ENOENT, errno.ENXIO})
_SILENT = ProbingChanged(transmits=False)
"""What is so before the first scan."""
_REFUSALS = frozenset({errno.EPERM, errno.EACCES, errno.EOPNOTSUPP, errno.EINVAL})
"""What a kernel or the helper says to a scan that would transmit, if there can be none: EINVAL from a driver that takes
no SSID."""


class ScanKernel(NamedTuple):
    """The open netlink sockets."""

    nl80211: Nl80211
    links: Links
    scans: Scans
    notifications: GroupSocket
    sockets: tuple[Netlink, ...]

    def close(self) -> None:
        """Close them; the kernel deletes an interface that was made with them, if it still exists."""
        self.notifications.close()
        for netlink in self.sockets:
            netlink.close()


def connect(timeout: float) -> ScanKernel:
    """Open the netlink sockets. Raises `NetlinkError`: ENOENT if this kernel has no nl80211."""
    kernel = control.connect(timeout)
    family = kernel.nl80211.family
    try:
        notifications = join_group(family, "scan")
    except NetlinkError:
        kernel.close()
        raise
    return ScanKernel(kernel.nl80211, kernel.links, Scans(family), notifications, kernel.sockets)


class ScanSource:
    """Scans again and again, an `AnnouncementSource`.

    A scan of another program is used as well: where one is running, its end is awaited. `timeout` bounds each request,
    in seconds; `clock` is CLOCK_BOOTTIME, which is never set, `wall` the system's time.
    """

    live = True
    announcements_only = True

    def __init__(
        self,
        settings: ScanSettings,
        *,
        timeout: float = 3.0,
        connect: Callable[[float], ScanKernel] = connect,
        clock: Callable[[], float] = lambda: time.clock_gettime(time.CLOCK_BOOTTIME),
        wall: Callable[[], float] = time.time,
        access: RadioAccess | None = None,
    ) -> None:
        self.settings = settings
        self._access = access or radio_access()
        self.description = settings.radio or "the first radio"
        self.on_event: Callable[[Body], object] = ignore
        self.turn: Callable[[], Awaitable[None]] = next_turn
        self.on_scan: Callable[[str], object] = ignore
        self.transmits = False
        self.lap: float = settings.pause
        self._timeout = timeout
        self._connect = connect
        self._clock = clock
        self._wall = wall
        self._worker: Worker | None = None
        self._kernel: ScanKernel | None = None
        self._own: ScanInterface | None = None
        self._news: News
        self._ended = asyncio.Event()
        self._received = 0
        self._offset = 0.0
        self._rounds: Iterator[Sequence[int]] = iter(())
        self._aborted = False  # how the last scan ended
        self._failures = 0  # in a row
        self._active_at = float("-inf")  # monotonic seconds of the last attempt of a scan that sends
        self._sent = False
        self._refusal = ""  # of scans that send
        self._told = _SILENT

    @staticmethod
    def check(settings: ScanSettings) -> Iterator[tuple[str, str]]:
        """Yield the radio if it is missing; changes nothing."""
        radios = all_names()
        if not radios:
            yield "radio", f"this machine has no Wi-Fi radio: {ADVICE}, or load its driver"
        elif settings.radio and not _is_there(settings.radio):
            there = ", ".join(map(str, radios))
            yield "radio", f"no radio is called {settings.radio!r}; there is {there} ('iw phy' lists them)"

    async def open(self) -> None:
        """Find the radio and set its interface up. Raises `NotReady`."""
        await self.close()
        self._worker = Worker("scan")
        try:
            await self._call(self._open)
        except RadioGone as gone:
            await self.close()
            raise NotReady(str(gone)) from gone
        except BaseException:
            await self.close()
            raise
        self._received = 0
        self._rounds = iter(())
        self._failures = 0
        self._active_at, self._sent, self._refusal = float("-inf"), False, ""
        self.transmits, self._told = False, _SILENT
        self._news = News(self._clock())
        self._offset = self._wall() - self._clock()

    async def run(self, deliver: Deliver) -> None:
        """Scan until cancelled, and deliver what each scan heard. Raises `RadioGone`."""
        kernel = self._kernel
        if kernel is None:
            raise RuntimeError(f"{self.description}: run() before open()")
        loop = asyncio.get_running_loop()
        loop.add_reader(kernel.notifications.fileno(), self._take_notifications, kernel)
        try:
            while kernel is self._kernel:
                began = loop.time()
                problem, gently = await self._scan()
                self._failures = self._failures + 1 if problem else 0
                pause = self._pause(gently)
                self.lap = self._scans_a_lap(gently) * (loop.time() - began + pause)
                self.on_scan(problem)
                await self._deliver(deliver)
                await asyncio.sleep(pause)
        finally:
            # It is closed already if another task called close().
            if kernel is self._kernel:
                loop.remove_reader(kernel.notifications.fileno())
        raise RadioGone(f"{self.description} was closed")

    def losses(self) -> Losses:
        """Return the totals since `open`; nothing is dropped on the way."""
        return Losses(self._received, 0)

    async def close(self) -> None:
        """Restore the interfaces. Idempotent; never raises."""
        kernel, self._kernel = self._kernel, None
        if kernel is not None:
            asyncio.get_running_loop().remove_reader(kernel.notifications.fileno())
        worker, self._worker = self._worker, None
        own, self._own = self._own, None
        if worker is None:
            return
        try:
            await worker.call(lambda: _close(own, kernel), timeout=3 * self._timeout)
        except (TimeoutError, Stuck):
            pass
        finally:
            worker.stop()

    async def cycle(self) -> None:
        """Set the interface down and up, unless the radio is connected. Raises `TuneError`."""
        try:
            await self._call(self._cycle)
        except RadioGone as gone:
            raise TuneError(str(gone)) from gone

    def _pause(self, gently: bool) -> float:
        """Return the seconds until the next scan."""
        pause = self.settings.connected_pause if gently else self.settings.pause
        if self._failures:
            return max(min(pause * 2.0 ** min(self._failures - 1, 8), _REST_MAX), pause)
        return pause

    def _scans_a_lap(self, gently: bool) -> int:
        """Return the number of scans that it takes to visit every channel."""
        return len(list(_rounds(self._parts()[1], self.settings.connected_channels))) if gently else 1

    async def _scan(self) -> tuple[str, bool]:
        """Scan once, all channels or the next few; return the reason if it failed, and whether the radio is connected.

        Raises `RadioGone`.
        """
        self._ended.clear()
        problem, gently = await self._call(self._trigger)
        self._tell_probing()
        if problem:
            return problem, gently
        try:
            async with asyncio.timeout(_LONGEST):
                await self._ended.wait()
        except TimeoutError:
            return f"no end of a scan was told within {_LONGEST:g} s", gently
        return "the driver aborted the scan" if self._aborted else "", gently

    def _tell_probing(self) -> None:
        """Tell if scans have begun or ceased to transmit, or are refused."""
        self.transmits = self._sent and not self._refusal
        said = ProbingChanged(transmits=self.transmits, refused=self._refusal)
        if said != self._told:
            self._told = said
            self.on_event(said)

    def _trigger(self) -> tuple[str, bool]:
        kernel, own = self._parts()
        try:
            gently = own.is_connected()
        except NotReady as error:
            raise RadioGone(f"{self.description} cannot be scanned with any more: {error}") from error
        if gently and not self.settings.connected:
            raise RadioGone(f"{self.description} is connected now, and scan.connected is off")
        freqs: Sequence[int] = ()
        if gently:
            freqs = next(self._rounds, ())
            if not freqs:
                self._rounds = _rounds(own, self.settings.connected_channels)
                freqs = next(self._rounds, ())
        try:
            self._begin(kernel, own, freqs)
        except NetlinkError as error:
            if error.errno == errno.EBUSY:
                return "", gently  # somebody else's scan, whose end is told too
            if error.errno in _GONE:
                raise
            return self._set_up(error) if error.errno == errno.ENETDOWN else str(error), gently
        return "", gently

    def _begin(self, kernel: ScanKernel, own: ScanInterface, freqs: Sequence[int]) -> None:
        """Begin a scan, one that sends if it is due; if that is refused, a passive one. Raises `NetlinkError`."""
        now = time.monotonic()
        active = self.settings.active and not self._refusal and now - self._active_at >= self.settings.active_pause
        try:
            own.trigger(kernel.scans, freqs=freqs, active=active)
        except NetlinkError as error:
            if active and error.errno != errno.EBUSY:
                self._active_at = now
            if not active or error.errno not in _REFUSALS:
                raise
            own.trigger(kernel.scans, freqs=freqs, active=False)
            self._refusal = str(error)
        else:
            if active:
                self._active_at, self._sent = now, True

    def _set_up(self, error: NetlinkError) -> str:
        """Set the interface up again, for the next scan; return why this one failed."""
        try:
            self._cycle()
        except TuneError as why:
            return f"{error}; {why}"
        return f"{error}; it was set up again"

    def _cycle(self) -> None:
        self._parts()[1].cycle()

    async def _deliver(self, deliver: Deliver) -> None:
        """Deliver what is new in the kernel's table. Raises `RadioGone`."""
        found = await self._call(self._read)
        offset = self._wall() - self._clock()
        if abs(offset - self._offset) > _CLOCK_STEP:
            self.on_event(ClockStepped(delta=offset - self._offset))
            self._offset = offset
        heard = records(found, self._offset)
        for first in range(0, len(heard), _BATCH):
            batch = heard[first : first + _BATCH]
            self._received += len(batch)
            deliver(linktypes.RADIOTAP, batch)
            await self.turn()

    def _read(self) -> list[tuple[float, bytes]]:
        """Read the table and make its frames, on the worker: hundreds of networks would hold the loop up."""
        kernel, own = self._parts()
        return self._news.take(kernel.scans.table(own.interface.ifindex, self._clock()))

    def _take_notifications(self, kernel: ScanKernel) -> None:
        """Note the end of a scan of this radio, whoever asked for it."""
        if self._own is None:
            return
        radio = self._own.radio.number
        for command, told in kernel.notifications.read():
            number = unpack_number(told.get(nl.ATTR_WIPHY), -1)
            if command in {nl.CMD_NEW_SCAN_RESULTS, nl.CMD_SCAN_ABORTED} and number == radio:
                self._aborted = command == nl.CMD_SCAN_ABORTED
                self._ended.set()

    async def _call(self, function: Callable[[], T]) -> T:
        """Run `function`, which makes a few requests, on the worker. Raises `RadioGone`, also if it hangs."""
        if self._worker is None:
            raise RadioGone(f"{self.description} was closed")
        try:
            return await self._worker.call(function, timeout=4 * self._timeout)
        except (TimeoutError, Stuck):
            raise RadioGone(f"{self.description}: the kernel does not come back from a request") from None
        except NetlinkError as error:
            raise RadioGone(f"{self.description} is gone: {error}") from error

    def _open(self) -> None:
        try:
            kernel = self._connect(self._timeout)
        except NetlinkError as error:
            raise NotReady(not_there(error)) from error
        own = self._access.scan_interface(
            kernel.nl80211, kernel.links, self.settings.radio or "", connected=self.settings.connected
        )
        try:
            own.open()
        except BaseException:
            kernel.close()
            raise
        self._kernel, self._own = kernel, own
        self.description = f"{own.interface.name} ({own.radio.name}, {driver_of(own.radio)})"

    def _parts(self) -> tuple[ScanKernel, ScanInterface]:
        if self._kernel is None or self._own is None:
            raise RadioGone(f"{self.description} was closed")
        return self._kernel, self._own


def _rounds(own: ScanInterface, number: int) -> Iterator[Sequence[int]]:
    """Yield every allowed channel of the radio in MHz, `number` at a time."""
    freqs = [known.freq for known in own.radio.frequencies if not known.disabled]
    for first in range(0, len(freqs), number):
        yield freqs[first : first + number]


def _close(own: ScanInterface | None, kernel: ScanKernel | None) -> None:
    if own is not None:
        own.close()
    if kernel is not None:
        kernel.close()


def _is_there(wanted: str) -> bool:
    from whimbrel.drivers.linux.interface import look_up

    return any(names.is_called(wanted) for names in all_names()) or look_up(wanted) is not None
