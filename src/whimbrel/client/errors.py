"""Errors between a program and the daemon."""

from __future__ import annotations

from whimbrel.errors import WhimbrelError


class ClientError(WhimbrelError):
    """Base of the others: the request failed."""


class Unreachable(ClientError, ConnectionError):
    """There is no daemon, or it went away before it answered. A later attempt may succeed."""


class Refused(ClientError):
    """The daemon refused the request; the message is the daemon's."""


class BadAnswer(ClientError, ValueError):
    """The answer is invalid or has another type: it is from another version of Whimbrel, or from another program."""
