"""Marks for the plugin that counts instructions (``plugin.c``)."""

from __future__ import annotations

import os


def mark(label: int = 0) -> None:
    """Have the number of instructions so far written down under `label`, 0 to 999."""
    try:  # noqa: SIM105  # contextlib would be imported, and counted
        os.close(-1000 - label)
    except OSError:
        pass
