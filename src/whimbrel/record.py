"""The immutable base class of event bodies, values decoded from frames and the settings of detections.

It is a plain class because there are more than a hundred subclasses: defining one costs a hundredth of an attrs class,
and a fraction of a named tuple (docs/architecture.md has the figures).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self, dataclass_transform

_set = object.__setattr__


@dataclass_transform(kw_only_default=True, frozen_default=True)
class Record:
    """Base of a record: a subclass annotates its fields, which follow those of its base; a value makes one optional.

    Fields are passed by name. Records are equal if their class and all fields are, and hashable if their fields are.
    Annotations with `ClassVar` are no fields. Raises TypeError for a field with the name of an attribute of `Record`.
    """

    fields: ClassVar[tuple[str, ...]] = ()
    """Names in order."""
    _names: ClassVar[frozenset[str]] = frozenset()
    _defaults: ClassVar[Mapping[str, Any]] = {}

    def __init_subclass__(cls) -> None:
        """Collect the fields of the subclass and their defaults."""
        own = [name for name, hint in cls.__annotations__.items() if "ClassVar" not in str(hint)]
        if not _TAKEN.isdisjoint(own):
            raise TypeError(f"{cls.__name__}: a field cannot be called {', '.join(_TAKEN.intersection(own))}")
        cls.fields = tuple(dict.fromkeys((*cls.fields, *own)))
        cls._names = frozenset(cls.fields)
        cls._defaults = {name: getattr(cls, name) for name in cls.fields if hasattr(cls, name)}

    def __init__(self, **values: Any) -> None:
        """Make a record; raises TypeError for a field that is missing or unknown."""
        # If all fields are given in order, no check is needed, and the arguments' dictionary becomes the record's.
        if tuple(values) != self.fields:
            values = self._completed(values)
        _set(self, "__dict__", values)

    def _completed(self, values: dict[str, Any]) -> dict[str, Any]:
        """Return `values` with the defaults of the missing fields; raises TypeError like `__init__`."""
        state = {**self._defaults, **values}
        if len(state) != len(self.fields) or not values.keys() <= self._names:
            missing = ", ".join(name for name in self.fields if name not in state)
            unknown = ", ".join(name for name in values if name not in self._names)
            raise TypeError(
                f"{type(self).__name__} takes {', '.join(self.fields) or 'no fields'};"
                f" missing: {missing or 'none'}, unknown: {unknown or 'none'}"
            )
        return state

    def __setattr__(self, name: str, value: object) -> None:
        """Raise AttributeError, because several listeners may share one record."""
        raise AttributeError(f"{type(self).__name__} is immutable")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"{type(self).__name__} is immutable")

    def replace(self, **changes: Any) -> Self:
        """Return a record with some fields changed; raises TypeError for an unknown field."""
        return type(self)(**{**self.as_dict(), **changes})

    @classmethod
    def of(cls, source: Record, **more: Any) -> Self:
        """Return a record of this class with the fields that `source` has of it, and `more`.

        Raises TypeError for a missing field.
        """
        return cls(**{name: getattr(source, name) for name in cls.fields if name in source.fields} | more)

    def as_dict(self) -> dict[str, Any]:
        """Return the fields by name, in order; values are not copied."""
        state = self.__dict__
        return {name: state[name] for name in self.fields}

    def _values(self) -> tuple[Any, ...]:
        # Not the values of __dict__: they have the order of the constructor's arguments, and `lazy` adds to them.
        return tuple(map(self.__dict__.__getitem__, self.fields))

    def __eq__(self, other: object) -> bool:
        """Return whether both have the same class and equal fields."""
        if self.__class__ is not other.__class__:
            return NotImplemented
        return self._values() == other._values()

    def __hash__(self) -> int:
        return hash(self._values())

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={value!r}" for name, value in zip(self.fields, self._values(), strict=True))
        return f"{type(self).__name__}({shown})"


_TAKEN = frozenset(vars(Record))
