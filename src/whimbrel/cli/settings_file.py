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


def load_or_last_good(
    args: argparse.Namespace, *, apart: Collection[str] = ()
) -> tuple[Configuration, tuple[str, ...]]:
    """Read the settings file. In a service, return the last valid settings where it is not right, with what is wrong in
    it, a line each. Raises `CommandError` where there are none."""
    from whimbrel import last_good
    from whimbrel.settings.problems import ConfigError

    try:
        configuration = load(args, apart=apart)
        last_good.check(configuration, apart)
    except (exits.CommandError, ConfigError) as error:
        recalled = last_good.recall(path(args), apart)
        if recalled is None:
            raise
        return recalled, tuple(str(error).splitlines())
    return configuration, ()


def path(args: argparse.Namespace) -> Path | None:
    """Return the settings file that was named; None for the default one."""
    named = args.config or os.environ.get("WHIMBREL_CONFIG")
    return Path(named) if named else None
