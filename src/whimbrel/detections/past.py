"""A bounded summary of earlier days, provided by a history. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from whimbrel.events.history import NetworkPast, WeaknessPast

_MOST = 1024
"""Limit of entries of each kind."""


class Past:
    """Facts from earlier days by access point and by SSID; empty without a history."""

    def __init__(self, networks: Iterable[NetworkPast] = (), weaknesses: Iterable[WeaknessPast] = ()) -> None:
        self.networks: dict[bytes, list[NetworkPast]] = {}
        """The best protection of access points of guarded networks, by the network's name."""
        self.weaknesses: dict[bytes, dict[str, WeaknessPast]] = {}
        """Weaknesses that were gone, by access point and name of the weakness."""
        for network, _ in zip(networks, range(_MOST), strict=False):
            self.networks.setdefault(network.ssid, []).append(network)
        for weakness, _ in zip(weaknesses, range(_MOST), strict=False):
            self.weaknesses.setdefault(weakness.bssid, {})[weakness.weakness] = weakness
