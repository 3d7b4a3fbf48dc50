"""The settings of one detection: records, and those that all detections have in common."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, dataclass_transform

from whimbrel.events.alerts import Severity
from whimbrel.record import Record
from whimbrel.settings import Mac, Ssid, setting
from whimbrel.settings.fields import Declaration


def option(
    *,
    default: Any,
    help: str,  # noqa: A002  # as `whimbrel.settings.setting`
    low: float | None = None,
    high: float | None = None,
    choices: Sequence[Any] | None = None,
) -> Any:
    """Declare one setting of an `Options` class; as `whimbrel.settings.setting`."""
    return setting(default, help=help, low=low, high=high, choices=choices)


@dataclass_transform(kw_only_default=True, frozen_default=True, field_specifiers=(option,))
class Options(Record):
    """Settings by name: a record whose subclasses give each field an `option`.

    Raises TypeError for an unknown name. A subclass may reject combinations of values in `check`.
    """

    __settings__: ClassVar[Mapping[str, Declaration]] = {}

    def __init_subclass__(cls) -> None:
        """Collect the options of a subclass after those of its base; raises TypeError for a field without an option."""
        super().__init_subclass__()
        declared: dict[str, Any] = {name: getattr(cls, name, None) for name in cls.fields}
        if bare := [name for name, found in declared.items() if not isinstance(found, Declaration)]:
            raise TypeError(f"{cls.__name__}: declare {', '.join(bare)} by option(…)")
        for name, found in declared.items():
            found.name = name
        cls.__settings__ = declared
        cls._defaults = {name: found.default for name, found in declared.items()}

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)
        self.check()

    def check(self) -> None:
        """Raise ValueError("name: expected …, found …") for an impossible combination of settings."""


class RuleSettings(Options):
    """The settings of every detection."""

    enabled: bool = option(default=True, help="Whether this detection runs.")
    severity: Severity | None = option(
        default=None,
        help="The severity of its alerts; null: that of the rule. The display interrupts for critical.",
    )
    mute: tuple[Mac, ...] = option(
        default=(), help="Addresses (sender, receiver or BSSID) for which it raises no alerts."
    )
    mute_ssids: tuple[Ssid, ...] = option(default=(), help="Networks for which it raises no alerts.")
