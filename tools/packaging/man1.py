"""whimbrel(1), from the parser of the command line.

``python -m tools.packaging.man1 > whimbrel.1``
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator

from tools.packaging.roff import escape, heading, paragraph, tagged, verbatim

from whimbrel.cli import exits, make_parser

_ENVIRONMENT = {
    "WHIMBREL_CONFIG": "The settings file, without --config.",
    "WHIMBREL_SOCKET": "The control socket, without --socket.",
    "WHIMBREL_RADIO": "The socket of the process that opens the radio; without it, whimbrel run opens it itself.",
    "WHIMBREL_DEBUG": "As --debug, where it is set to anything.",
    "NO_COLOR": "No colours, where it is set to anything.",
}
_FILES = {
    "/etc/whimbrel/whimbrel.yaml": "The settings of the service: whimbrel.yaml(5).",
    "/run/whimbrel/control.sock": "The control socket. Members of the group whimbrel may use it.",
    "/usr/share/whimbrel/settings": "The settings of this version, and those of some HATs.",
    "/usr/share/whimbrel/examples": "Drop-ins for the services; settings of the demonstration.",
    "/usr/share/doc/whimbrel": "Every event, screen and verb of the socket.",
}


def subcommands(parser: argparse.ArgumentParser) -> dict[str, tuple[argparse.ArgumentParser, str]]:
    """Return every command's parser and summary, in the order of the help."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            summaries = {choice.dest: choice.help or "" for choice in action._choices_actions}
            return {name: (each, summaries[name]) for name, each in action.choices.items()}
    raise ValueError("the parser has no commands")


def page() -> str:
    """Return the page."""
    parser = make_parser(whole=True)
    lines = [
        *heading("whimbrel", 1, "User commands"),
        ".SH NAME", "whimbrel \\- Wi\\-Fi monitor and wireless intrusion detector",
        ".SH SYNOPSIS", ".B whimbrel", "[\\fIoptions\\fR] \\fIcommand\\fR [\\fIarguments\\fR]",
        ".SH DESCRIPTION", *paragraph(parser.description or ""),
        *paragraph(
            "It listens to Wi-Fi in monitor mode, keeps an inventory of the access points and stations around, and "
            "writes what it notices to the journal. The service whimbrel.service runs it; the commands here ask that "
            "daemon, or work on capture files."
        ),
        ".SH OPTIONS", *_arguments(parser),
        ".SH COMMANDS",
    ]  # fmt: skip
    for each, _ in subcommands(parser).values():
        lines += _command(each)
    lines.append(".SH EXIT STATUS")
    for code, meaning in exits.MEANINGS.items():
        lines += tagged(str(code), meaning[0].upper() + meaning[1:] + ".")
    for title, entries in (("ENVIRONMENT", _ENVIRONMENT), ("FILES", _FILES)):
        lines.append(f".SH {title}")
        for tag, text in entries.items():
            lines += tagged(tag, text)
    lines += [".SH EXAMPLES", *verbatim(_examples(parser))]
    lines += [".SH SEE ALSO", ".BR whimbrel.yaml (5),", ".BR journalctl (1),", ".BR iw (8)"]
    return "\n".join(lines) + "\n"


def _command(parser: argparse.ArgumentParser) -> Iterator[str]:
    usage = " ".join(parser.format_usage().removeprefix("usage: ").replace("[-h] ", "").replace("[-h]", "").split())
    yield from (f".SS {escape(usage)}", *paragraph(parser.description or ""))
    yield from _arguments(parser)
    if parser.epilog:
        yield from (".PP", *verbatim(parser.epilog))


def _arguments(parser: argparse.ArgumentParser) -> Iterator[str]:
    for action in parser._actions:
        if isinstance(action, (argparse._SubParsersAction, argparse._HelpAction)):
            continue
        value = "" if action.nargs == 0 else str(action.metavar or "|".join(map(str, action.choices or ())))
        name = ", ".join(action.option_strings)
        yield from tagged(f"{name} {value}".strip(), action.help or "")


def _examples(parser: argparse.ArgumentParser) -> str:
    """Return the examples in the help."""
    _, _, rest = (parser.epilog or "").partition("examples:\n")
    return rest.partition("\n\n")[0]


if __name__ == "__main__":
    # Its defaults are part of the help.
    for name in _ENVIRONMENT:
        os.environ.pop(name, None)
    sys.stdout.write(page())
