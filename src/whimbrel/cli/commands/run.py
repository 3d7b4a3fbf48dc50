"""``run``: the daemon, in the foreground."""

from __future__ import annotations

import argparse
import os

from whimbrel.cli.options import add_config_option
from whimbrel.lean import pause_collection, put_off, share_evenly, spare_openssl, spare_type_checks

MORE = (
    "SIGTERM and Ctrl-C end it in order, SIGHUP reads the settings again. It ends with its terminal. In a terminal, "
    "`whimbrel reach` is started beside it if the settings name a module of that process, and ends with it. As a "
    "service, it starts with the last settings that were right where the file is not, and says so."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_config_option(parser)
    parser.add_argument(
        "--reach",
        action=argparse.BooleanOptionalAction,
        help="start the second process too, or do not (default: in a terminal only)",
    )


def run(args: argparse.Namespace) -> int:
    """Run the daemon until it ends; return its status."""
    pause_collection()
    share_evenly()
    put_off()
    spare_type_checks()
    spare_openssl()
    from whimbrel.cli.settings_file import load_or_last_good

    configuration, refused = load_or_last_good(args)
    from whimbrel.daemon import main
    from whimbrel.module import Side

    both = os.isatty(0) if args.reach is None else args.reach
    if not both or not configuration.of(Side.REACH).modules:
        return main(configuration, refused=refused)
    from whimbrel.cli.beside import reach_beside

    with reach_beside(["--config", str(configuration.path)]):
        return main(configuration, refused=refused)
