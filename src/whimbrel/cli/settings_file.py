"""The settings file of a command."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING

from whimbrel.cli import exits

if TYPE_CHECKING:
    from whimbrel.config import Configuration


def load(args: argparse.Namespace) -> Configuration:
    """Read the settings file given by ``--config``, or the default one. Raises `CommandError`."""
    from whimbrel.config import load as read
    from whimbrel.settings.problems import ConfigError

    path = args.config or os.environ.get("WHIMBREL_CONFIG")
    try:
        return read(Path(path) if path else None)
    except ConfigError as error:
        raise exits.CommandError(exits.SETTINGS, str(error)) from error
