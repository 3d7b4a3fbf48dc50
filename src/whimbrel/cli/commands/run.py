"""``run``: the daemon, in the foreground."""

from __future__ import annotations

import argparse

from whimbrel.cli.options import add_config_option
from whimbrel.lean import pause_collection, put_off, spare_openssl

MORE = "SIGTERM and Ctrl-C end it in order, SIGHUP reads the settings again. It ends with its terminal."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_config_option(parser)


def run(args: argparse.Namespace) -> int:
    """Run the daemon until it ends; return its status."""
    pause_collection()
    put_off()
    spare_openssl()
    from whimbrel.cli.settings_file import load

    configuration = load(args)
    from whimbrel.daemon import main

    return main(configuration)
