"""``config``: the settings in force."""

from __future__ import annotations

import argparse

from whimbrel.cli import exits
from whimbrel.cli.options import add_config_option
from whimbrel.cli.settings_file import load
from whimbrel.text import printable

EPILOG = "example:\n  whimbrel config --defaults --yaml > whimbrel.yaml     a file to start from"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_config_option(parser)
    parser.add_argument("--defaults", action="store_true", help="the defaults; reads no file")
    parser.add_argument("--yaml", action="store_true", help="as a settings file")


def run(args: argparse.Namespace) -> int:
    """Print the settings in force."""
    from whimbrel.config import defaults, effective, to_yaml

    configuration = defaults() if args.defaults else load(args)
    if args.yaml:
        print(to_yaml(configuration), end="")
        return exits.OK
    settings = list(effective(configuration))
    width = max((len(setting.path) for setting in settings), default=0)
    for setting in settings:
        print(f"{printable(setting.path):{width}}  {printable(setting.text)}  ({printable(setting.origin)})")
    return exits.OK
