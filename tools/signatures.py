"""Prints `signatures/*.yaml` as Python, which the device reads at its start without parsing YAML."""

from __future__ import annotations

from pathlib import Path

from whimbrel.detections.presence.signatures import Signature
from whimbrel.settings import frozen, setting
from whimbrel.settings.classes import settings_codec
from whimbrel.settings.codecs import SettingsReading
from whimbrel.settings.nodes import compose
from whimbrel.settings.problems import ConfigError

FOLDER = Path("signatures")
_FIELDS = ("name", "ssids", "address", "element", "source", "date", "confidence")


@frozen
class SignatureFile:
    """The contents of one file."""

    signatures: tuple[Signature, ...] = setting((), help="The signatures.")


def read(path: Path) -> tuple[Signature, ...]:
    """Return the signatures of a file. Raises ConfigError with the line of every mistake."""
    root, problems = compose(path.read_text(encoding="utf-8"), str(path))
    reading = SettingsReading(str(path))
    reading.problems += problems
    found: SignatureFile = settings_codec(SignatureFile).read(root, "", reading) if root else SignatureFile()
    if reading.problems:
        raise ConfigError(reading.problems)
    return found.signatures


def render(folder: Path = FOLDER) -> str:
    """Return the Python of all signatures."""
    lines = [
        '"""The signatures of the folder `signatures`; generated from it (`make docs`)."""',
        "",
        "from __future__ import annotations",
        "",
        "from typing import Any",
        "",
        "SIGNATURES: tuple[dict[str, Any], ...] = (",
    ]
    for path in sorted(folder.glob("*.yaml")):
        for signature in read(path):
            fields = [f'        "{field}": {_literal(getattr(signature, field))},' for field in _FIELDS]
            lines += ["    {", *fields, "    },"]
    return "\n".join([*lines, ")", ""])


def _literal(value: object) -> str:
    if isinstance(value, tuple):
        inner = ", ".join(map(_literal, value))
        return f"({inner},)" if value else "()"
    return '"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"'


if __name__ == "__main__":
    print(render(), end="")
