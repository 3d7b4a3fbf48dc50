"""``check``: checks the settings, and that this machine has everything they name."""

from __future__ import annotations

import argparse

from whimbrel.cli import exits, terminal
from whimbrel.cli.options import add_config_option
from whimbrel.cli.settings_file import load
from whimbrel.text import printable
from whimbrel.wording.styles import Style

MORE = "Every mistake is listed at once, with its line."
EPILOG = f"exit status: {exits.OK} right, {exits.SETTINGS} wrong, {exits.MACHINE} right, but not for this machine"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_config_option(parser)
    parser.add_argument(
        "--whole", action="store_true", help="refuse a file without the line ... at its end: a cut one may look right"
    )


def run(args: argparse.Namespace) -> int:
    """Print the mistakes in the settings, or the things that the machine lacks."""
    configuration = load(args, whole=args.whole)
    from whimbrel.config import check

    problems = check(configuration)
    if problems:
        raise exits.CommandError(exits.MACHINE, "\n".join(map(str, problems)))
    right = terminal.look().paint("right", Style.GOOD)
    print(f"{printable(configuration.name)}: {right}; modules: {', '.join(map(printable, configuration.modules))}")
    return exits.OK
