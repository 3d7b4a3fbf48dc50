"""Events: the envelope stamped by the bus, and the body published by a module.

A body is a `Record` of its own class; the class is its kind.
"""

from __future__ import annotations

import enum
from typing import Any, ClassVar, NamedTuple

from whimbrel.record import Record


class Level(enum.IntEnum):
    """How much an event matters; the values are syslog's (RFC 5424, section 6.2.1)."""

    EMERGENCY = 0
    ALERT = 1
    CRITICAL = 2
    ERROR = 3
    WARNING = 4
    NOTICE = 5
    INFO = 6
    DEBUG = 7


KNOWN_FROM = 1767225600.0
"""The beginning of 2026 in seconds since the epoch: a clock below it was not set, because this program is newer."""
KINDS: dict[str, type[Body]] = {}
"""Every body class by its kind name, filled as the classes are defined."""


def _kind_name(class_name: str) -> str:
    # In plain steps: a regular expression would be compiled, and run, at every start.
    parts = []
    for before, char in zip(" " + class_name, class_name, strict=False):
        parts.append(f"-{char}" if char.isupper() and (before.islower() or before.isdigit()) else char)
    return "".join(parts).lower()


class Body(Record):
    """Base of every event body.

    Class keywords: `level`, the journal priority unless the settings say otherwise; `bulky`; `published`, False for a
    value that has the fields of an event and is none. Class attributes: `kind`, the name in settings, streams and the
    journal (``AccessPointFound`` is ``access-point-found``); `fields`, the names
    in order.
    """

    kind: ClassVar[str]
    level: ClassVar[Level]
    bulky: ClassVar[bool]
    """Whether only listeners that name its kind receive it, because it is large and contains nothing new."""
    of_air: ClassVar[bool] = False
    """Whether strangers decide how often it happens, by what they send."""

    def __init_subclass__(cls, *, level: Level = Level.INFO, bulky: bool = False, published: bool = True) -> None:
        """Register the kind of a subclass; a class with a name that begins with _ is only a base."""
        super().__init_subclass__()
        cls.kind = _kind_name(cls.__name__)
        cls.level = level
        cls.bulky = bulky
        if cls.__name__.startswith("_") or not published:
            return
        if KINDS.setdefault(cls.kind, cls).__qualname__ != cls.__qualname__:
            raise TypeError(f"two event bodies are called {cls.kind}: {KINDS[cls.kind]!r} and {cls!r}")

    def memory(self) -> int:
        """Return the octets that it takes while it waits for a listener, for kinds where they matter."""
        return 0


class Event(NamedTuple):
    """A body with the bus's stamp."""

    seq: int
    """Place in the one total order of the bus, from 1."""
    time: float
    """Seconds since the epoch: of the frame for findings, of the publication for other events."""
    source: str
    """Name of the module that published it."""
    body: Any
    """The value published; its class is its kind."""
