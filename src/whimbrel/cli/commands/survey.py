"""``survey``: what is in the air."""

from __future__ import annotations

import argparse

from whimbrel.cli import exits
from whimbrel.cli.asking import ask_daemon, print_json
from whimbrel.cli.options import add_json_option, add_socket_option, add_width_option
from whimbrel.cli.survey_tables import show_survey
from whimbrel.cli.terminal import terminal_width
from whimbrel.verbs.air import SURVEY

MORE = "Access points and stations, strongest first."
VERBS = (SURVEY,)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what it takes."""
    add_json_option(parser)
    add_width_option(parser)
    add_socket_option(parser)


def run(args: argparse.Namespace) -> int:
    """Print the tables of what is in the air."""
    answer = ask_daemon(args, SURVEY)
    if args.json:
        return print_json(answer)
    print("\n".join(show_survey(answer, terminal_width(args.width))))
    return exits.OK
