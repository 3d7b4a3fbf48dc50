"""Every verb of the built-in modules, by name."""

from __future__ import annotations

from typing import Any

from whimbrel.verbs import air, alerts, daemon, device, guarding, history, places, radio, recording, visitors
from whimbrel.verbs.declare import Verb

VERBS: dict[str, Verb[Any]] = {
    verb.name: verb
    for verbs in (
        daemon.VERBS,
        air.VERBS,
        alerts.VERBS,
        guarding.VERBS,
        device.VERBS,
        radio.VERBS,
        places.VERBS,
        recording.VERBS,
        history.VERBS,
        visitors.VERBS,
    )
    for verb in verbs
}
