"""A panel that is a text file: its entry and its settings, without what draws."""

from __future__ import annotations

from pathlib import Path

from whimbrel.drivers.registry import Driver
from whimbrel.settings import frozen, setting


@frozen
class TextfileSettings:
    """The newest image as text, a character for each pixel."""

    path: Path = setting(help="The file; replaced as a whole with each image.")
    ink: str = setting("#", help="The character of a lit pixel.")


TEXTFILE = Driver(
    name="textfile",
    target="whimbrel_census.textfile:TextfilePanel",
    settings="whimbrel_census.driver:TextfileSettings",
    help="a text file",
)
