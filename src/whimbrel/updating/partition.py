"""The partition that every computer reads: opened for a moment, told what came of an update, and closed."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from whimbrel.updating.places import Places
from whimbrel.updating.programs import run
from whimbrel.updating.remembering import write

_CARD = "/usr/libexec/whimbrel/card"
_HOLDER = "update"
_PATIENCE = 300.0
VARIABLES: dict[str, str] = {}
"""Other places for that program, for tests."""
_TELL = Path("/usr/lib/whimbrel-image/tell-owner")
"""Writes ``problems.txt`` on the image, which is known by the second."""
_HARDWARE = "hardware.txt"


@contextlib.contextmanager
def opened() -> Iterator[None]:
    """Keep the partition writable; it stays so while apt or a copy needs it. Raises OSError."""
    told = run([_CARD, "open", _HOLDER], _PATIENCE, **VARIABLES)
    try:
        if told.status:
            raise OSError(told.reason)
        yield
    finally:
        run([_CARD, "close", _HOLDER], _PATIENCE, **VARIABLES)


def tell_done(places: Places, text: str) -> None:
    """Write ``done.txt``, as every editor shows it. Raises OSError."""
    write(places.done, text.replace("\n", "\r\n"))


def tell_problems(places: Places, problems: tuple[str, ...]) -> None:
    """Have ``problems.txt`` say so, for as long as it is so. Raises OSError."""
    text = "".join(f"{each}\n" for each in problems)
    if text == (places.problems.read_text(encoding="utf-8") if places.problems.exists() else ""):
        return
    if text:
        write(places.problems, text)
    else:
        places.problems.unlink()
    if (places.card / _HARDWARE).exists() and places.root == Path("/"):
        run([_TELL, "updates"], _PATIENCE)
