"""The settings of one detection, declared as attributes; cheap to make, because there are about fifty such classes.

An attrs class costs a Zero some ten milliseconds of import each, these a fraction of one. They look enough like one
for `whimbrel.settings`: `__attrs_attrs__` holds what it asks an attribute for.
"""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import Any, ClassVar, dataclass_transform

from whimbrel.events.alerts import Severity
from whimbrel.settings import Mac, Ssid


class Option:
    """One setting, with what `attrs.Attribute` tells `whimbrel.settings`."""

    __slots__ = ("alias", "default", "init", "metadata", "name", "validator")

    def __init__(self, default: Any, metadata: dict[str, Any]) -> None:
        self.name = ""
        self.default = default
        self.metadata = metadata
        self.alias: str | None = None
        self.init = True
        self.validator = None


def option(
    *,
    default: Any,
    help: str,  # noqa: A002  # as `whimbrel.settings.setting`
    low: float | None = None,
    high: float | None = None,
    choices: Sequence[Any] | None = None,
) -> Any:
    """Declare one setting of an `Options` class; as `whimbrel.settings.setting`."""
    return Option(default, {"help": help, "low": low, "high": high, "choices": choices})


@dataclass_transform(kw_only_default=True, frozen_default=True, field_specifiers=(option,))
class Options:
    """Settings by name; immutable. Subclasses annotate attributes and give each an `option`.

    Raises TypeError for a name that is unknown. A subclass may refuse what does not go together by `check`.
    """

    __attrs_attrs__: ClassVar[tuple[Option, ...]] = ()

    def __init_subclass__(cls) -> None:
        """Collect the options of a subclass behind those of its base."""
        own = []
        for name in inspect.get_annotations(cls):
            declared = cls.__dict__.get(name)
            if isinstance(declared, Option):
                declared.name = name
                own.append(declared)
        replaced = {declared.name for declared in own}
        cls.__attrs_attrs__ = (*(o for o in cls.__attrs_attrs__ if o.name not in replaced), *own)

    def __init__(self, **values: Any) -> None:
        state = self.__dict__
        for declared in self.__attrs_attrs__:
            state[declared.name] = values.pop(declared.name, declared.default)
        if values:
            raise TypeError(f"{type(self).__name__} has no {', '.join(values)}")
        self.check()

    def check(self) -> None:
        """Raise ValueError("name: expected …, found …") for settings that do not go together."""

    def __setattr__(self, name: str, value: object) -> None:
        """Refuse: settings do not change."""
        raise AttributeError(f"{type(self).__name__} is immutable")

    def __eq__(self, other: object) -> bool:
        """Tell whether both are of one class with equal values."""
        return self.__class__ is other.__class__ and self.__dict__ == other.__dict__

    def __hash__(self) -> int:
        """Hash the values; raises TypeError where one is not hashable."""
        return hash(tuple(self.__dict__.values()))

    def __repr__(self) -> str:
        """Show the class and its values."""
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in self.__dict__.items())})"


class RuleSettings(Options):
    """What every detection can be told."""

    enabled: bool = option(default=True, help="Whether this is looked for.")
    severity: Severity | None = option(
        default=None,
        help="How much such an alert matters; null: as the rule says. The screen breaks in for critical.",
    )
    mute: tuple[Mac, ...] = option(default=(), help="Addresses (sender, receiver or BSSID) for which it stays silent.")
    mute_ssids: tuple[Ssid, ...] = option(default=(), help="Networks for which it stays silent.")
