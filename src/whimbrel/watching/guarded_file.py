"""The file of the learned networks: YAML for people, in the format of the setting ``guarded``.

It may be edited by hand. It is read before each write, and a file with a mistake is never overwritten.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from whimbrel.detections.guarded import GuardedNetwork
from whimbrel.errors import WhimbrelError
from whimbrel.settings import frozen, setting
from whimbrel.watching import kept_file, state_file

if TYPE_CHECKING:
    from whimbrel.watching.kept_file import Recalled

NAME = "guarded.yaml"
SERVICE = Path("/var/lib/whimbrel", NAME)
"""Its path for the systemd service."""
MOST = 256
"""Limit of networks in the file: far more than needed, and few enough to be read quickly on a Pi Zero."""
_HEAD = """\
# The networks guarded by `whimbrel learn`, in addition to those of the settings.
# You may edit it: it is read at the start, and again before it is rewritten. It begins with --- and ends with a line of
# three dots: without that line it counts as truncated, and its last valid version is used.
---
"""


@frozen
class GuardedContents:
    """The contents of the file."""

    guarded: tuple[GuardedNetwork, ...] = setting((), help="The networks.")


class BadFile(WhimbrelError):
    """The file cannot be used or written; the message has the reason, with the line."""


def default_path() -> Path:
    """Return the default path of the file."""
    return state_file.default_path(NAME)


def recall(path: Path) -> Recalled[tuple[GuardedNetwork, ...]]:
    """Return the networks in the file; those of its last good contents, with the reason, where it cannot be used."""
    return kept_file.recall(path, lambda content: _networks(content, path))


def read(path: Path) -> tuple[GuardedNetwork, ...]:
    """Return the networks in the file; where it is gone, those that were last in it. Raises `BadFile`."""
    recalled = recall(path)
    if recalled.problem and path.exists():
        raise BadFile(recalled.problem)
    return recalled.value or ()


def _networks(content: bytes, path: Path) -> tuple[GuardedNetwork, ...]:
    """Return the networks of a file's contents. Raises `BadFile`."""
    from whimbrel.settings.problems import ConfigError

    try:
        networks = _parse(content, path)
    except ConfigError as error:
        first, *more = error.problems
        others = f" (and {len(more)} more mistakes)" if more else ""
        raise BadFile(f"{first}{others}") from error
    if len(networks) > MOST:
        raise BadFile(f"{path}: expected at most {MOST} networks, found {len(networks)}")
    return networks


def _parse(content: bytes, path: Path) -> tuple[GuardedNetwork, ...]:
    """Return the networks of a file's contents. Raises ConfigError."""
    from whimbrel.config.loader import as_text
    from whimbrel.settings.classes import settings_codec
    from whimbrel.settings.codecs import SettingsReading
    from whimbrel.settings.nodes import compose
    from whimbrel.settings.problems import ConfigError, Problem

    root, problems = compose(as_text(content, str(path)), str(path))
    reading = SettingsReading(str(path))
    reading.problems += problems
    if root is None:
        raise ConfigError([Problem(str(path), 0, 0, "", "the key guarded", "none: the file was cut short")])
    learned = settings_codec(GuardedContents).read(root, "", reading)
    if reading.problems:
        raise ConfigError(reading.problems)
    networks: tuple[GuardedNetwork, ...] = learned.guarded
    return networks


def write(path: Path, networks: Iterable[GuardedNetwork]) -> None:
    """Replace the contents of the file by `networks` atomically. Raises `BadFile`."""
    networks = tuple(networks)
    if len(networks) > MOST:
        raise BadFile(f"at most {MOST} networks can be learned; forget one first")
    try:
        written = text(networks)
        state_file.replace(path, written)
        kept_file.keep(path, written.encode())
    except OSError as error:
        raise BadFile(f"cannot write {path}: {error.strerror}") from error


def text(networks: Iterable[GuardedNetwork]) -> str:
    """Return the file's text; unchecked properties are left out."""
    from whimbrel.settings.classes import settings_codec

    codec = settings_codec(GuardedNetwork)
    lines = []
    for network in networks:
        mark = "- "
        for name in codec.attributes:
            value = getattr(network, name)
            if value not in ((), None):
                lines.append(f"  {mark}{name}: {codec.codec(name).write(value)}")
                mark = "  "
    return _HEAD + ("guarded:\n" + "\n".join(lines) + "\n" if lines else "guarded: []\n") + "...\n"
