"""``camp``: the radio stays on one channel for a while."""

from __future__ import annotations

import argparse

from whimbrel.cli.asking import ask_daemon
from whimbrel.cli.options import add_json_option, add_socket_option, duration
from whimbrel.cli.posture import print_posture
from whimbrel.verbs.radio import CAMP

MORE = "At most for hop.camp_max in the settings,\nand not again before every channel was visited."
EPILOG = "example:\n  whimbrel camp 11 20s"
VERBS = (CAMP,)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("channel", metavar="CHANNEL", help='a channel such as 6, 36/80 (80 MHz wide) or "6GHz:37"')
    parser.add_argument("seconds", metavar="SECONDS", type=duration, help="how long: 20s, 2min")
    add_json_option(parser)
    add_socket_option(parser)


def run(args: argparse.Namespace) -> int:
    """Send the command to the radio, and print its mode."""
    return print_posture(args, ask_daemon(args, CAMP, channel=args.channel, seconds=args.seconds))
