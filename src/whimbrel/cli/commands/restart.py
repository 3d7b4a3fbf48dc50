"""``restart``: restarts one module."""

from __future__ import annotations

import argparse

from whimbrel.cli import exits
from whimbrel.cli.asking import ask_daemon, print_json
from whimbrel.cli.options import add_json_option, add_socket_option
from whimbrel.text import printable
from whimbrel.verbs.daemon import RESTART

VERBS = (RESTART,)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("module", metavar="MODULE", help="its name in `whimbrel modules`")
    add_json_option(parser)
    add_socket_option(parser)


def run(args: argparse.Namespace) -> int:
    """Restart a module."""
    answer = ask_daemon(args, RESTART, module=args.module)
    if args.json:
        return print_json(answer)
    print(f"{printable(args.module)} is being restarted")
    return exits.OK
