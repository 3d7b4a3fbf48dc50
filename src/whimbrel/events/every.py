"""All modules with events of the project, in the order of the documentation. Importing it registers their kinds."""

from __future__ import annotations

from types import ModuleType

from whimbrel.events import (
    air,
    alerts,
    device,
    history,
    incidents,
    keys,
    position,
    radio,
    reach,
    recording,
    system,
    thinning,
)

MODULES: tuple[ModuleType, ...] = (
    air, alerts, incidents, keys, device, position, radio, recording, history, system, reach, thinning,
)  # fmt: skip
