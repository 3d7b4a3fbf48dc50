"""The declaration of settings: frozen classes whose attributes have a default, a bound and a help text.

They look like classes of attrs, which would cost a Zero some ten milliseconds of import each, and attrs itself a tenth
of a second; these cost a fraction of one (docs/architecture.md has the figures).
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NewType, TypeVar, dataclass_transform

Duration = NewType("Duration", float)
"""Seconds. Written in YAML with its unit: ``250ms``, ``2s``, ``5min``, ``1h``, ``1d``."""

Size = NewType("Size", int)
"""Octets. Written in YAML with its unit: ``64KiB``, ``4MiB``, ``1GiB``."""

Mac = NewType("Mac", bytes)
"""An address of 6 octets. Written in YAML as ``aa:bb:cc:dd:ee:ff``."""

Ssid = NewType("Ssid", bytes)
"""An SSID of at most 32 octets. Written in YAML as text, or as ``hex:`` and the octets if it is no text."""

T = TypeVar("T")
Validator = Callable[[Any, Any], object]
V = TypeVar("V", bound=Validator)


class _Nothing(enum.Enum):
    NOTHING = "nothing"


NOTHING = _Nothing.NOTHING
"""The default of a setting that must be given."""


class Declaration:
    """One setting of a class; made by `setting`."""

    __slots__ = ("_default", "factory", "metadata", "name", "validate")

    def __init__(self, default: Any, metadata: Mapping[str, Any], factory: Callable[[], Any] | None = None) -> None:
        self.name = ""
        self.metadata = metadata
        self.factory = factory
        self.validate: Validator | None = None
        """Takes the instance and the value, and raises ValueError."""
        self._default = default

    @property
    def default(self) -> Any:
        """What stands where nothing is given; `NOTHING` if it must be given."""
        return self._default if self.factory is None else self.factory()


def setting(
    default: Any = NOTHING,
    *,
    help: str,  # noqa: A002  # the same name as in argparse
    low: float | None = None,
    high: float | None = None,
    choices: Sequence[Any] | None = None,
    factory: Callable[[], Any] | None = None,
) -> Any:
    """Declare one setting of a `frozen` class.

    `help` is the sentence above the key in ``config/whimbrel.yaml``; `low` and `high` are inclusive; `choices` are the
    only values allowed; in a list, these apply to each item. A setting without a default (or `factory`, which makes
    one) is required.

    For conditions beyond bounds, a method that `validates` it or ``check`` of the class raises ValueError("name:
    expected …, found …"), which is shown at the line of the setting `name`.

    The type is the attribute's annotation, which must be available at run time (not only under ``TYPE_CHECKING``):
    bool, int, float, str, `Duration`, `Size`, `Mac`, `Ssid`, ``Path``, ``Channel``, a Literal, an Enum, another such
    class; ``X | None`` and other unions of these; ``tuple[X, ...]``, ``list[X]``, ``frozenset[X]``, ``dict[str, X]``;
    and types registered with `whimbrel.settings.scalars.register`.
    """
    return Declaration(default, {"help": help, "low": low, "high": high, "choices": choices}, factory)


def validates(*names: str) -> Callable[[V], V]:
    """Make a method the validator of the settings `names`: it takes the value of one, and raises ValueError."""

    def mark(method: V) -> V:
        method.validates = names  # type: ignore[attr-defined]
        return method

    return mark


@dataclass_transform(frozen_default=True)
def frozen(cls: type[T]) -> type[T]:
    """Make an immutable class of one whose annotated attributes are settings, or plain values.

    Its constructor takes them in their order or by name, checks each that has a validator, then calls ``check`` where
    the class has that. Instances are equal if their class and all attributes are. Those of a base come first.
    """
    declared: dict[str, Declaration] = {}
    for base in reversed(cls.__mro__[1:]):
        declared.update(vars(base).get("__settings__", {}))
    for name, hint in vars(cls).get("__annotations__", {}).items():
        if "ClassVar" in str(hint):
            continue
        found = vars(cls).get(name, NOTHING)
        made = found if isinstance(found, Declaration) else Declaration(found, {})
        if found is not NOTHING:
            delattr(cls, name)
        made.name = name
        declared[name] = made
    own = vars(cls)
    for value in own.values():
        for name in getattr(value, "validates", ()):
            declared[name].validate = value
    for method in (_init, _set, _delete, _equal, _hash, _show):
        name = _NAMES[method]
        if name not in own or (name == "__hash__" and own[name] is None):
            setattr(cls, name, method)
    cls.__settings__ = declared  # type: ignore[attr-defined]
    return cls


def is_settings(cls: Any) -> bool:
    """Return whether `cls` is a class of settings."""
    return isinstance(cls, type) and hasattr(cls, "__settings__")


def settings_of(cls: type) -> Mapping[str, Declaration]:
    """Return the settings of a class by the name of the attribute, in order. Raises TypeError if it has none."""
    if not is_settings(cls):
        raise TypeError(f"{cls!r} is no class of settings")
    declared: Mapping[str, Declaration] = cls.__settings__  # type: ignore[attr-defined]
    return declared


def values_of(instance: object) -> dict[str, Any]:
    """Return the values of an instance by name, in order. Raises TypeError if it has no settings."""
    return {name: getattr(instance, name) for name in settings_of(type(instance))}


def evolve(instance: T, **changes: Any) -> T:
    """Return settings with some of them changed. Raises TypeError for an unknown one, and what the class raises."""
    cls = type(instance)
    return cls(**values_of(instance) | changes)


def validate(instance: object, names: Sequence[str]) -> dict[str, Exception]:
    """Ask the validators of the settings `names`; return what those raised that refuse, by name."""
    refused: dict[str, Exception] = {}
    for name, declared in settings_of(type(instance)).items():
        if declared.validate is not None and name in names:
            try:
                declared.validate(instance, getattr(instance, name))
            except (TypeError, ValueError) as error:
                refused[name] = error
    return refused


def unvalidated(cls: type[T], values: Mapping[str, Any]) -> T:
    """Return an instance whose validators have not been asked. Raises what its ``check`` does."""
    made = object.__new__(cls)
    _fill(made, (), dict(values))
    _checked(made)
    return made


def _init(self: Any, *values: Any, **named: Any) -> None:
    _fill(self, values, named)
    refused = validate(self, list(self.__settings__))
    for error in refused.values():
        raise error
    _checked(self)


def _fill(self: Any, values: Sequence[Any], named: dict[str, Any]) -> None:
    """Set every attribute. Raises TypeError for one that is missing, unknown or given twice."""
    cls = type(self)
    declared: Mapping[str, Declaration] = cls.__settings__
    if len(values) > len(declared):
        raise TypeError(f"{cls.__name__} takes {len(declared)} values, found {len(values)}")
    left = dict(named)
    state = dict(zip(declared, values, strict=False))
    for name, one in declared.items():
        if name in state:
            continue
        value = left.pop(name, NOTHING)
        state[name] = value = one.default if value is NOTHING else value
        if value is NOTHING:
            raise TypeError(f"{cls.__name__}: {name} must be given")
    if left:
        raise TypeError(f"{cls.__name__} does not take {', '.join(left)}")
    object.__setattr__(self, "__dict__", state)


def _checked(self: Any) -> None:
    check = getattr(self, "check", None)
    if check is not None:
        check()


def _set(self: Any, name: str, value: object) -> None:
    """Raise AttributeError: settings do not change."""
    raise AttributeError(f"{type(self).__name__} is immutable")


def _delete(self: Any, name: str) -> None:
    raise AttributeError(f"{type(self).__name__} is immutable")


def _equal(self: Any, other: object) -> Any:
    if self.__class__ is not other.__class__:
        return NotImplemented
    return vars(self) == vars(other)


def _hash(self: Any) -> int:
    return hash(tuple(self.__dict__.values()))


def _show(self: Any) -> str:
    return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in self.__dict__.items())})"


_NAMES = {
    _init: "__init__",
    _set: "__setattr__",
    _delete: "__delattr__",
    _equal: "__eq__",
    _hash: "__hash__",
    _show: "__repr__",
}
