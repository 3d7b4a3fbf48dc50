"""Subscribing to kinds by a rule instead of a list, for the logger and the control socket.

The bus asks ``issubclass(kind, interest)`` once per class, when the first body of that class is published. An interest
is a class that answers this question by the rule, so kinds that are defined later, by other people, are covered too.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from whimbrel.events.base import Body, Level

Rule = Callable[[type], bool]


class _Interest(type):
    """Metaclass of interests, each of which represents all kinds accepted by its rule."""

    rule: Rule

    def __subclasscheck__(cls, kind: type) -> bool:
        return cls.rule(kind)


def kinds_where(name: str, rule: Rule) -> type:
    """Return the class to subscribe to for every kind that `rule` accepts; `name` is its name in statistics."""
    return cast("type", _Interest(name, (), {"rule": staticmethod(rule)}))


def level_of(kind: type) -> Level:
    """Return the level of a kind; INFO for a class that is no `Body`."""
    return kind.level if issubclass(kind, Body) else Level.INFO


def is_bulky(kind: type) -> bool:
    """Return whether a kind only goes to listeners that name it."""
    return issubclass(kind, Body) and kind.bulky


def level_of_body(body: object) -> Level:
    """Return the level of one body: its own `urgency` if it has one, as alerts do, else the level of its kind."""
    urgency = getattr(body, "urgency", None)
    return urgency if isinstance(urgency, Level) else level_of(type(body))


OUTCOMES = kinds_where("outcomes", lambda kind: "answers" in getattr(kind, "fields", ()))
"""Every kind with a field `answers`: the `seq` of the answered command."""
