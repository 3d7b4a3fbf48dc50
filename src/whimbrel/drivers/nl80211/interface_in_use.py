"""Sets an interface of a radio up for use, and restores the previous state afterwards."""

from __future__ import annotations

import errno
from abc import ABC, abstractmethod
from collections.abc import Callable

from whimbrel.drivers.nl80211.client import Interface, Nl80211, Wiphy
from whimbrel.drivers.nl80211.codec import NetlinkError
from whimbrel.drivers.nl80211.links import Links
from whimbrel.drivers.radios import RadioNames, names_of
from whimbrel.errors import NotReady

NAME_MAX = 15  # IFNAMSIZ less its NUL


class InterfaceInUse(ABC):
    """An interface in use, and the changes to undo afterwards. `wanted` is the name in the settings."""

    def __init__(
        self,
        nl80211: Nl80211,
        links: Links,
        wanted: str = "",
        *,
        names: Callable[[str], RadioNames] = names_of,
    ) -> None:
        self._nl80211 = nl80211
        self._links = links
        self._wanted = wanted
        self._names = names
        self._undo: list[Callable[[], None]] = []
        self._interface: Interface | None = None
        self._radio: Wiphy | None = None

    @property
    def interface(self) -> Interface:
        """The interface; only after `open`."""
        assert self._interface is not None
        return self._interface

    @property
    def radio(self) -> Wiphy:
        """Its radio; only after `open`."""
        assert self._radio is not None
        return self._radio

    def open(self) -> None:
        """Get the interface and set it up. Raises `NotReady` after undoing its changes."""
        try:
            self._open()
        except NetlinkError as error:
            self.close()
            raise NotReady(self._explain(error)) from error
        except NotReady:
            self.close()
            raise

    def close(self) -> list[str]:
        """Undo all changes, the last one first; return the failures, in a sentence each. Idempotent."""
        failed = []
        while self._undo:
            try:
                self._undo.pop()()
            except NetlinkError as error:
                if error.errno != errno.ENODEV:  # an interface that has gone needs no restoring
                    failed.append(str(error))
        return failed

    @abstractmethod
    def _open(self) -> None:
        """Find or make the interface and set it up. Raises `NotReady` and `NetlinkError`."""

    @abstractmethod
    def _explain(self, error: NetlinkError) -> str:
        """Return why that failed, with advice."""

    def _bring_up(self) -> None:
        """Set the interface up if it is down. Raises `NetlinkError`."""
        if not self._links.is_up(self.interface.ifindex):
            self._undo.append(lambda: self._links.set_up(self.interface.ifindex, False))
            self._links.set_up(self.interface.ifindex, True)
