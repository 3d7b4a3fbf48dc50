"""Immutable values that import faster than named tuples and attrs classes; attributes decoded on first use."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, Generic, TypeVar, dataclass_transform

T = TypeVar("T")


@dataclass_transform(frozen_default=True)
class Value:
    """Base of a value: the subclass annotates its fields; those with a default come last, as in a dataclass.

    Equal where the class and every field are equal; hashable where the fields are.
    """

    fields: ClassVar[tuple[str, ...]] = ()
    _required: ClassVar[int] = 0

    def __init_subclass__(cls) -> None:
        """Collect the fields of the subclass."""
        cls.fields = tuple(cls.__annotations__)
        cls._required = sum(name not in cls.__dict__ for name in cls.fields)

    def __init__(self, *values: Any, **named: Any) -> None:
        """Make a value; raises TypeError where a field is missing, unknown or given twice."""
        if len(values) == len(self.fields) and not named:
            self.__dict__.update(zip(self.fields, values, strict=True))
            return
        state = dict(zip(self.fields, values, strict=False))
        state.update(named)
        required = self.fields[: self._required]
        if len(state) < len(values) + len(named) or not set(required) <= state.keys() <= set(self.fields):
            raise TypeError(f"{type(self).__name__} takes {', '.join(self.fields)}; got {values!r} {named!r}")
        self.__dict__.update(state)

    def __setattr__(self, name: str, value: object) -> None:
        """Refuse: a value does not change."""
        raise AttributeError(f"{type(self).__name__} is immutable")

    def _values(self) -> tuple[Any, ...]:
        return tuple([getattr(self, name) for name in self.fields])

    def __eq__(self, other: object) -> bool:
        """Tell whether both are of one class with equal fields."""
        return self.__class__ is other.__class__ and self._values() == other._values()

    def __hash__(self) -> int:
        """Hash the fields; raises TypeError where one is not hashable."""
        return hash(self._values())

    def __repr__(self) -> str:
        """Show the class and its fields."""
        return f"{type(self).__name__}({', '.join(f'{name}={getattr(self, name)!r}' for name in self.fields)})"


class lazy(Generic[T]):  # noqa: N801  # it stands where property does
    """A read-only attribute that is decoded at its first use and a plain attribute from then on.

    As `functools.cached_property`, without the lock that one takes on Python 3.11.
    """

    def __init__(self, decode: Callable[[Any], T]) -> None:
        self._decode = decode
        self._name = decode.__name__
        self.__doc__ = decode.__doc__

    def __get__(self, instance: Any, owner: type | None = None) -> T:
        """Decode, and leave the result where the next look finds it first."""
        value = self._decode(instance)
        instance.__dict__[self._name] = value
        return value
