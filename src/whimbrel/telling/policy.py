"""The time of each message: at once, after a pause or quiet hours, with the digest, or never. Pure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from whimbrel.events.alerts import Alert, AlertClosed, AlertUpdated, Severity
from whimbrel.events.incidents import IncidentChanged, IncidentClosed, IncidentOpened
from whimbrel.telling.settings import NotifySettings

DIGEST, QUIET, AT_ONCE = "digest", "quiet", ""
_DAY = 1440
_BOUND = 512


class Decision(NamedTuple):
    """The time of a piece of news, and its topic."""

    due: float
    """Seconds since the epoch."""
    topic: str
    """News of one topic shares a message; empty: a message of its own."""


class TellingPolicy:
    """Decides on the news in its order. `minute_of_day` turns seconds since the epoch into minutes of the local day."""

    def __init__(self, settings: NotifySettings, minute_of_day: Callable[[float], int]) -> None:
        self._settings = settings
        self._minute = minute_of_day
        self._told: dict[str, tuple[float, int]] = {}  # by incident: the end of the pause, and the worst severity sent
        self._next_digest = 0.0

    def decide(self, body: Any, now: float) -> Decision | None:
        """Return the time for sending the news; None: never. `now` is seconds since the epoch."""
        if not self._concerns(body):
            return None
        severity, when = body.severity, self._by_rules(body)
        if when == "never":
            return None
        urgent = when == "now" or (when is None and severity.rank >= Severity(self._settings.severity).rank)
        if not urgent:
            return Decision(self._digest_at(now), DIGEST)
        return self._urgent(body, severity, now)

    def _urgent(self, body: Any, severity: Severity, now: float) -> Decision:
        topic = f"{'incident' if _is_of_incident(body) else 'alert'} {body.id}"
        until, worst = self._told.get(topic, (0.0, -1))
        # A pause that would last longer than one began before the clock was set back.
        if now < until <= now + self._settings.pause and severity.rank <= worst:
            return self._unless_quiet(Decision(until, topic), severity, now)
        self._told.pop(topic, None)
        self._told[topic] = (now + self._settings.pause, max(severity.rank, worst))
        if len(self._told) > _BOUND:
            del self._told[next(iter(self._told))]
        return self._unless_quiet(Decision(now, AT_ONCE), severity, now)

    def _unless_quiet(self, decision: Decision, severity: Severity, now: float) -> Decision:
        hours = self._settings.quiet_minutes
        if hours is None or severity.rank >= Severity(self._settings.quiet_severity).rank:
            return decision
        begin, end = hours
        minute = self._minute(decision.due)
        if (minute - begin) % _DAY >= (end - begin) % _DAY:
            return decision
        return Decision(decision.due + (end - minute) % _DAY * 60.0, QUIET)

    def _digest_at(self, now: float) -> float:
        if not now < self._next_digest <= now + self._settings.digest:
            self._next_digest = now + self._settings.digest
        return self._next_digest

    def _concerns(self, body: Any) -> bool:
        """Return whether it is news for a person. An incident's message covers its alerts."""
        if isinstance(body, (IncidentClosed, AlertClosed)):
            return self._settings.ends and not (isinstance(body, AlertClosed) and body.incident)
        if isinstance(body, IncidentChanged):
            return body.news in {"worse", "cause", "alert"}
        if isinstance(body, IncidentOpened):
            return True
        return isinstance(body, Alert) and not isinstance(body, AlertUpdated) and not body.incident

    def _by_rules(self, body: Any) -> str | None:
        """Return the settings for its rules: the most urgent ones if there are several."""
        rules = body.rules if _is_of_incident(body) else (body.rule,)
        said = [self._settings.rules.get(rule) for rule in rules]
        if "now" in said:
            return "now"
        if None in said:
            return None
        return "digest" if "digest" in said else "never"


def _is_of_incident(body: Any) -> bool:
    return isinstance(body, (IncidentOpened, IncidentChanged, IncidentClosed))
