"""The radios in use, in a file for the recovery by root (``systemd/whimbrel-recover``): one name a line."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Sequence

NAME = "radios"


class RadiosInUse:
    """Keeps the file in `folder` up to date; without a folder there is none."""

    def __init__(self, folder: str) -> None:
        self._path = f"{folder}/{NAME}" if folder else ""
        self._noted: list[str] | None = None

    def note(self, radios: Sequence[str]) -> None:
        """Replace what the file has, if it is something else. Never raises OSError: the recovery can do without."""
        found = sorted(set(radios))
        if found == self._noted or not self._path:
            return
        draft = f"{self._path}.new"
        with contextlib.suppress(OSError):
            file = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o644)
            try:
                os.fchmod(file, 0o644)  # whatever the mask: root without a capability reads it too
                os.write(file, "".join(f"{radio}\n" for radio in found).encode())
            finally:
                os.close(file)
            os.replace(draft, self._path)  # noqa: PTH105  # pathlib is not imported for that
            self._noted = found
