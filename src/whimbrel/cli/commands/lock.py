"""``lock``: the radio stays on one channel."""

from __future__ import annotations

import argparse

from whimbrel.cli.asking import ask_daemon
from whimbrel.cli.options import add_json_option, add_socket_option
from whimbrel.cli.posture import print_posture
from whimbrel.verbs.radio import LOCK

MORE = "It stays until `whimbrel unlock`, or until the daemon restarts."
EPILOG = "examples:\n  whimbrel lock 6\n  whimbrel lock 36/80\n  whimbrel lock 6GHz:37"
VERBS = (LOCK,)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("channel", metavar="CHANNEL", help='a channel such as 6, 36/80 (80 MHz wide) or "6GHz:37"')
    add_json_option(parser)
    add_socket_option(parser)


def run(args: argparse.Namespace) -> int:
    """Send the command to the radio, and print its mode."""
    return print_posture(args, ask_daemon(args, LOCK, channel=args.channel))
