"""``security-updates``: those of Debian, over the network."""

from __future__ import annotations

import argparse

from whimbrel.cli.asking import do_job
from whimbrel.cli.options import add_json_option, add_socket_option
from whimbrel.verbs.device import SECURITY_STATE, SECURITY_UPDATES, SecurityState
from whimbrel.wording.quantities import count

MORE = (
    "For the image; elsewhere, after systemctl enable --now whimbrel-security.path. Packages come from the archives\n"
    "of security updates that apt knows; kernel and firmware of the board stay. The same as Menu, Security updates."
)
EPILOG = "examples:\n  whimbrel security-updates"
VERBS = (SECURITY_UPDATES, SECURITY_STATE)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_json_option(parser)
    add_socket_option(parser)


def run(args: argparse.Namespace) -> int:
    """Begin, wait for the end, and print what came of it."""
    return do_job(args, SECURITY_UPDATES, SECURITY_STATE, lines)


def lines(state: SecurityState) -> list[str]:
    """Return what came of it."""
    if state.problem:
        return []
    if not state.packages:
        return ["there are no new ones"]
    return [f"{count(state.packages, 'package')} renewed; what runs uses all of them after the next start"]
