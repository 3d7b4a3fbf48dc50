"""A leaner start of the daemon: without OpenSSL and without garbage collection."""

from __future__ import annotations

import gc
import importlib
import sys

SETTLED = 10.0
"""Seconds after which a daemon counts as started, whether its radio is there or not."""


def spare_openssl() -> None:
    """Import asyncio and hashlib without OpenSSL: 5 MB of no use for a process without IP.

    Call it before anything else imports them. Both are complete but for TLS on asyncio's own streams; the module `ssl`
    itself can be imported by who needs it afterwards. hashlib has the algorithms that Python brings.
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
    """Collect no garbage until `settle`: the objects of the start stay."""
    gc.disable()


def settle() -> None:
    """Collect garbage again, but only among new objects: the earlier ones stay for good."""
    if not gc.isenabled():
        gc.freeze()
        gc.enable()
