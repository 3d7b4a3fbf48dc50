"""``config``: the settings in force."""

from __future__ import annotations

import argparse

from whimbrel.cli import exits, terminal
from whimbrel.cli.options import add_config_option
from whimbrel.cli.settings_file import load
from whimbrel.text import printable
from whimbrel.wording.styles import Style

_DEFAULT = "default"
"""Origin of a setting with its default (`whimbrel.config.loader.Configuration.origin`)."""
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
    look = terminal.look()
    settings = list(effective(configuration))
    width = max((len(setting.path) for setting in settings), default=0)
    for setting in settings:
        chosen = Style.PLAIN if setting.origin == _DEFAULT else Style.STRONG
        value, origin = look.paint(printable(setting.text), chosen), f"({printable(setting.origin)})"
        print(f"{printable(setting.path):{width}}  {value}  {look.paint(origin, Style.FAINT)}")
    return exits.OK
