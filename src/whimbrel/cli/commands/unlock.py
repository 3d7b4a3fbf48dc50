"""``unlock``: the radio visits its channels again."""

from __future__ import annotations

import argparse

from whimbrel.cli.asking import ask_daemon
from whimbrel.cli.options import add_json_option, add_socket_option
from whimbrel.cli.posture import print_posture
from whimbrel.verbs.radio import UNLOCK

VERBS = (UNLOCK,)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_json_option(parser)
    add_socket_option(parser)


def run(args: argparse.Namespace) -> int:
    """Send the command to the radio, and print its mode."""
    return print_posture(args, ask_daemon(args, UNLOCK))
