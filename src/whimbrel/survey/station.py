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


Sealed = tuple[float, bytes, int | None]
"""When a frame was heard, in seconds since the epoch; the first 8 octets of its body, where the packet number is; its
RSSI, dBm."""


class Station:
    """One station's address. Made by `whimbrel.survey.stations.StationTable`."""

    __slots__ = (
        "address", "asked", "bssid", "data_octets", "fingerprint", "first", "frames", "keyed", "keys", "last", "left",
        "left_at", "probed", "probed_dropped", "sealed_down", "sealed_up", "served", "signal", "worked",
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
        self.asked = 0
        """Control frames that it sends in order to send data, or that its access point sends because it did."""
        self.served = 0
        """Control frames that its access point sends in order to send it data, or that it sends because that did."""
        self.data_octets = 0
        """Of data frames from it and to it, as on the air."""
        self.signal = SignalStrength()
        self.bssid: bytes | None = None
        """The access point that it was last seen working with."""
        self.left = False
        """Whether a disconnection from that one went by since, after which no encrypted data went on."""
        self.left_at = 0.0
        """Seconds since the epoch of that disconnection."""
        self.keys = 0
        """Steps of joining and of handshakes after which its keys may be others."""
        self.keyed = 0.0
        """Seconds since the epoch of the last one of a handshake; 0 until there is one since it joined."""
        self.worked = False
        """Whether encrypted data from it or to it was ever heard."""
        self.sealed_up: Sealed | None = None
        """The last encrypted data frame from it to its access point that was no fragment; None before one."""
        self.sealed_down: Sealed | None = None
        """The last such frame from its access point to it."""
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

    def shift(self, delta: float) -> None:
        """Move the times of leaving, of keys and of encrypted frames by `delta` seconds."""
        self.left_at += delta
        if self.keyed:
            self.keyed += delta
        if self.sealed_up is not None:
            self.sealed_up = (self.sealed_up[0] + delta, *self.sealed_up[1:])
        if self.sealed_down is not None:
            self.sealed_down = (self.sealed_down[0] + delta, *self.sealed_down[1:])

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
