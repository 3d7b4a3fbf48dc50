"""The declaration of a module's settings: attrs attributes with a default, a bound and a help text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NewType

import attrs

Duration = NewType("Duration", float)
"""Seconds. Written in YAML with its unit: ``250ms``, ``2s``, ``5min``, ``1h``, ``1d``."""

Size = NewType("Size", int)
"""Octets. Written in YAML with its unit: ``64KiB``, ``4MiB``, ``1GiB``."""

Mac = NewType("Mac", bytes)
"""An address of 6 octets. Written in YAML as ``aa:bb:cc:dd:ee:ff``."""

Ssid = NewType("Ssid", bytes)
"""An SSID of at most 32 octets. Written in YAML as text, or as ``hex:`` and the octets if it is no text."""


def setting(
    default: Any = attrs.NOTHING,
    *,
    help: str,  # noqa: A002  # the same name as in argparse
    low: float | None = None,
    high: float | None = None,
    choices: Sequence[Any] | None = None,
    factory: Any = None,
) -> Any:
    """Declare one setting of an attrs class (``@attrs.frozen``).

    `help` is the sentence above the key in ``config/whimbrel.yaml``; `low` and `high` are inclusive; `choices` are the
    only values allowed; in a list, these apply to each item. A setting without a default (or `factory`) is required.

    For conditions beyond bounds, a validator or ``__attrs_post_init__`` raises ValueError("name: expected …, found …"),
    which is shown at the line of the setting `name`.

    The type is the attribute's annotation, which must be available at run time (not only under ``TYPE_CHECKING``):
    bool, int, float, str, `Duration`, `Size`, `Mac`, `Ssid`, ``Path``, ``Channel``, a Literal, an Enum, another such
    attrs class; ``X | None`` and other unions of these; ``tuple[X, ...]``, ``list[X]``, ``frozenset[X]``,
    ``dict[str, X]``; and types registered with `whimbrel.settings.scalars.register`.
    """
    metadata = {"help": help, "low": low, "high": high, "choices": choices}
    if factory is not None:
        return attrs.field(factory=factory, metadata=metadata)
    return attrs.field(default=default, metadata=metadata)
