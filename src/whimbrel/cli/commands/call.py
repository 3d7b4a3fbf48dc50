"""``call``: any verb of the daemon, also of modules unknown to this program."""

from __future__ import annotations

import argparse
import json
import re

from whimbrel.cli import exits
from whimbrel.cli.asking import connection
from whimbrel.cli.options import add_socket_option
from whimbrel.verbs import daemon

_PAIR = re.compile(r"(?P<key>[A-Za-z_]\w*)=(?P<value>.*)", re.DOTALL)
_KEPT = frozenset({"verb", "id"})
"""Keys of a request that are not arguments."""
MORE = (
    "The answer is printed as JSON.\n`whimbrel call help` lists the verbs. "
    'A VALUE is JSON where it can be read as that\n(20, true, [1, 2], "7"), else text.'
)
EPILOG = (
    "examples:\n"
    "  whimbrel call help\n"
    "  whimbrel call camp channel=11 seconds=20\n"
    "  whimbrel call survey what=channels | jq '.channels[].airtime_us'"
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("verb", metavar="VERB", help="what is asked")
    parser.add_argument("pairs", nargs="*", metavar="KEY=VALUE", help="its arguments (docs/control.md)")
    add_socket_option(parser)


def run(args: argparse.Namespace) -> int:
    """Call the verb, and print the answer."""
    if args.verb == daemon.TAIL.name:
        raise exits.CommandError(exits.USAGE, "events have a command of their own: `whimbrel tail --json`")
    arguments = dict(map(argument, args.pairs))
    with connection(args) as client:
        answer = client.ask(args.verb, **arguments)
    print(json.dumps(answer, indent=2))
    return exits.OK


def argument(text: str) -> tuple[str, object]:
    """Read ``KEY=VALUE``. Raises `CommandError`."""
    pair = _PAIR.fullmatch(text)
    if pair is None or pair["key"] in _KEPT:
        raise exits.CommandError(exits.USAGE, f"expected KEY=VALUE, such as channel=6, found {text!r}")
    try:
        return pair["key"], json.loads(pair["value"], parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return pair["key"], pair["value"]


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is no JSON")
