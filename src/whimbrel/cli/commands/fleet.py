"""``fleet``: makes the provisioning files of many devices."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from whimbrel.cli import exits
from whimbrel.provisioning import many
from whimbrel.provisioning.files import text_of
from whimbrel.settings.problems import ConfigError
from whimbrel.watching import state_file

_SECRETS, _PASSWORDS, _TARGETS = "secrets.json", "mosquitto-passwords", "prometheus-targets.json"
_PRIVATE, _READABLE = 0o600, 0o644
MORE = (
    f"Each device gets a folder of its\nname with {many.FILE}, for its card. Beside them are {_PASSWORDS} and\n"
    f"{_TARGETS} for the servers, and {_SECRETS}, from which the next\n"
    "call takes the passwords and tokens that this one made."
)
EPILOG = (
    "examples:\n  whimbrel fleet fleet.yaml cards     (docs/fleet.md has such a file)\n"
    "  mosquitto_passwd -U cards/mosquitto-passwords"
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="what the devices have in common, and their names")
    parser.add_argument("folder", metavar="DIR", help="the folder to write into")


def run(args: argparse.Namespace) -> int:
    """Write the files; those of a fleet with a mistake are left as they are."""
    source, folder = Path(args.file), Path(args.folder)
    try:
        text = text_of(source)
        made = many.devices(text, str(source), _known(folder / _SECRETS), lambda name: text_of(source.parent / name))
        passwords = many.passwords(made)
        folder.mkdir(parents=True, exist_ok=True)
        # First, so that no card has a secret that the next call does not know.
        secrets = {one.name: one.secrets for one in made}
        state_file.replace(folder / _SECRETS, json.dumps(secrets, indent=2) + "\n", _PRIVATE)
        for one in made:
            state_file.replace(folder / one.name / many.FILE, one.text, _PRIVATE)
        state_file.replace(folder / _PASSWORDS, passwords, _PRIVATE)
        state_file.replace(folder / _TARGETS, many.targets(made), _READABLE)
    except ConfigError as error:
        raise exits.CommandError(exits.SETTINGS, str(error)) from error
    except OSError as error:
        raise exits.CommandError(exits.FAILURE, f"{error.filename}: {error.strerror}") from error
    print(f"{len(made)} devices in {folder}")
    return exits.OK


def _known(path: Path) -> many.Secrets:
    """Return the secrets of the call before; a damaged file is a mistake, since devices may have them already."""
    try:
        found: Any = json.loads(text_of(path))
        return {str(name): {str(key): str(value) for key, value in one.items()} for name, one in found.items()}
    except FileNotFoundError:
        return {}
    except (ValueError, AttributeError, RecursionError) as error:
        message = f"{path} is damaged: remove it, and every device gets new passwords"
        raise exits.CommandError(exits.FAILURE, message) from error
