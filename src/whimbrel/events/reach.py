"""The second process: its own start and end, and whether the daemon can be reached. Published in that process alone."""

from __future__ import annotations

from whimbrel.events.base import Body, Level


class ReachStarted(Body, level=Level.NOTICE):
    """The second process is up; its modules start now."""

    version: str
    """Version of Whimbrel."""
    config: str
    """Path of the settings; empty for the defaults."""
    modules: tuple[str, ...]
    """Names of the modules that it runs."""


class ReachStopping(Body, level=Level.NOTICE):
    """The second process is about to end."""

    reason: str
    """A signal, or the end of the run that it belongs to."""


class DaemonReached(Body, level=Level.NOTICE):
    """Connected to the daemon; its missed alerts follow at once, each once."""

    version: str
    """Version of the daemon."""
    away: float | None
    """Seconds without a connection; None at the first time."""


class DaemonUnreachable(Body, level=Level.WARNING):
    """Disconnected from the daemon: later alerts are published after the next connection."""

    reason: str
    """The reason, and advice."""


class AlertsMissed(Body, level=Level.WARNING):
    """More alerts were raised while the daemon could not be heard than it remembers; the rest is not known here."""

    before: str
    """Id of the oldest alert that is known again."""
    after: str
    """Id of the newest one that was known before. Not every number between the two need have been an alert."""


class MessageSent(Body, level=Level.INFO):
    """A message was sent to a person."""

    by: str
    """The way of the message, without its secrets: ntfy at ntfy.sh."""
    title: str
    """Its first line."""
    waiting: int
    """How much news and how many messages still wait."""


class BrokerConnected(Body, level=Level.NOTICE):
    """The broker is there; what waited is published."""

    broker: str
    """Its host and port."""
    waiting: int
    """How many alerts waited for it."""


class BrokerLost(Body, level=Level.WARNING):
    """The broker is away; alerts wait on disk."""

    reason: str
    """The reason, and advice."""
    waiting: int
    """How many wait so far."""


class LogServerConnected(Body, level=Level.NOTICE):
    """The log server is there; what waited is sent."""

    server: str
    """Its host and port."""
    waiting: int
    """How many messages waited for it."""


class LogServerLost(Body, level=Level.WARNING):
    """The log server is away; messages wait on disk."""

    reason: str
    """The reason, and advice."""
    waiting: int
    """How many wait so far."""


class PageServed(Body, level=Level.NOTICE):
    """The web page is there."""

    url: str
    """Its address, without the token to log in with."""
