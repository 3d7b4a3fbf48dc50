"""What can go wrong between a program and the daemon."""

from __future__ import annotations

from whimbrel.errors import WhimbrelError


class ClientError(WhimbrelError):
    """Base of the others: the daemon was not asked, or did not answer as it should."""


class Unreachable(ClientError, ConnectionError):
    """There is nobody to ask, or he went away before he had answered. A later try may work."""


class Refused(ClientError):
    """The daemon answered that it will not do it; the message is its own."""


class BadAnswer(ClientError, ValueError):
    """What came back is no answer, or none of this type: of another version of Whimbrel, or of another program."""
