"""How a module declares what can be set: attrs attributes with a default, a bound and a sentence of help."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NewType

import attrs

Duration = NewType("Duration", float)
"""Seconds. Written in YAML with its unit: ``250ms``, ``2s``, ``5min``, ``1h``, ``1d``."""

Size = NewType("Size", int)
"""Octets. Written in YAML with its unit: ``64KiB``, ``4MiB``, ``1GiB``."""


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

    `help` is the sentence that stands above the key in ``config/whimbrel.yaml``; `low` and `high` are inclusive; `choices` are
    the only values allowed. Without a default (or `factory`) the setting must be given.
    """
    metadata = {"help": help, "low": low, "high": high, "choices": choices}
    if factory is not None:
        return attrs.field(factory=factory, metadata=metadata)
    return attrs.field(default=default, metadata=metadata)
