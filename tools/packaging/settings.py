"""The settings file of the package: the documented one, with the last resort of recovery that only a package can give.

``python -m tools.packaging.settings > whimbrel.yaml``
"""

from __future__ import annotations

import sys

from whimbrel.config.document import document
from whimbrel.config.registry import BUILT_IN, find_module

RECOVERY = "[systemctl, --no-ask-password, start, whimbrel-recover@radio.service]"
"""Has root reload the driver of the radio; ``whimbrel-recover@reboot.service`` would start the board anew."""
_LINE = "      #command: []\n"


def settings() -> str:
    """Return the text of the file. Raises ValueError where the documented one has not just one such command."""
    text = document({name: find_module(name) for name in BUILT_IN})
    if text.count(_LINE) != 1:
        raise ValueError(f"expected one line {_LINE.strip()!r} in the documented settings, found {text.count(_LINE)}")
    return text.replace(
        _LINE,
        "      # As packaged: root reloads the radio's driver. whimbrel-recover@reboot.service starts the board anew.\n"
        f"      command: {RECOVERY}\n",
    )


if __name__ == "__main__":
    sys.stdout.write(settings())
