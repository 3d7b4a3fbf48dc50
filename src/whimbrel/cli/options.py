"""What the parsers of several commands share."""

from __future__ import annotations

import argparse
import contextlib
import os

from whimbrel.control.protocol import DEFAULT_SOCKET

_NARROWEST = 20
"""Columns of a table that still says something."""


class Formatter(argparse.RawDescriptionHelpFormatter):
    """Keeps the line breaks of descriptions and epilogs."""


def add_config_option(parser: argparse.ArgumentParser) -> None:
    """Let the settings file be named."""
    parser.add_argument(
        "--config",
        "-c",
        metavar="FILE",
        help="the settings (default: $WHIMBREL_CONFIG, or /etc/whimbrel/whimbrel.yaml)",
    )


def add_socket_option(parser: argparse.ArgumentParser) -> None:
    """Let the daemon be named."""
    parser.add_argument(
        "--socket", "-s", metavar="PATH", default=os.environ.get("WHIMBREL_SOCKET") or DEFAULT_SOCKET,
        help=f"the daemon's control socket (default: $WHIMBREL_SOCKET, or {DEFAULT_SOCKET})",
    )  # fmt: skip


def add_json_option(parser: argparse._ActionsContainer) -> None:
    """Let the output be for programs."""
    parser.add_argument("--json", action="store_true", help="everything, for programs")


def add_width_option(parser: argparse.ArgumentParser) -> None:
    """Let the width of a table be given."""
    parser.add_argument("--width", type=columns, metavar="COLUMNS", help="how wide a table may be")


def columns(text: str) -> int:
    """Read the width of a table. Raises ArgumentTypeError."""
    with contextlib.suppress(ValueError):
        if (number := int(text)) >= _NARROWEST:
            return number
    raise argparse.ArgumentTypeError(f"expected a whole number of at least {_NARROWEST}, found {text!r}")


def duration(text: str) -> float:
    """Read a time with its unit, in seconds. Raises ArgumentTypeError."""
    from whimbrel.settings import Duration
    from whimbrel.settings.scalars import find

    scalar = find(Duration)
    assert scalar is not None
    seconds: float = 0.0
    with contextlib.suppress(ValueError):
        seconds = scalar.parse(text)
    if seconds <= 0:
        raise argparse.ArgumentTypeError(f"expected a time with its unit, such as 20s, found {text!r}")
    return seconds
