"""Counts imports after those of a daemon without a radio: a mark before them and one after."""

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
    """Count the statement in the first argument."""
    mark()
    exec(sys.argv[1])
    mark()
