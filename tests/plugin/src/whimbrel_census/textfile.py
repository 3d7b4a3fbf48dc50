"""The `Panel` that is a text file."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from whimbrel.drivers.ports import PanelGone
from whimbrel.module import NotReady
from whimbrel_census.driver import TextfileSettings

if TYPE_CHECKING:
    from PIL.Image import Image


class TextfilePanel:
    """Writes each image as lines of characters."""

    mode = "1"
    size = (128, 64)

    def __init__(self, settings: TextfileSettings) -> None:
        self.settings = settings
        self.description = f"text file {settings.path}"
        self._beside = settings.path.with_suffix(".new")

    @staticmethod
    def check(settings: TextfileSettings) -> Iterable[tuple[str, str]]:
        """Yield the folder that is not there."""
        if not settings.path.parent.is_dir():
            yield "path", f"there is no folder {settings.path.parent}: make it, or name another"

    @staticmethod
    def claims(settings: TextfileSettings) -> Iterable[tuple[str, str]]:
        """Yield the file: two panels would overwrite each other."""
        yield "path", f"file {settings.path}"

    def open(self) -> None:
        """See whether the folder is there. Raises `NotReady`."""
        for _, problem in self.check(self.settings):
            raise NotReady(problem)

    def show(self, image: Image) -> None:
        """Write the image. Raises `PanelGone`."""
        width, height = image.size
        ink = self.settings.ink
        rows = ("".join(ink if image.getpixel((x, y)) else " " for x in range(width)) for y in range(height))
        try:
            self._beside.write_text("\n".join(rows) + "\n")
            self._beside.replace(self.settings.path)
        except OSError as error:
            raise PanelGone(f"{self.settings.path} cannot be written: {error.strerror}") from error

    def stale(self) -> bool:
        """Tell that the file keeps its image."""
        return False

    def dim(self, level: float) -> None:
        """Do nothing: a file has no brightness."""

    def close(self) -> None:
        """Do nothing: the last image stays."""
