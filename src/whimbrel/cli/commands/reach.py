"""``reach``: the second process, in the foreground."""

from __future__ import annotations

import argparse
import os

from whimbrel.cli.beside import TIED
from whimbrel.cli.options import add_config_option
from whimbrel.lean import pause_collection, put_off, share_evenly, spare_type_checks

MORE = (
    "It runs the modules that speak IP, fed from the daemon's control socket, and waits for a daemon that is away. "
    "Signals, and what a service does where the settings are not right, as for run."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_config_option(parser)


def run(args: argparse.Namespace) -> int:
    """Run the second process until it ends; return its status."""
    pause_collection()
    share_evenly()
    put_off()
    spare_type_checks()
    from whimbrel.cli.settings_file import load_or_last_good
    from whimbrel.config.registry import OF_THE_DAEMON

    configuration, refused = load_or_last_good(args, apart=OF_THE_DAEMON)
    from whimbrel.module import Side
    from whimbrel.reach.process import main

    if not configuration.of(Side.REACH).modules:
        print("the settings name no module of this process: nothing to do")
    tied = os.environ.pop(TIED, "")
    return main(configuration, tied=int(tied) if tied.isdigit() else None, refused=refused)
