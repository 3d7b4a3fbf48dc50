"""What a daemon's start does without: OpenSSL, and looks for garbage."""

from __future__ import annotations

import gc
import importlib
import sys

SETTLED = 10.0
"""Seconds after which a daemon counts as started, whether its radio is there or not."""


def spare_openssl() -> None:
    """Import asyncio and hashlib, neither of them with OpenSSL: 5 MB that a process without IP has no use for.

    To be called before anything else has imported them. Both are complete but for TLS on asyncio's own streams; the
    module `ssl` itself can be imported by who needs it afterwards. hashlib has the algorithms that Python brings.
    """
    absent = [name for name in ("ssl", "_hashlib") if name not in sys.modules]
    sys.modules.update(dict.fromkeys(absent))  # type: ignore[arg-type]  # None: as if it were not installed
    try:
        for name in ("asyncio", "hashlib"):
            importlib.import_module(name)
    finally:
        for name in absent:
            del sys.modules[name]


def pause_collection() -> None:
    """Look for no garbage until `settle`: what a start makes stays."""
    gc.disable()


def settle() -> None:
    """Look for garbage again, from now on only among what is new: the rest is there for good."""
    if not gc.isenabled():
        gc.freeze()
        gc.enable()
