"""The settings files of the package: the project's, each with the last resort of recovery that only a package can give.

``python -m tools.packaging.settings [FILE] > whimbrel.yaml``
"""

from __future__ import annotations

import sys
from pathlib import Path

from whimbrel.config.document import document
from whimbrel.config.registry import BUILT_IN, find_module

RECOVERY = "[touch, /run/whimbrel/recover]"
"""Makes root reload the driver of the radio: ``whimbrel-recover.path`` watches that file."""
_WHY = "# As packaged: whimbrel-recover.path sees this file written, and root reloads the radio's driver."
_EXPLAINED = "      # port. (a list, each text)\n"
_DOCUMENTED = f"{_EXPLAINED}      #command: []\n"
"""With the end of its explanation, which only the first sniffer's has."""
_BARE = "  sniffer:\n"


def settings() -> str:
    """Return the text of the documented file. Raises ValueError if the project's does not have exactly one such
    command."""
    text = document({name: find_module(name) for name in BUILT_IN})
    return _replace(text, _DOCUMENTED, f"{_EXPLAINED}      {_WHY}\n      command: {RECOVERY}\n")


def with_recovery(text: str) -> str:
    """Return a settings file with that command for a sniffer without settings. Raises ValueError for another file."""
    return _replace(text, _BARE, f"{_BARE}    recovery:\n      {_WHY}\n      command: {RECOVERY}\n")


def _replace(text: str, line: str, by: str) -> str:
    if text.count(line) != 1:
        raise ValueError(f"expected one line {line.strip()!r} in the settings, found {text.count(line)}")
    return text.replace(line, by)


if __name__ == "__main__":
    sys.stdout.write(with_recovery(Path(sys.argv[1]).read_text(encoding="utf-8")) if sys.argv[1:] else settings())
