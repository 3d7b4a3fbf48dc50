"""Common functions of the commands that use a running daemon."""

from __future__ import annotations

import argparse
import contextlib
import json
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol, TypeVar

from whimbrel.cli import exits
from whimbrel.client.blocking import BlockingClient
from whimbrel.client.errors import ClientError, Refused
from whimbrel.text import harmless
from whimbrel.verbs.declare import Verb


class JobState(Protocol):
    """The state of a job that root does."""

    @property
    def going(self) -> bool:
        """Whether it goes on."""

    @property
    def problem(self) -> str:
        """Why it did not end as it should; empty if it did."""


T = TypeVar("T")
S = TypeVar("S", bound=JobState)

_LOOK = 1.0
"""Seconds between two questions about a job."""

_ANOTHER = (
    "\nto use another daemon, give --socket PATH or $WHIMBREL_SOCKET; that of `make run` is /tmp/whimbrel-demo.sock"
)


def ask_daemon(args: argparse.Namespace, verb: Verb[T], **wish: Any) -> T:
    """Return the daemon's answer to a verb. Raises `CommandError` if it refuses or does not answer."""
    with connection(args) as client:
        return client.ask(verb, **wish)


def do_job(
    args: argparse.Namespace, begin: Verb[S], state: Verb[S], lines: Callable[[S], Sequence[str]], **wish: Any
) -> int:
    """Begin a job, wait for its end, and print what came of it; return the exit status. Raises `CommandError`."""
    with connection(args) as client:
        found = client.ask(begin, **wish)
        while found.going:
            time.sleep(_LOOK)
            found = client.ask(state)
    if args.json:
        print_json(found)
    else:
        for line in lines(found):
            print(line)
    if found.problem:
        raise exits.CommandError(exits.FAILURE, harmless(found.problem))
    return exits.OK


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
