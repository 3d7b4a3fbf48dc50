"""Base class of values decoded from frames, and attributes that are decoded at their first use."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar, dataclass_transform

from whimbrel.record import Record

T = TypeVar("T")


@dataclass_transform(frozen_default=True)
class Value(Record):
    """Base class of a value: a record that also accepts positional arguments; fields with a default come last."""

    def __init__(self, *values: Any, **named: Any) -> None:
        """Raises TypeError if a field is missing, unknown or given twice."""
        fields = self.fields
        if len(values) == len(fields) and not named:
            object.__setattr__(self, "__dict__", dict(zip(fields, values, strict=True)))
            return
        placed = dict(zip(fields, values, strict=False))
        if len(values) > len(fields) or not placed.keys().isdisjoint(named):
            raise TypeError(f"{type(self).__name__} takes {', '.join(fields)}; got {values!r} {named!r}")
        super().__init__(**placed, **named)


class lazy(Generic[T]):  # noqa: N801  # it is used like property
    """A read-only attribute that is decoded at its first use and a plain attribute from then on.

    Like `functools.cached_property`, without its lock on Python 3.11.
    """

    def __init__(self, decode: Callable[[Any], T]) -> None:
        self._decode = decode
        self._name = decode.__name__
        self.__doc__ = decode.__doc__

    def __get__(self, instance: Any, owner: type | None = None) -> T:
        """Decode the value, and store it in the instance, where the next access finds it first."""
        value = self._decode(instance)
        instance.__dict__[self._name] = value
        return value
