"""The settings file of a command."""

from __future__ import annotations

import argparse
import os
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

from whimbrel.cli import exits

if TYPE_CHECKING:
    from whimbrel.config import Configuration


def load(args: argparse.Namespace, *, whole: bool = False, apart: Collection[str] = ()) -> Configuration:
    """Read the settings file given by ``--config``, or the default one. Raises `CommandError`.

    `whole`: only with the mark at its end; `apart`: modules whose settings are not read.
    """
    from whimbrel.config import load as read
    from whimbrel.settings.problems import ConfigError

    try:
        return read(path(args), whole=whole, apart=apart)
    except ConfigError as error:
        raise exits.CommandError(exits.SETTINGS, str(error)) from error


def path(args: argparse.Namespace) -> Path | None:
    """Return the settings file that was named; None for the default one."""
    named = args.config or os.environ.get("WHIMBREL_CONFIG")
    return Path(named) if named else None
