"""One station: statistics of its frames, its probes and its access point."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whimbrel.rows import StationRow
from whimbrel.survey.signal_strength import SignalStrength
from whimbrel.wifi.vendors import vendor

if TYPE_CHECKING:
    from whimbrel.wifi.frames import Frame

PROBED = 16
"""Limit of remembered names of one station; further ones are counted. A phone probes for a few, a tool for
thousands."""


class Station:
    """One station's address. Made by `whimbrel.survey.stations.StationTable`."""

    __slots__ = (
        "address", "bssid", "data_octets", "fingerprint", "first", "frames", "last", "left", "probed",
        "probed_dropped", "signal",
    )  # fmt: skip

    def __init__(self, address: bytes, now: float) -> None:
        self.address = address
        """6 octets."""
        self.first = now
        """Seconds since the epoch."""
        self.last = now
        """Seconds since the epoch."""
        self.frames = 0
        """Frames that it sent."""
        self.data_octets = 0
        """Of data frames from it and to it, as on the air."""
        self.signal = SignalStrength()
        self.bssid: bytes | None = None
        """The access point that it was last seen working with."""
        self.left = False
        """Whether a disconnection from that one went by since."""
        self.probed: dict[bytes, None] = {}
        """The probed SSIDs in order; at most `PROBED`."""
        self.probed_dropped = 0
        """The number of probes for other ones."""
        self.fingerprint = ""
        """Hash of the device's properties in its last probe request; empty before the first."""

    @property
    def randomised(self) -> bool:
        """Whether the address is locally administered (IEEE 802-2014, 8.2.2), as phones make them up."""
        return bool(self.address[0] & 2)

    def hear(self, frame: Frame) -> None:
        """Note that it sent `frame`."""
        self.last = frame.time
        self.frames += 1
        if frame.rssi is not None:
            self.signal.add(frame.rssi)
            if self.frames & 3 == 2:  # not of the first one: most addresses in a flood are heard once
                self.signal.keep(frame.rssi, frame.time)

    def row(self) -> StationRow:
        """Return everything that is known."""
        return StationRow(
            station=self.address,
            vendor=vendor(self.address),
            randomised=self.randomised,
            bssid=self.bssid,
            probed=tuple(self.probed),
            probed_dropped=self.probed_dropped,
            rssi=self.signal.row(),
            frames=self.frames,
            data_octets=self.data_octets,
            first=self.first,
            last=self.last,
            fingerprint=self.fingerprint,
        )
