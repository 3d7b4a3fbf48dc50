"""Sentences about incidents."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from whimbrel.text import harmless, printable
from whimbrel.wording.phrases import heard_at
from whimbrel.wording.quantities import count, span

if TYPE_CHECKING:
    from whimbrel.events import incidents


def _opened(body: incidents.IncidentOpened) -> str:
    return f"{_heading(body)}: {_rest(body)}"


def _changed(body: incidents.IncidentChanged) -> str:
    if body.news == "cause":
        return f"Incident {printable(body.id)}, {body.severity}, is {printable(body.title)}: {_rest(body)}"
    news = {"worse": "is worse now", "alert": f"has {count(len(body.alerts), 'alert')} now"}
    told = news.get(body.news) or f"goes on for {span(body.last - body.first)}"
    return f"{_heading(body)} {told}: {_rest(body)}"


def _closed(body: incidents.IncidentClosed) -> str:
    lasted = f" after {span(body.last - body.first)}" if body.last > body.first else ""
    return f"{_heading(body)} has ended{lasted}: {_rest(body)}"


def _heading(body: incidents.IncidentOpened | incidents.IncidentChanged | incidents.IncidentClosed) -> str:
    return f"Incident {printable(body.id)}, {body.severity}: {printable(body.title)}"


def _rest(body: incidents.IncidentOpened | incidents.IncidentChanged | incidents.IncidentClosed) -> str:
    """Return the text, the channel and level, the confidence, and the rules."""
    where = heard_at(body.channel, body.freq, body.rssi_range, body.heard_on)
    heard = f" ({where})" if where else ""
    rules = ", ".join(map(printable, body.rules))
    return f"{harmless(body.text).rstrip('. ')}{heard}; {printable(body.confidence)} confidence [{rules}]"


def _standing(body: incidents.AlertsStanding) -> str:
    return f"{count(len(body.alerts), 'alert')} of {count(len(body.incidents), 'incident')} remembered"


SENTENCES: dict[str, Callable[[Any], str]] = {
    "incident-opened": _opened,
    "incident-changed": _changed,
    "incident-closed": _closed,
    "alerts-standing": _standing,
}
