"""``ignore``: devices that belong here and are no followers."""

from __future__ import annotations

import argparse

from whimbrel.cli import exits
from whimbrel.cli.asking import ask_daemon, print_json
from whimbrel.cli.options import add_json_option, add_socket_option
from whimbrel.text import harmless, mac
from whimbrel.verbs.visitors import IGNORE, IGNORED
from whimbrel.wording.quantities import count

MORE = (
    "The rule follower says nothing of them.\n`here` are all that were heard in the last two minutes: run it at home, "
    "with your\nown things around. Phones make up addresses, and come back under another one."
)
EPILOG = "examples:\n  whimbrel ignore here\n  whimbrel ignore 00:11:22:33:44:55\n  whimbrel ignore --forget all"
VERBS = (IGNORE, IGNORED)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("who", nargs="*", metavar="here|ADDRESS", help="all that are near, or some by their addresses")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--list", action="store_true", help="list who is ignored")
    what.add_argument("--forget", action="store_true", help="ignore these no longer; `all` for the whole list")
    add_json_option(parser)
    add_socket_option(parser)


def run(args: argparse.Namespace) -> int:
    """Change the list, or show it."""
    everybody = "all" if args.forget else "here"
    if args.list == bool(args.who):
        raise exits.CommandError(exits.USAGE, f"name `{everybody}` or addresses; or --list without any")
    if everybody in args.who and len(args.who) > 1:
        raise exits.CommandError(exits.USAGE, f"name either `{everybody}` or addresses, not both")
    if args.list:
        answer = ask_daemon(args, IGNORED)
    else:
        addresses = {} if args.who == [everybody] else {"addresses": args.who}
        answer = ask_daemon(args, IGNORE, **addresses, forget=args.forget)
    if args.json:
        return print_json(answer)
    if args.list:
        for address in answer.addresses:
            print(mac(address))
        return exits.OK
    done = "ignored no longer" if args.forget else "ignored from now on"
    print(
        f"{count(answer.changed, 'device')} {done}, {len(answer.addresses)} in all; written to {harmless(answer.file)}"
    )
    return exits.OK
