"""What all that was found comes to, in a few words."""

from __future__ import annotations

from whimbrel.events.alerts import Severity

_WORDS = {
    Severity.CRITICAL: "somebody attacks or imitates",
    Severity.WARNING: "somebody may be doing something wrong",
    Severity.NOTICE: "nothing bad, but worth knowing",
    Severity.WEAKNESS: "no attack; some networks could be attacked",
}


def verdict(worst: Severity | None) -> str:
    """Return what it comes to that `worst` is the most that was found; None: nothing was."""
    return "nothing wrong was found" if worst is None else _WORDS[worst]
