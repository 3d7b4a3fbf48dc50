"""The panel that writes an image file."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from whimbrel.drivers.ports import PanelGone
from whimbrel.module import NotReady

if TYPE_CHECKING:
    from PIL.Image import Image

    from whimbrel.drivers.panel.settings import PngSettings


class PngPanel:
    """Keeps the newest image in a file that is complete at every moment; black if the panel is off."""

    mode = "1"

    def __init__(self, settings: PngSettings) -> None:
        self.size = (settings.width, settings.height)
        self.description = f"image file {settings.path}"
        self._path = settings.path
        self._scale = settings.scale
        self._image: Image | None = None
        self._lit = True

    @staticmethod
    def check(settings: PngSettings) -> Iterable[tuple[str, str]]:
        """Yield the folder if it is not writable."""
        if problem := _problem(settings.path):
            yield "path", problem

    @staticmethod
    def claims(settings: PngSettings) -> Iterable[tuple[str, str]]:
        """Yield nothing: it needs no lines."""
        return ()

    def open(self) -> None:
        """Check that the file can be written. Raises `NotReady`."""
        if problem := _problem(self._path):
            raise NotReady(problem)
        self._lit = True

    def show(self, image: Image) -> None:
        """Write the image. Raises `PanelGone`."""
        self._image = image
        self._write(image if self._lit else _black(image))

    def stale(self) -> bool:
        """Return whether the file was deleted."""
        return self._image is not None and not self._path.exists()

    def dim(self, level: float) -> None:
        """Write the image, or black for 0: a file has no brightness. Raises `PanelGone`."""
        lit = level > 0
        if lit is not self._lit:
            self._lit = lit
            if self._image is not None:
                self.show(self._image)

    def close(self) -> None:
        """Leave black behind."""
        if self._image is not None:
            with contextlib.suppress(PanelGone):
                self._write(_black(self._image))
            self._image = None

    def _write(self, image: Image) -> None:
        if self._scale > 1:
            width, height = image.size
            image = image.resize((width * self._scale, height * self._scale), resample=0)
        fresh = self._path.with_name(f".{self._path.name}.{os.getpid()}")
        try:
            image.save(fresh, format="PNG")
            fresh.replace(self._path)
        except OSError as error:
            with contextlib.suppress(OSError):
                fresh.unlink()
            raise PanelGone(f"cannot write {self._path}: {error.strerror or error}") from error


def _black(image: Image) -> Image:
    from PIL.Image import new

    return new(image.mode, image.size)


def _problem(path: Path) -> str:
    if not path.parent.is_dir():
        return f"there is no folder {path.parent} for the image; make it, or set another path"
    if path.is_dir():
        return f"{path} is a folder; name a file in it"
    if not os.access(path.parent, os.W_OK | os.X_OK):
        return f"the folder {path.parent} cannot be written to; set another path, or allow it"
    return ""
