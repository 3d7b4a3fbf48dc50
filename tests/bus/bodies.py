"""Bodies of events for the tests of the bus."""

from __future__ import annotations

from whimbrel.events.base import Body


class Ping(Body):
    n: int


class LoudPing(Ping):
    pass


class Pong(Body):
    n: int
