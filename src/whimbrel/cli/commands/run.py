"""``run``: the daemon, in the foreground."""

from __future__ import annotations

import argparse

from whimbrel.cli.exits import CommandError
from whimbrel.cli.options import add_config_option
from whimbrel.lean import pause_collection, spare_openssl

MORE = (
    "SIGTERM and Ctrl-C end it in order, SIGHUP reads the settings again. It ends with its terminal. "
    "As a service, it starts with the last settings that were right where the file is not, and says so."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_config_option(parser)


def run(args: argparse.Namespace) -> int:
    """Run the daemon until it ends; return its status."""
    pause_collection()
    spare_openssl()
    from whimbrel import last_good
    from whimbrel.cli.settings_file import load, path

    refused: tuple[str, ...] = ()
    try:
        configuration = load(args)
    except CommandError as error:
        recalled = last_good.recall(path(args))
        if recalled is None:
            raise
        configuration, refused = recalled, tuple(str(error).splitlines())
    from whimbrel.process import main

    return main(configuration, refused=refused)
