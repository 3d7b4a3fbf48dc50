"""The possible arguments of each command, for the shells: read from the parser, so they always match."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from tools.packaging.man1 import subcommands

from whimbrel.cli import make_parser
from whimbrel.config.registry import BUILT_IN
from whimbrel.detections.registry import all_detections
from whimbrel.events.base import Level
from whimbrel.events.document import entries
from whimbrel.events.every import MODULES
from whimbrel.events.keys import KEYS
from whimbrel.settings import frozen
from whimbrel.verbs.registry import VERBS

FILES = "files"
"""In place of words: names of files."""
_KINDS = tuple(sorted(entry.kind for module in MODULES for entry in entries(module)))
_BY_METAVAR: dict[str, tuple[str, ...] | str] = {
    "FILE": FILES,
    "OUT": FILES,
    "OUT.html": FILES,
    "OUT.png": FILES,
    "OUT.pcapng": FILES,
    "PATH": FILES,
    "DIR": FILES,
    "MODULE": tuple(BUILT_IN),
    "KIND": _KINDS,
    "LEVEL": tuple(level.name.lower() for level in Level),
    "KEY[:long]": (*KEYS, *(f"{key}:long" for key in KEYS)),
    "RULE": tuple(sorted(detection.rule for detection in all_detections())),
    "ID|all": ("all",),
    "here|ADDRESS": ("here",),
    "VERB": tuple(VERBS),
    # Nothing that could be listed.
    "CHANNEL": (),
    "SECONDS": (),
    "NUMBER": (),
    "COLUMNS": (),
    "ID": (),
    "SSID": (),
    "TIME": (),
    "NAME": (),
    "ADDRESS": (),
    "N": (),
    "TEXT": (),
    "SECURITY": (),
    "BSSID|SSID": (),
    "KEY=VALUE": (),
}
"""The meaning of a placeholder in the help."""


@frozen
class Argument:
    """One option, or one place for an argument."""

    options: tuple[str, ...]
    """Its spellings; empty for a positional argument."""
    help: str
    takes: tuple[str, ...] | str | None
    """Words or `FILES`; None for an option without a value."""


@frozen
class Command:
    """One command; the program itself has no name."""

    name: str
    help: str
    options: tuple[Argument, ...]
    places: tuple[Argument, ...]


def program() -> Command:
    """Return the options before any command."""
    return _command("", "", make_parser(whole=True))


def commands() -> tuple[Command, ...]:
    """Return every command, in the order of the help. Raises KeyError for a placeholder that is not known here."""
    return tuple(
        _command(name, help_, parser) for name, (parser, help_) in subcommands(make_parser(whole=True)).items()
    )


def _command(name: str, help_: str, parser: argparse.ArgumentParser) -> Command:
    arguments = tuple(_arguments(parser))
    options = tuple(each for each in arguments if each.options)
    return Command(name, help_, options, tuple(each for each in arguments if not each.options))


def _arguments(parser: argparse.ArgumentParser) -> Iterator[Argument]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            continue
        takes: tuple[str, ...] | str | None = None
        if action.choices:
            takes = tuple(action.choices)
        elif action.nargs != 0:
            takes = _BY_METAVAR[str(action.metavar)]
        yield Argument(tuple(action.option_strings), action.help or "", takes)
