"""Scene files: found by name or by path, and read with every mistake at its line."""

from __future__ import annotations

from pathlib import Path

from whimbrel.drivers.sim.scene import Scene
from whimbrel.settings.classes import settings_codec
from whimbrel.settings.codecs import SettingsReading
from whimbrel.settings.nodes import compose
from whimbrel.settings.problems import ConfigError

FOLDER = Path(__file__).parent / "scenes"


def names() -> list[str]:
    """Return the names of the scenes that come with Whimbrel."""
    return sorted(path.stem for path in FOLDER.glob("*.yaml"))


def find(scene: str) -> Path:
    """Return the file of a scene: one of `names`, or a path. Raises FileNotFoundError with the existing names."""
    if scene in names():
        return FOLDER / f"{scene}.yaml"
    path = Path(scene)
    if path.is_file():
        return path
    raise FileNotFoundError(f"the scene {scene!r} is neither a file nor one of {', '.join(names())}")


def load(scene: str) -> Scene:
    """Read a scene by name or path. Raises FileNotFoundError, OSError, or ConfigError with every mistake in it."""
    path = find(scene)
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise OSError(f"{path}: not UTF-8 at octet {error.start}") from None
    return parse(text, str(path))


def parse(text: str, file: str) -> Scene:
    """Read a scene from YAML. Raises ConfigError with every mistake in it; `file` is the file name in the messages."""
    node, problems = compose(text, file)
    reading = SettingsReading(file)
    reading.problems += problems
    scene = Scene() if node is None else settings_codec(Scene).read(node, "", reading)
    if reading.problems or not isinstance(scene, Scene):
        raise ConfigError(reading.problems)
    return scene
