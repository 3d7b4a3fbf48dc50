"""Counts imports behind those of a daemon without a radio: a mark before them and one behind."""

from __future__ import annotations

import sys

from tools.icount.guest.marks import mark

import whimbrel.cli.commands.run
import whimbrel.daemon
import whimbrel.modules.control
import whimbrel.modules.logger
import whimbrel.modules.sniffer
import whimbrel.modules.watcher  # noqa: F401


def main() -> None:
    """Count what the first argument says, a statement."""
    mark()
    exec(sys.argv[1])
    mark()
