"""Thinning at one packet socket, by the process that has the capability for it."""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING

from whimbrel.drivers.linux.thinning.order import ThinningCounts, ThinningOrder

if TYPE_CHECKING:
    from whimbrel.drivers.linux.packet_socket import PacketSocket
    from whimbrel.drivers.linux.thinning.kernel import ThinningFilter


class SocketThinning:
    """The filter of `socket`, loaded at the first order that thins anything."""

    def __init__(self, socket: PacketSocket) -> None:
        self._socket = socket
        self._filter: ThinningFilter | None = None

    def follow(self, order: ThinningOrder) -> ThinningCounts:
        """Thin by `order` from now on, and return what was counted since the last call. Raises OSError and
        `BadObject`; then everything is passed on."""
        if self._filter is None:
            if not order.thin:
                return ThinningCounts()
            if self._socket.filtered:
                raise OSError(errno.EBUSY, "the capture has a filter of its own (frames, filter)")
            from whimbrel.drivers.linux.thinning.kernel import ThinningFilter

            loaded = ThinningFilter()
            try:
                self._socket.attach(loaded.descriptor)
            except BaseException:
                loaded.close()
                raise
            self._filter = loaded
        return self._filter.follow(order)

    def close(self) -> None:
        """Free the maps; the filter goes with the socket. Idempotent."""
        loaded, self._filter = self._filter, None
        if loaded is not None:
            loaded.close()
