"""The daemon's side of scanning by the helper: it looks at radios itself, without a capability, and asks to change."""

from __future__ import annotations

import contextlib
import errno
from collections.abc import Sequence

from whimbrel.drivers.helper.link import HelperAway, HelperLink
from whimbrel.drivers.helper.protocol import Ask, Outcome
from whimbrel.drivers.nl80211.client import Nl80211
from whimbrel.drivers.nl80211.codec import NetlinkError
from whimbrel.drivers.nl80211.links import Links
from whimbrel.drivers.nl80211.scan_interface import ScanInterface
from whimbrel.drivers.nl80211.scanning import Scans
from whimbrel.drivers.ports import TuneError
from whimbrel.errors import NotReady


class HelperScanInterface(ScanInterface):
    """An interface that the helper sets up for scanning, and scans with."""

    def __init__(self, link: HelperLink, nl80211: Nl80211, links: Links, wanted: str, *, connected: bool) -> None:
        super().__init__(nl80211, links, wanted, connected=connected)
        self._link = link

    def open(self) -> None:
        """Have the helper set it up. Raises `NotReady`."""
        try:
            self._open()
        except NotReady:
            self._link.close()
            raise

    def trigger(self, scans: Scans, *, freqs: Sequence[int], active: bool) -> None:
        """Have the helper begin a scan. Raises `NetlinkError`."""
        try:
            answer = self._link.ask(Ask.TRIGGER, freqs=tuple(freqs), active=active).answer
        except HelperAway as error:
            raise NetlinkError(errno.ENXIO, "asking the radio's helper", str(error)) from error
        if answer.outcome is not Outcome.DONE:
            raise NetlinkError(answer.error or errno.ENXIO, "beginning a scan", " ".join(answer.lines))

    def cycle(self) -> None:
        """Have the helper set the interface down and up. Raises `TuneError`."""
        try:
            answer = self._link.ask(Ask.CYCLE).answer
        except HelperAway as error:
            raise TuneError(str(error)) from error
        if answer.outcome is not Outcome.DONE:
            raise TuneError(" ".join(answer.lines))

    def close(self) -> list[str]:
        """Have the helper restore the interfaces, and hang up; return the failures. Idempotent."""
        left: list[str] = []
        with contextlib.suppress(HelperAway):
            left = list(self._link.ask(Ask.CLOSE).answer.lines)
        self._link.close()
        return left

    def _open(self) -> None:
        answer = self._link.obtain(Ask.SCAN, name=self._wanted, connected=self._connected).answer
        try:
            self._interface = next(each for each in self._nl80211.interfaces() if each.name == answer.lines[0])
            self._radio = next(each for each in self._nl80211.radios() if each.number == self._interface.radio)
        except (NetlinkError, StopIteration) as error:
            raise NotReady(f"{answer.lines[0]} has just gone") from error
