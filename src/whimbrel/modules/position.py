"""Position: where the device is, by gpsd."""

from __future__ import annotations

import asyncio
import contextlib
import stat
from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar, NamedTuple

from whimbrel.errors import WhimbrelError
from whimbrel.events.position import ZonesDrawn
from whimbrel.geo import Kept, Zone, ZoneKind
from whimbrel.module import Context, Module, Stage
from whimbrel.position import gpsd
from whimbrel.position.fixes import Fixes, FixLimits
from whimbrel.settings import Duration, frozen, setting
from whimbrel.settings.fields import values_of
from whimbrel.text import printable

_GPSD, _LINES = "gpsd", "lines"
"""Keys of warnings."""
_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 30.0
"""Seconds between two attempts to reach gpsd: the first pause, which doubles up to the longest."""
_CONNECTING = 10.0
"""Seconds that a connection may take."""
_GARBLED = 16
"""After this many successive lines without a report, the other program is not gpsd."""
_ZONES = 32


@frozen
class ZoneSettings:
    """A circle around a place."""

    name: str = setting(help="What you call it.")
    kind: ZoneKind = setting(
        help="home: devices heard there do not appear on maps; quiet: no notices and weaknesses are raised there."
    )
    latitude: float = setting(low=-90, high=90, help="Degrees north of its centre.")
    longitude: float = setting(low=-180, high=180, help="Degrees east of its centre.")
    radius: float = setting(150.0, low=10, high=100_000, help="Metres.")
    keep: Kept = setting(
        Kept.NOTHING, help="Exceptions for recording and export in a home: nothing, or the guarded networks."
    )


@frozen
class PositionSettings:
    """The address of gpsd, and the requirements for its fixes."""

    gpsd: str = setting(
        "/run/whimbrel-position.sock",
        help="The address of gpsd: the socket of whimbrel-position.socket, or HOST:PORT such as "
        "127.0.0.1:2947, which the sandbox of the service does not allow.",
    )
    oldest: Duration = setting(
        Duration(5.0), low=0.5, high=300, help="Age of a fix beyond which nothing is put at its position."
    )
    error: float = setting(
        100.0, low=1, high=10_000, help="Metres: less accurate fixes (with 95 % confidence) are not used."
    )
    zones: tuple[ZoneSettings, ...] = setting((), help="Places with reduced recording or alerts; at most 32.")

    def check(self) -> None:
        """Raise ValueError for an impossible combination."""
        if len(self.zones) > _ZONES:
            raise ValueError(f"zones: expected at most {_ZONES}, found {len(self.zones)}")
        try:
            _address(self.gpsd)
        except ValueError as error:
            raise ValueError(f"gpsd: {error}") from error


class _Address(NamedTuple):
    path: str
    host: str
    port: int


class NotGpsd(WhimbrelError):
    """Another program than gpsd answers; the message contains its output."""


class PositionKeeper(Module[PositionSettings]):
    """Publishes `PositionChanged` for each fix, and `PositionLost` once the last one is too old."""

    Settings = PositionSettings
    stage: ClassVar[Stage] = Stage.SOURCE

    def __init__(self, ctx: Context[PositionSettings]) -> None:
        super().__init__(ctx)
        settings = self.settings
        self._zones = tuple(Zone(**values_of(zone)) for zone in settings.zones)
        self._fixes = Fixes(FixLimits(settings.oldest, settings.error), self._zones)
        self._address = _address(settings.gpsd)
        self._fixed = asyncio.Event()
        """Set where there is a position."""
        self._reached = False
        """Whether gpsd has answered in this connection."""

    @classmethod
    def check(cls, settings: PositionSettings) -> Iterable[tuple[str, str]]:
        """Yield where the socket is missing."""
        path = Path(_address(settings.gpsd).path)
        with contextlib.suppress(OSError):
            if path == Path() or stat.S_ISSOCK(path.stat().st_mode):
                return
        yield "gpsd", f"there is no socket {path}: {_HINT}"

    async def run(self) -> None:
        """Follow gpsd, and reconnect again and again, until the module is asked to end."""
        self.ctx.publish(ZonesDrawn(zones=self._zones))
        self.ctx.ready()
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._expire())
                await self._keep_following()
        finally:
            # A module removed from the settings leaves no zone behind; one that restarts leaves them all.
            if self.ctx.stopping.is_set() and not self.ctx.replaced:
                self.ctx.publish(ZonesDrawn(zones=()))

    async def _keep_following(self) -> None:
        pause = _FIRST_PAUSE
        while True:
            self._reached = False
            try:
                await self._follow()
            except (OSError, TimeoutError, asyncio.IncompleteReadError, NotGpsd) as error:
                self._lose(error)
            pause = _FIRST_PAUSE if self._reached else min(pause * 2, _LONGEST_PAUSE)
            await asyncio.sleep(pause)

    async def _follow(self) -> None:
        """Process gpsd's reports until the connection ends. Raises the error that ends it."""
        async with asyncio.timeout(_CONNECTING):
            reader, writer = await self._connect()
        self._fixes.forget_receivers()
        try:
            writer.write(gpsd.WATCH)
            garbled = 0
            while True:
                try:
                    line = await reader.readuntil(b"\n")
                except asyncio.LimitOverrunError as error:
                    raise NotGpsd(f"it sent a line of over {gpsd.LONGEST} octets") from error
                report = gpsd.parse(line)
                garbled = garbled + 1 if isinstance(report, gpsd.Garbled) else 0
                if garbled >= _GARBLED:
                    raise NotGpsd(f"it sent {garbled} lines that are no reports")
                self._take(report)
                await asyncio.sleep(0)  # waiting lines are read without yielding to other tasks
        finally:
            writer.close()

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        path, host, port = self._address
        if path:
            return await asyncio.open_unix_connection(path, limit=gpsd.LONGEST)
        return await asyncio.open_connection(host, port, limit=gpsd.LONGEST)

    def _take(self, report: gpsd.Report) -> None:
        if isinstance(report, gpsd.Garbled):
            self.ctx.warn(_LINES, f"gpsd sent {report.text}; it is left out")
            return
        if isinstance(report, gpsd.Trouble):
            self.ctx.warn(_LINES, f"gpsd says: {printable(report.text)}")
            return
        self._reached = True
        changed = self._fixes.take(report, asyncio.get_running_loop().time(), self.ctx.bus.clock())
        if changed is not None:
            self._fixed.set()
            self.ctx.clear(_LINES)
            self.ctx.publish(changed, changed.position.time)
        self._show()

    def _show(self) -> None:
        """Warn for as long as there is no position."""
        if self._fixes.position is None:
            self.ctx.warn(_GPSD, f"no position: {self._fixes.missing}")
        else:
            self.ctx.clear(_GPSD)

    def _lose(self, error: Exception) -> None:
        """Note that gpsd is gone; the last position holds for as long as it may."""
        why = str(error) if isinstance(error, NotGpsd) else getattr(error, "strerror", None) or _why(error)
        self._fixes.missing = f"gpsd at {printable(self.settings.gpsd)}: {why}; {_HINT}"
        self._show()

    async def _expire(self) -> None:
        """Publish the end of a position's validity."""
        clock = asyncio.get_running_loop().time
        while True:
            expires = self._fixes.expires
            if expires is None:
                self._fixed.clear()
                await self._fixed.wait()
                continue
            await asyncio.sleep(max(expires - clock(), 0.001))
            lost = self._fixes.turn(clock())
            if lost is not None:
                self.ctx.publish(lost)
                self._show()


_HINT = "is gpsd running, and whimbrel-position.socket (systemctl enable --now gpsd.socket whimbrel-position.socket)?"


def _why(error: Exception) -> str:
    return "the connection has ended" if isinstance(error, asyncio.IncompleteReadError) else "no answer"


def _address(text: str) -> _Address:
    """Read where gpsd is. Raises ValueError."""
    if text.startswith("/"):
        return _Address(text, "", 0)
    host, colon, port = text.rpartition(":")
    if not (colon and host and port.isascii() and port.isdigit() and 0 < int(port) < 1 << 16):
        raise ValueError(f"expected the path of a socket or HOST:PORT, found {text!r}")
    return _Address("", host.strip("[]"), int(port))
