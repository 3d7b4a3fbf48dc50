"""Sentences about earlier days."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from whimbrel.text import printable
from whimbrel.wording.quantities import count, minute, span

if TYPE_CHECKING:
    from whimbrel.events import history


def _keeping(body: history.AlertKeeping) -> str:
    if body.state == "open":
        return f"Alerts are kept in a history, which has {count(len(body.alerts), 'alert')}"
    return f"The history of alerts is {printable(body.state)}"


def _written(body: history.HistoryWritten) -> str:
    if body.problem:
        return f"The history is not written: {printable(body.problem)}"
    return f"The history has all up to event {body.upto}"


def _erased(body: history.HistoryErased) -> str:
    return f"{count(body.rows, 'entry', 'entries')} of the history erased"


def _past(body: history.PastKnown) -> str:
    networks = count(len(body.networks), "protection")
    return (
        f"Of earlier days: {networks} of guarded networks, {count(len(body.weaknesses), 'weakness', 'weaknesses')} gone"
    )


def _since(body: history.SinceLastTime) -> str:
    if not body.known:
        return "Nothing was heard before: a history begins"
    last = f"Last listened {when(body)}{f' at {printable(body.place)}' if body.place else ''}"
    then = [count(body.found, "new access point"), count(body.alerts, "alert")]
    seen = f"; {body.unseen} not acknowledged" if body.unseen else ""
    if body.first:
        return f"{last}: {', '.join(then)}{seen}"
    now = f"{body.new_count} new, {body.gone_count} gone, {body.changed_count} changed"
    return f"{last}; access points since: {now}{seen}"


def when(body: history.SinceLastTime) -> str:
    """Return when the last session was, and how long it took."""
    lasted = span(body.ended - body.began)
    if not body.clock:
        return f"for {lasted}, before the clock was set"
    return f"{minute(body.began)}{' (an estimate)' if body.estimate else ''}, for {lasted}"


SENTENCES: dict[str, Callable[[Any], str]] = {
    "alert-keeping": _keeping,
    "history-erased": _erased,
    "history-written": _written,
    "past-known": _past,
    "since-last-time": _since,
}
