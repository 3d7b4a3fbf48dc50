"""The command line. Each command's code is imported when the command is used; no traceback reaches a user."""

from __future__ import annotations

import contextlib
import errno
import importlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from whimbrel import __version__
from whimbrel.cli import exits
from whimbrel.cli.commands import SUMMARIES
from whimbrel.late import late_patterns

with late_patterns():
    import argparse

from whimbrel.cli.options import Formatter

# gettext would import locale to look for a translation that does not exist.
vars(argparse)["_"] = str

_DESCRIPTION = "A pocket Wi-Fi monitor and wireless intrusion detector. It watches; it never attacks."

_EXAMPLES = """\
examples:
  whimbrel check --config whimbrel.yaml     is the file right, and does this machine have what it names?
  whimbrel run --config whimbrel.yaml       run the daemon in the foreground; Ctrl-C ends it
  whimbrel replay home.pcapng               show the contents of a capture
  whimbrel status                           show the state of the daemon
  whimbrel lock 36/80                       stay on one channel; `whimbrel unlock` ends that
  whimbrel tail disconnected                follow one kind of event
  whimbrel tail --json | jq .body           follow everything, for programs
"""


_CANNOT_WRITE = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status (`whimbrel.cli.exits`)."""
    _replace_closed_streams()
    for stream in (sys.stdout, sys.stderr):
        # If a terminal lacks a character, its number is printed.
        with contextlib.suppress(AttributeError):
            stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    _isolate_on_terminals()
    given = sys.argv[1:] if argv is None else argv
    parser = make_parser(only=given[0] if given and given[0] in SUMMARIES else "")
    try:
        args = parser.parse_args(given)
    except SystemExit as leaving:  # argparse has printed the reason
        return int(leaving.code or 0)
    debug = args.debug or bool(os.environ.get("WHIMBREL_DEBUG"))
    try:
        return _run(args)
    except exits.CommandError as stop:
        _complain(str(stop))
        return stop.code
    except KeyboardInterrupt:
        return exits.INTERRUPTED
    except BrokenPipeError:
        _abandon_output()
        return exits.BROKEN_PIPE
    except BaseException as error:  # noqa: BLE001  # whatever it is, a user gets a line; sys.exit would count as success
        if isinstance(error, OSError) and error.errno in _CANNOT_WRITE and error.filename is None:
            _abandon_output()
            _complain(f"cannot write the output: {error.strerror}")
            return exits.FAILURE
        if debug:
            import traceback

            traceback.print_exc()
        hint = "" if debug else "; run it again with --debug to see where"
        _complain(f"this is a bug in whimbrel: {type(error).__name__}: {error}{hint}")
        return exits.FAILURE


def _replace_closed_streams() -> None:
    """Replace streams that were closed before the start (`>&-`), for which Python has None."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open("w"))  # noqa: SIM115  # for as long as the process


def _isolate_on_terminals() -> None:
    for name in ("stdout", "stderr"):
        if (stream := getattr(sys, name)).isatty():
            from whimbrel.cli.terminal import IsolatingStream

            setattr(sys, name, IsolatingStream(stream))


def _abandon_output() -> None:
    """Drop the buffered output, which would raise again when Python closes its streams."""
    with contextlib.suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _run(args: argparse.Namespace) -> int:
    code: int = args.run(args)
    sys.stdout.flush()
    return code


def _complain(message: str) -> None:
    from whimbrel.text import harmless

    for line in message.splitlines() or [""]:
        print(f"whimbrel: {harmless(line)}", file=sys.stderr)


class CommandParser(argparse.ArgumentParser):
    """The parser of one command. Its arguments are declared beside its handler, when the command is used."""

    def __init__(self, *, command: str, **more: Any) -> None:
        super().__init__(**{"formatter_class": Formatter, **more})
        self._command = command

    @property
    def command(self) -> ModuleType:
        """The module below `whimbrel.cli.commands`."""
        return importlib.import_module(f"whimbrel.cli.commands.{self._command.replace('-', '_')}")

    def fill(self) -> None:
        """Declare the arguments. Idempotent."""
        if self.description is not None:
            return
        command, summary = self.command, SUMMARIES[self._command]
        more = getattr(command, "MORE", "")
        self.description = f"{summary[0].upper()}{summary[1:]}. {more}".strip()
        self.epilog = getattr(command, "EPILOG", "")
        command.add_arguments(self)
        self.set_defaults(run=command.run)

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Declare the arguments, and parse."""
        self.fill()
        return super().parse_known_args(args, namespace)


def make_parser(*, whole: bool = False, only: str = "") -> argparse.ArgumentParser:
    """Return the parser of every command; ``run`` of its result is the function that executes the command.

    `whole`: with the arguments of all commands, which imports all of them; `only`: of that command alone, which is
    known to be the one that is given.
    """
    parser = argparse.ArgumentParser(
        prog="whimbrel", description=_DESCRIPTION, epilog=f"{_EXAMPLES}\n{_exit_codes()}", formatter_class=Formatter
    )
    parser.add_argument("--version", action="version", version=f"whimbrel {__version__}")
    parser.add_argument(
        "--debug", action="store_true", help="show the traceback of an unexpected error ($WHIMBREL_DEBUG)"
    )
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True, parser_class=CommandParser)
    for name, summary in SUMMARIES.items():
        if only not in {"", name}:
            continue
        command = commands.add_parser(name, help=summary, command=name)
        if whole:
            command.fill()
    return parser


def _exit_codes() -> str:
    rows = (f"  {code:3}  {meaning}" for code, meaning in exits.MEANINGS.items())
    return "exit status:\n" + "\n".join(rows)
