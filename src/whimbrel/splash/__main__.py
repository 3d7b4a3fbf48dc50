"""``python3 -I -m whimbrel.splash``: records the pictures for the panel of the settings, for `whimbrel.splash.play`.

Where the settings have no such panel, earlier pictures are removed.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from whimbrel import __version__
from whimbrel.config import load
from whimbrel.display.picture import finish, glass
from whimbrel.display.show import Show
from whimbrel.module import NotReady
from whimbrel.screens.notices import Splash
from whimbrel.settings.problems import ConfigError
from whimbrel.splash.play import SETTINGS, node_of
from whimbrel.splash.recorded import AnyPanelSettings, record, recorder

FOLDER = "/var/lib/whimbrel-splash"
PICTURES = {"start": ("is starting", 1.0), "off": ("is off: unplug it", 0.01)}
"""The words of each picture, and its brightness: the last one may stay for days."""
_TRIES = 3
"""Times that the pictures are made when the settings change meanwhile."""


def tapes(text: bytes, settings: AnyPanelSettings) -> dict[str, bytes]:
    """Return the tape of each picture. `text` is what the settings were read from. Raises as `record` does."""
    panel = recorder(settings)
    state = Show(lambda: (), __version__, 0.0, 0.0).state
    made = {}
    for name, (words, dim) in PICTURES.items():
        level = 1.0 if panel.mode == "P" else dim  # a light is on or off, and falls when the board has halted
        image = Splash(__version__, words).draw(state, glass(panel))
        made[name] = record(settings, finish(image, 0, (0, 0), panel.mode), text, level)
    return made


def write(made: dict[str, bytes], folder: Path, of: int) -> None:
    """Write the tapes, by bus and picture, as ``i2c-1.start``; remove those of others.

    `of`: time in nanoseconds of the settings' last change, by which the unit finds out whether they have changed since.
    Raises OSError.
    """
    folder.mkdir(parents=True, exist_ok=True)
    files = {f"{node_of(tape).removeprefix('/dev/')}.{name}": tape for name, tape in made.items()}
    for path in folder.iterdir():
        if path.name not in files:
            path.unlink()
    for name, tape in files.items():
        path = folder / name
        if not path.is_file() or path.read_bytes() != tape:
            draft = path.with_name(f"{name}.part")
            draft.write_bytes(tape)
            draft.replace(path)
    (folder / "made").touch()
    os.utime(folder / "made", ns=(of, of))


def _panel(path: Path) -> AnyPanelSettings | None:
    """Return the settings of the panel, if it is of the kind that needs a picture. Raises ConfigError."""
    display: Any = load(path).modules.get("display")
    found = None if display is None else display.section("driver")
    return found if isinstance(found, AnyPanelSettings) else None


def _make(settings: Path, folder: Path) -> None:
    """Make the pictures, again if the settings have changed meanwhile. Raises as `main` handles it."""
    for _ in range(_TRIES):
        of = settings.stat().st_mtime_ns
        panel = _panel(settings)
        write(tapes(settings.read_bytes(), panel) if panel else {}, folder, of)
        if settings.stat().st_mtime_ns == of:
            return


def main(argv: Sequence[str]) -> int:
    """Record the pictures into the folder given, or into that of the service; return the exit status.

    It is 0 where there can be no picture: the daemon tells what is missing or wrong.
    """
    settings, folder = Path(argv[0] if argv else SETTINGS), Path(argv[1] if argv[1:] else FOLDER)
    try:
        _make(settings, folder)
    except (ConfigError, NotReady, ValueError) as reason:
        sys.stderr.write(f"<6>no picture for the start was made: {'; '.join(str(reason).splitlines())}\n")
    except OSError as error:
        sys.stderr.write(f"<4>no picture for the start was made: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
