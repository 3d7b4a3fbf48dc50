"""``reload``: the settings, read again."""

from __future__ import annotations

import argparse

from whimbrel.cli import exits
from whimbrel.cli.asking import ask_daemon, print_json
from whimbrel.cli.options import add_json_option, add_socket_option
from whimbrel.text import printable
from whimbrel.verbs.daemon import RELOAD

MORE = "A file with a mistake changes\nnothing; only modules with changed settings are restarted."
VERBS = (RELOAD,)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_json_option(parser)
    add_socket_option(parser)


def run(args: argparse.Namespace) -> int:
    """Make the daemon read its settings."""
    answer = ask_daemon(args, RELOAD)
    if args.json:
        return print_json(answer)
    changed = ", ".join(answer.changed)
    print(printable(f"changed: {changed}" if changed else "nothing has changed for a module that runs"))
    if later := ", ".join(answer.next_start):
        print(printable(f"these sections take effect at the next start: {later}"))
    return exits.OK
