"""``python3 -I -m whimbrel.splash``: records the pictures for the panel of the settings, for `whimbrel.splash.play`.

Where the settings have no such panel, earlier pictures are removed: e-paper keeps its own, and others need a driver.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from whimbrel import __version__
from whimbrel.config import load
from whimbrel.display.picture import finish, glass
from whimbrel.display.show import Show
from whimbrel.drivers.panel.settings import OledSettings
from whimbrel.module import NotReady
from whimbrel.screens.notices import Splash
from whimbrel.settings.problems import ConfigError
from whimbrel.splash.play import SETTINGS, node_of
from whimbrel.splash.recorded import RecordedPanel, record

FOLDER = "/var/lib/whimbrel-splash"
PICTURES = {"start": ("is starting", 1.0), "off": ("is off: unplug it", 0.01)}
"""The words of each picture, and its brightness: the last one may stay for days."""


def tapes(text: bytes, settings: OledSettings) -> dict[str, bytes]:
    """Return the tape of each picture. `text` is what the settings were read from. Raises as `record` does."""
    panel = RecordedPanel(settings)
    state = Show(lambda: (), __version__, 0.0, 0.0).state
    made = {}
    for name, (words, level) in PICTURES.items():
        if name == "off" and settings.backlight is not None:
            continue  # its line falls when the board has halted
        image = Splash(__version__, words).draw(state, glass(panel))
        made[name] = record(settings, finish(image, 0, (0, 0), panel.mode), text, level)
    return made


def write(made: dict[str, bytes], folder: Path) -> None:
    """Write the tapes, by bus and picture, as ``i2c-1.start``; remove those of others. Raises OSError."""
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


def _panel(path: Path) -> OledSettings | None:
    """Return the settings of the panel, if it is of the kind that needs a picture. Raises ConfigError."""
    display: Any = load(path).modules.get("display")
    if display is None or display.driver != "oled":
        return None
    found = display.section("driver")
    return found if isinstance(found, OledSettings) else None


def main(argv: Sequence[str]) -> int:
    """Record the pictures into the folder given, or into that of the service; return the exit status."""
    settings, folder = Path(argv[0] if argv else SETTINGS), Path(argv[1] if argv[1:] else FOLDER)
    try:
        panel = _panel(settings)
        write(tapes(settings.read_bytes(), panel) if panel else {}, folder)
    except (ConfigError, NotReady, OSError, ValueError) as error:
        sys.stderr.write(f"whimbrel: no picture for the start was made: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
