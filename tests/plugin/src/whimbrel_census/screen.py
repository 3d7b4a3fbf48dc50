"""The census on the device's panel. Imported once it is opened: drawing needs Pillow, which counting does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whimbrel.screens.canvas import Canvas
from whimbrel.screens.screen import Screen
from whimbrel.wording.quantities import count
from whimbrel_census import VendorLeads

if TYPE_CHECKING:
    from PIL.Image import Image

    from whimbrel.screens.state import ScreenState


class LeaderScreen(Screen):
    """The vendor that leads, and by how many access points."""

    title = "vendors"

    def draw(self, state: ScreenState, size: tuple[int, int]) -> Image:
        """Draw the newest leader."""
        canvas = Canvas(size)
        canvas.text(0, 0, self.title.upper(), "title")
        leads = state.latest(VendorLeads)
        canvas.centre(20, leads.vendor if leads else "none counted yet")
        canvas.centre(34, count(leads.access_points, "access point") if leads else "")
        return canvas.image
