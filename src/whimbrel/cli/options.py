"""Options common to several commands."""

from __future__ import annotations

import argparse
import contextlib
import os
from typing import Any

from whimbrel.control import DEFAULT_SOCKET

_NARROWEST = 20
"""Columns of the narrowest useful table."""


class Formatter(argparse.RawDescriptionHelpFormatter):
    """Keeps the line breaks of descriptions and epilogs."""

    def __init__(self, prog: str, **more: Any) -> None:
        # Where there is no terminal, argparse would import shutil to find that out, at each start of the daemon.
        if "width" not in more and not os.isatty(1) and not os.environ.get("COLUMNS"):
            more["width"] = 80 - 2
        super().__init__(prog, **more)


def add_config_option(parser: argparse.ArgumentParser) -> None:
    """Add the option for the settings file."""
    parser.add_argument(
        "--config",
        "-c",
        metavar="FILE",
        help="the settings (default: $WHIMBREL_CONFIG, or /etc/whimbrel/whimbrel.yaml)",
    )


def add_socket_option(parser: argparse.ArgumentParser) -> None:
    """Add the option for the daemon's socket."""
    parser.add_argument(
        "--socket", "-s", metavar="PATH", default=os.environ.get("WHIMBREL_SOCKET") or DEFAULT_SOCKET,
        help=f"the daemon's control socket (default: $WHIMBREL_SOCKET, or {DEFAULT_SOCKET})",
    )  # fmt: skip


def add_json_option(parser: argparse._ActionsContainer) -> None:
    """Add the option for output for programs."""
    parser.add_argument("--json", action="store_true", help="everything, for programs")


def add_width_option(parser: argparse.ArgumentParser) -> None:
    """Add the option for the width of a table."""
    parser.add_argument("--width", type=columns, metavar="COLUMNS", help="width of the tables")


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
