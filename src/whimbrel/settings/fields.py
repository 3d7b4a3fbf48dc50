"""How a module declares what can be set: attrs attributes with a default, a bound and a sentence of help."""

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
"""The name of a network, at most 32 octets. Written in YAML as text, or as ``hex:`` and the octets where it is none."""


def setting(
    default: Any = attrs.NOTHING,
    *,
    help: str,  # noqa: A002  # what argparse calls it too
    low: float | None = None,
    high: float | None = None,
    choices: Sequence[Any] | None = None,
    factory: Any = None,
) -> Any:
    """Declare one setting of an attrs class (``@attrs.frozen``).

    `help` is the sentence that stands above the key in ``config/whimbrel.yaml``; `low` and `high` are inclusive;
    `choices` are the only values allowed; for a list they hold for each item. Without a default (or `factory`) the
    setting must be given.

    What a bound cannot say, a validator or ``__attrs_post_init__`` says with ValueError("name: expected …, found …"),
    which is shown at the line of the setting `name`.

    The type is the attribute's annotation, which must be there at run time (not only under ``TYPE_CHECKING``): bool,
    int, float, str, `Duration`, `Size`, `Mac`, `Ssid`, ``Path``, ``Channel``, a Literal, an Enum, another such attrs
    class; ``X | None`` and other unions of these; ``tuple[X, ...]``, ``list[X]``, ``frozenset[X]``, ``dict[str, X]``;
    and whatever `whimbrel.settings.scalars.register` was told of.
    """
    metadata = {"help": help, "low": low, "high": high, "choices": choices}
    if factory is not None:
        return attrs.field(factory=factory, metadata=metadata)
    return attrs.field(default=default, metadata=metadata)
