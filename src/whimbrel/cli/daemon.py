"""``run``, ``check`` and ``config``: the commands that read the settings."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING

from whimbrel.cli import exits
from whimbrel.text import printable

if TYPE_CHECKING:
    from whimbrel.config import Configuration


def run(args: argparse.Namespace) -> int:
    """Run the daemon until it ends; return its status."""
    configuration = _load(args)
    from whimbrel.daemon import main

    return main(configuration)


def check(args: argparse.Namespace) -> int:
    """Say what is wrong with the settings, or with the machine for them."""
    configuration = _load(args)
    from whimbrel.config import check as look

    problems = look(configuration)
    if problems:
        raise exits.CommandError(exits.MACHINE, "\n".join(map(str, problems)))
    print(f"{printable(configuration.name)}: right; modules: {', '.join(map(printable, configuration.modules))}")
    return exits.OK


def config(args: argparse.Namespace) -> int:
    """Print the settings in force."""
    from whimbrel.config import defaults, effective, to_yaml

    configuration = defaults() if args.defaults else _load(args)
    if args.yaml:
        print(to_yaml(configuration), end="")
        return exits.OK
    settings = list(effective(configuration))
    width = max((len(setting.path) for setting in settings), default=0)
    for setting in settings:
        print(f"{printable(setting.path):{width}}  {printable(setting.text)}  ({printable(setting.origin)})")
    return exits.OK


def _load(args: argparse.Namespace) -> Configuration:
    from whimbrel.config import load
    from whimbrel.settings.problems import ConfigError

    path = args.config or os.environ.get("WHIMBREL_CONFIG")
    try:
        return load(Path(path) if path else None)
    except ConfigError as error:
        raise exits.CommandError(exits.SETTINGS, str(error)) from error
