"""The origin in a file: the version, the settings, the radio."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from whimbrel import __version__
from whimbrel.recording.recording import Heading
from whimbrel.wording.quantities import count

if TYPE_CHECKING:
    from whimbrel.events.radio import RadioOpened


class Origin:
    """Where the frames come from."""

    def __init__(self) -> None:
        self.opened: RadioOpened | None = None
        """The radio, once it was opened."""
        self._settings = "default settings"

    def read_settings(self, path: str) -> None:
        """Name the file of the settings with its digest; empty, or a file that cannot be read: the defaults."""
        digest = _digest(Path(path)) if path else ""
        self._settings = f"settings of {path}, SHA-256 {digest}" if digest else "default settings"

    def heading(self) -> Heading:
        """Return the origin for a file that begins now."""
        opened = self.opened
        description = opened.description if opened else ""
        if opened and opened.channels:
            low, high = min(opened.channels), max(opened.channels)
            description += f", {count(len(opened.channels), 'channel')} of {low} to {high} MHz"
        name = opened.description.partition(" (")[0] if opened else ""
        return Heading(
            f"Whimbrel {__version__}", (f"Whimbrel {__version__}, {self._settings}",), name, description,
            opened.filter if opened else "",
        )  # fmt: skip


def _digest(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal digits; nothing where it cannot be read."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""
