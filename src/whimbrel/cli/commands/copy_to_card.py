"""``copy-to-card``: recordings and reports, to the partition that every computer reads."""

from __future__ import annotations

import argparse

from whimbrel.cli.asking import do_job
from whimbrel.cli.options import add_json_option, add_socket_option
from whimbrel.text import harmless
from whimbrel.verbs.device import COPY_STATE, COPY_TO_CARD, CopyState
from whimbrel.wording.quantities import count, octets

MORE = (
    "For the image, and Raspberry Pi OS:\nthe newest files go first, into the folder copies; what is there already is "
    "not copied again,\nand the oldest copies make room. The same as Menu, Copy to card."
)
EPILOG = "examples:\n  whimbrel copy-to-card"
VERBS = (COPY_TO_CARD, COPY_STATE)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_json_option(parser)
    add_socket_option(parser)


def run(args: argparse.Namespace) -> int:
    """Begin a copy, wait for its end, and print what came of it."""
    return do_job(args, COPY_TO_CARD, COPY_STATE, lines)


def lines(state: CopyState) -> list[str]:
    """Return what came of a copy."""
    told = [f"{count(state.files, 'file')} of {octets(state.octets)} copied to {harmless(state.folder)}"]
    if state.removed:
        told.append(f"{count(state.removed, 'older copy', 'older copies')} made room")
    if state.left_out:
        told.append(f"left out for want of room: {count(state.left_out, 'file')}")
    return told
