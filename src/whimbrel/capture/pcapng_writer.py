"""Write the pcapng format (draft-ietf-opsawg-pcapng): one section, one interface, frames with comments."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from whimbrel.capture import pcapng_blocks
from whimbrel.wifi.linktypes import RADIOTAP


class Writable(Protocol):
    """A stream that bytes can be written to."""

    def write(self, data: bytes, /) -> object:
        """Write all of `data`."""
        ...


class PcapngWriter:
    """Writes a section with one interface, whose frames all have one link type. The header is written at once.

    For times and texts see `whimbrel.capture.pcapng_blocks`. Errors of `stream` are passed on.
    """

    def __init__(
        self,
        stream: Writable,
        *,
        application: str,
        link_type: int = RADIOTAP,
        snap_length: int = 0,
        comments: Iterable[str] = (),
        interface: str = "",
    ) -> None:
        """`snap_length`: octets that frames were cut to, 0 for no limit; `interface`: the name of the interface."""
        self._stream = stream
        stream.write(pcapng_blocks.section(application=application, comments=comments))
        stream.write(pcapng_blocks.interface(link_type=link_type, snap_length=snap_length, name=interface))

    def write(self, time: float, octets: bytes, length: int = 0, comments: Iterable[str] = ()) -> None:
        """Write a frame with its capture header; `time` in seconds since the epoch, `length` its original octets.

        Raises ValueError for a time before the epoch.
        """
        self._stream.write(pcapng_blocks.packet(time, octets, length, comments))
