"""A third-party module: counts the access points of each vendor, publishes who leads, and shows it on the panel.

All that it needs is a class, a line in its ``pyproject.toml`` under ``whimbrel.modules``, and its name in the settings
file.
"""

from __future__ import annotations

from collections import Counter

from whimbrel.bus import Lagged
from whimbrel.events.air import AccessPointFound
from whimbrel.events.base import Body, Level
from whimbrel.module import Module
from whimbrel.screen_offers import MenuPlace, Section
from whimbrel.settings import frozen, setting


class VendorLeads(Body, level=Level.NOTICE):
    """Another vendor has the most access points around."""

    vendor: str
    """Its name."""
    access_points: int
    """How many."""


@frozen
class CensusSettings:
    """Who is counted."""

    unknown: bool = setting(False, help="Whether access points of unknown vendors are counted, as one vendor.")


class Census(Module[CensusSettings]):
    """Counts vendors."""

    Settings = CensusSettings

    async def run(self) -> None:
        """Count until the module is asked to stop."""
        found = self.ctx.subscribe(AccessPointFound)
        self.ctx.offer_screen("Vendors", _screen, MenuPlace(Section.LOOK), shows=[VendorLeads])
        self.ctx.ready()
        counts: Counter[str] = Counter()
        leader = ""
        async for event in found:
            if isinstance(event, Lagged):
                self.ctx.warn("lagged", f"{event.lost} access points were not counted")
                continue
            vendor = event.body.vendor
            if not vendor and not self.settings.unknown:
                continue
            counts[vendor] += 1
            [(first, number)] = counts.most_common(1)
            if first != leader:
                leader = first
                self.ctx.publish(VendorLeads(vendor=first, access_points=number), at=event.time)


def _screen() -> object:
    from whimbrel_census.screen import LeaderScreen

    return LeaderScreen()
