"""Chooses how to listen on this machine: by a radio in monitor mode if one is free, else by scanning."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from whimbrel.drivers.nl80211.attributes import IFTYPE_MONITOR
from whimbrel.drivers.nl80211.codec import NetlinkError
from whimbrel.drivers.nl80211.control import Kernel, connect, not_there
from whimbrel.drivers.nl80211.scan_interface import ADVICE, TAKEN, ScanInterface
from whimbrel.drivers.nl80211.worker import Stuck, Worker
from whimbrel.drivers.radios import RADIOS, RadioNames, names_of
from whimbrel.errors import NotReady

if TYPE_CHECKING:
    from whimbrel.drivers.linux.settings import LinuxSettings
    from whimbrel.drivers.nl80211.client import Interface, Wiphy
    from whimbrel.drivers.scan.settings import ScanSettings

MONITORING, SCANNING = "linux", "scan"
_TIMEOUT = 3.0
_LOOK = 1.0
"""Seconds between two looks at the list of radios: an adapter that was plugged in is taken soon."""
_LOOK_CLOSELY = 30
"""Looks after which every radio is asked again: one may have become free."""


class Chosen(NamedTuple):
    """A frame source, and why."""

    source: str
    """Its name: linux or scan."""
    reason: str
    """The reason, as a clause: ``phy1 knows monitor mode and is unused``."""
    radio: str
    """The radio's name: ``phy1``."""


class Chooser:
    """Chooses by the settings of both sources. `timeout` bounds each request to the kernel, in seconds.

    `sources` are those to choose from; `taken` returns the radios of other receivers, by name; `aside` those that are
    left alone for a while with the reason, by source and `RadioNames.identity`. One of these is better than none.
    """

    def __init__(
        self,
        linux: LinuxSettings,
        scan: ScanSettings,
        *,
        sources: Collection[str] = (MONITORING, SCANNING),
        taken: Callable[[], Collection[str]] = tuple,
        aside: Callable[[], Mapping[tuple[str, str], str]] = dict,
        timeout: float = _TIMEOUT,
        connect: Callable[[float], Kernel] = connect,
        radios: Path = RADIOS,
    ) -> None:
        self._linux = linux
        self._scan = scan
        self._sources = sources
        self._taken = taken
        self._aside = aside
        self.left_alone: Sequence[str] = ()
        """The radios of the last choice that were there and left alone, in a sentence each."""
        self._timeout = timeout
        self._connect = connect
        self._radios = radios

    async def choose(self) -> Chosen:
        """Return the choice; changes nothing. Raises `NotReady` if there is nothing to listen with."""
        worker = Worker("choice")
        taken, aside = frozenset(self._taken()), self._aside()
        try:
            return await worker.call(lambda: self._choose(taken, aside), timeout=4 * self._timeout)
        except (TimeoutError, Stuck):
            raise NotReady("the kernel does not come back from a question about its radios") from None
        finally:
            worker.stop()

    async def better(self) -> Chosen:
        """Return once a radio in monitor mode could be used instead of scanning."""
        known = self._names()
        looks = 0
        while True:
            await asyncio.sleep(_LOOK)
            looks += 1
            if (names := self._names()) == known and looks % _LOOK_CLOSELY:
                continue
            known = names
            try:
                chosen = await self.choose()
            except NotReady:
                continue  # the source itself notices that its radio has gone
            if chosen.source == MONITORING:
                return chosen

    def _names(self) -> frozenset[str]:
        return frozenset(path.name for path in self._radios.glob("*"))

    def _choose(self, taken: Collection[str], aside: Mapping[tuple[str, str], str]) -> Chosen:
        try:
            kernel = self._connect(self._timeout)
        except NetlinkError as error:
            raise NotReady(not_there(error)) from error
        try:
            try:
                return self._judge(kernel, taken, aside)
            except NotReady:
                if not aside:
                    raise
                return self._judge(kernel, taken, {})
        except NetlinkError as error:
            raise NotReady(str(error)) from error
        finally:
            kernel.close()

    def _judge(self, kernel: Kernel, taken: Collection[str], aside: Mapping[tuple[str, str], str]) -> Chosen:
        radios = kernel.nl80211.radios()
        if not radios:
            raise NotReady(f"no Wi-Fi radio: {ADVICE}")
        interfaces = kernel.nl80211.interfaces()
        names = {radio.name: names_of(radio.name, self._radios) for radio in radios}
        alone = _left_alone(names.values(), aside)
        self.left_alone = [f"{radio} {reason}" for found in alone.values() for radio, reason in found.items()]
        reasons: list[str] = []
        wanted = self._linux.interface or self._linux.radio
        for radio in radios if MONITORING in self._sources else ():
            own = [each for each in interfaces if each.radio == radio.number]
            if wanted and not (any(each.name == wanted for each in own) or names[radio.name].is_called(wanted)):
                continue
            reason = TAKEN if radio.name in taken else alone[MONITORING].get(radio.name, "")
            reason = reason or _obstacle(radio, own, kernel, named=bool(wanted))
            if not reason:
                how = "it is named in the settings" if wanted else "nobody uses it"
                return Chosen(MONITORING, f"{radio.name} knows monitor mode, and {how}", radio.name)
            reasons.append(f"{radio.name} {reason}")
        told = "; ".join(reasons) or f"there is no {wanted}"
        if SCANNING not in self._sources:
            raise NotReady(f"no radio in monitor mode can be used ({told}): {ADVICE}")
        others = dict.fromkeys(taken, TAKEN)
        try:
            try:
                radio = self._to_scan(kernel, alone[MONITORING] | alone[SCANNING] | others)
            except NotReady:
                # One that is deaf in monitor mode may still be able to scan; its monitor interface goes first.
                radio = self._to_scan(kernel, alone[SCANNING] | others, given_up=alone[MONITORING])
        except NotReady as error:
            raise NotReady(f"no radio to listen with: {told}. {error}") from error
        reason = f"no radio in monitor mode can be used ({told})" if MONITORING in self._sources else "nobody uses it"
        return Chosen(SCANNING, reason, radio.name)

    def _to_scan(self, kernel: Kernel, taken: Mapping[str, str], given_up: Collection[str] = ()) -> Wiphy:
        interface = ScanInterface(
            kernel.nl80211, kernel.links, self._scan.radio or "", connected=self._scan.connected, taken=taken,
            given_up=given_up,
        )  # fmt: skip
        return interface.find()[0]


def _left_alone(radios: Collection[RadioNames], aside: Mapping[tuple[str, str], str]) -> dict[str, dict[str, str]]:
    """Return for each source the radios that are left alone, by name, with the reason."""
    return {
        source: {
            names.name: f"is left alone for a while: {aside[source, names.identity]}"
            for names in radios
            if (source, names.identity) in aside
        }
        for source in (MONITORING, SCANNING)
    }


def _obstacle(radio: Wiphy, own: list[Interface], kernel: Kernel, *, named: bool) -> str:
    """Return the reason why a radio cannot be used in monitor mode; one that is `named` is taken over."""
    if IFTYPE_MONITOR not in radio.types:
        return "does not know it"
    used = [each.name for each in own if each.type != IFTYPE_MONITOR and kernel.links.is_running(each.ifindex)]
    return f"is in use by {', '.join(used)}" if used and not named else ""
