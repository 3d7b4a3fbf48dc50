"""Common functions of the commands that use a running daemon."""

from __future__ import annotations

import argparse
import contextlib
import json
from collections.abc import Iterator
from typing import Any, TypeVar

from whimbrel.cli import exits
from whimbrel.client.blocking import BlockingClient
from whimbrel.client.errors import ClientError, Refused
from whimbrel.verbs.declare import Verb

T = TypeVar("T")

_ANOTHER = (
    "\nto use another daemon, give --socket PATH or $WHIMBREL_SOCKET; that of `make run` is /tmp/whimbrel-demo.sock"
)


def ask_daemon(args: argparse.Namespace, verb: Verb[T], **wish: Any) -> T:
    """Return the daemon's answer to a verb. Raises `CommandError` if it refuses or does not answer."""
    with connection(args) as client:
        return client.ask(verb, **wish)


@contextlib.contextmanager
def connection(args: argparse.Namespace) -> Iterator[BlockingClient]:
    """Connect to the daemon. Raises `CommandError` if that fails, and for the client's errors inside the block."""
    try:
        with BlockingClient(args.socket) as client:
            yield client
    except Refused as error:
        raise exits.CommandError(exits.FAILURE, str(error)) from error
    except ClientError as error:
        raise exits.CommandError(exits.UNREACHABLE, f"{error}{_ANOTHER}") from error


def print_json(value: object) -> int:
    """Print a value for programs, and a newline; return the status of success."""
    from whimbrel.events.encode import encode

    print(json.dumps(encode(value), indent=2))
    return exits.OK
