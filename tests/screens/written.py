"""The texts of a picture."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PIL import Image

from whimbrel.screens.faces import Face


def shown(draw: Callable[[], object], monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the texts that a drawing makes pictures of, each once."""
    written: dict[str, None] = {}
    strip = Face.strip

    def noted(self: Face, text: str) -> Image.Image:
        written[text] = None
        return strip(self, text)

    monkeypatch.setattr(Face, "strip", noted)
    draw()
    return list(written)
