"""What an event is: the envelope that the bus stamps, and the body that a module publishes.

A body is an immutable value of its own class; the class is its kind. Its fields are the class's annotations, and
`Body` gives it a keyword constructor, equality and a representation. It is not an attrs class because importing
forty of those would cost a Zero about a tenth of a second at every start (docs/architecture.md has the figures).
"""

from __future__ import annotations

import enum
import re
from typing import Any, ClassVar, NamedTuple, dataclass_transform


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


KINDS: dict[str, type[Body]] = {}
"""Every body class by its kind name, filled as the classes are defined."""


def _kind_name(class_name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", class_name).lower()


@dataclass_transform(kw_only_default=True, frozen_default=True)
class Body:
    """Base of every event body. Subclasses annotate their fields; fields with a value are optional.

    Class keywords: `level`, the journal priority unless the settings say otherwise; `bulky`. Class attributes: `kind`,
    the name in settings, streams and the journal (``AccessPointFound`` is ``access-point-found``); `fields`, the names
    in order.
    """

    kind: ClassVar[str]
    level: ClassVar[Level]
    bulky: ClassVar[bool]
    """Whether it only goes to listeners that name its kind, because it is large and says nothing new."""
    fields: ClassVar[tuple[str, ...]]
    _defaults: ClassVar[dict[str, Any]]

    def __init_subclass__(cls, *, level: Level = Level.INFO, bulky: bool = False) -> None:
        """Collect the fields of a subclass and register its kind; one whose name begins with _ is a base of others."""
        own = [name for name, hint in cls.__annotations__.items() if not str(hint).startswith("ClassVar")]
        cls.fields = (*getattr(cls, "fields", ()), *own)
        cls._defaults = {name: getattr(cls, name) for name in cls.fields if hasattr(cls, name)}
        cls.kind = _kind_name(cls.__name__)
        cls.level = level
        cls.bulky = bulky
        if cls.__name__.startswith("_"):
            return
        if KINDS.setdefault(cls.kind, cls).__qualname__ != cls.__qualname__:
            raise TypeError(f"two event bodies are called {cls.kind}: {KINDS[cls.kind]!r} and {cls!r}")

    def __init__(self, **values: Any) -> None:
        """Make a body; raises TypeError for a field that is missing or unknown."""
        state = self.__dict__
        state.update(self._defaults)
        state.update(values)
        if len(state) != len(self.fields) or not state.keys() <= set(self.fields):
            unknown = ", ".join(sorted(state.keys() - set(self.fields)))
            missing = ", ".join(name for name in self.fields if name not in state)
            raise TypeError(f"{type(self).__name__}: missing fields [{missing}], unknown fields [{unknown}]")

    def __setattr__(self, name: str, value: object) -> None:
        """Refuse: a body that several listeners hold must not change."""
        raise AttributeError(f"{type(self).__name__} is immutable")

    def __eq__(self, other: object) -> bool:
        """Tell whether both are of one class with equal fields."""
        return self.__class__ is other.__class__ and self.__dict__ == other.__dict__

    def __hash__(self) -> int:
        """Hash by kind and fields; raises TypeError where a field is not hashable."""
        return hash((self.kind, tuple(self.__dict__.values())))

    def __repr__(self) -> str:
        """Show the class and its fields."""
        shown = ", ".join(f"{name}={self.__dict__[name]!r}" for name in self.fields)
        return f"{type(self).__name__}({shown})"


class Event(NamedTuple):
    """A body with the bus's stamp."""

    seq: int
    """Place in the one total order of the bus, from 1."""
    time: float
    """Seconds since the epoch: of the frame for what was learned off the air, of the publication for the rest."""
    source: str
    """Name of the module that published it."""
    body: Any
    """The value published; its class is its kind."""
