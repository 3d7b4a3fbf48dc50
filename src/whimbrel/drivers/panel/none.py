"""The panel of a device without a display."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image

    from whimbrel.drivers.panel.settings import NoneSettings


class NonePanel:
    """Accepts images and drops them."""

    description = "no panel"
    mode = "1"

    def __init__(self, settings: NoneSettings) -> None:
        self.size = (settings.width, settings.height)

    @staticmethod
    def check(settings: NoneSettings) -> Iterable[tuple[str, str]]:
        """Yield nothing: nothing can be missing."""
        return ()

    @staticmethod
    def claims(settings: NoneSettings) -> Iterable[tuple[str, str]]:
        """Yield nothing: it needs no lines."""
        return ()

    def open(self) -> None:
        """Do nothing."""

    def show(self, image: Image) -> None:
        """Do nothing."""

    def stale(self) -> bool:
        """Return False: the image is never needed again."""
        return False

    def dim(self, level: float) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Do nothing."""
