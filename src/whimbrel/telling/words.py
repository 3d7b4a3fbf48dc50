"""The texts of messages. Text off the air is escaped. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from whimbrel.events.alerts import AlertClosed, Severity
from whimbrel.events.incidents import IncidentChanged, IncidentClosed
from whimbrel.record import Record
from whimbrel.text import harmless, mac, ssid
from whimbrel.wording.quantities import count, span

_LISTED = 20
"""Limit of lines in a message about several incidents."""


class TellingMessage(Record):
    """A message to a person."""

    title: str
    """One line."""
    text: str
    """A few lines: the incident, its meaning, advice."""
    severity: Severity
    """Of the worst news in it."""
    id: str = ""
    """Of the incident or alert; empty for several."""
    kind: str
    """As the event, or digest."""
    news: tuple[str, ...] = ()
    """The events themselves, each as the text of its JSON: hundreds of them as values are 7 MB."""


class NewsLine(NamedTuple):
    """One piece of news among several."""

    severity: Severity
    headline: str


def message(body: Any, device: str, news: str | None = None) -> TellingMessage:
    """Return one piece of news as a message from `device`."""
    lines = [harmless(body.text)]
    if place := where(body):
        lines.append(place)
    if not _is_end(body):
        lines += ["", harmless(body.meaning), "", f"What to do: {harmless(body.advice)}"]
    return TellingMessage(
        title=f"{device}: {headline(body)}",
        text="\n".join(lines),
        severity=body.severity,
        id=body.id,
        kind=body.kind,
        news=() if news is None else (news,),
    )


def line(body: Any) -> NewsLine:
    """Return what a message about several has of one."""
    return NewsLine(body.severity, headline(body))


def summary(pieces: Iterable[NewsLine], device: str, title: str, news: Sequence[str] = ()) -> TellingMessage:
    """Return several pieces of news in one message, the worst first."""
    ordered = sorted(pieces, key=lambda piece: -piece.severity.rank)
    lines = [f"- {piece.headline}" for piece in ordered[:_LISTED]]
    if len(ordered) > _LISTED:
        lines.append(f"and {len(ordered) - _LISTED} more: `whimbrel alerts --all`")
    return TellingMessage(
        title=f"{device}: {title}",
        text="\n".join(lines),
        severity=ordered[0].severity,
        kind="digest",
        news=tuple(news),
    )


def headline(body: Any) -> str:
    """Return a summary in one line."""
    network = f" in {ssid(body.ssid)}" if body.ssid else ""
    title = f"{harmless(body.title)}{network}"
    if _is_end(body):
        lasted = f" after {span(body.last - body.first)}" if body.last > body.first else ""
        return f"over{lasted}: {title}"
    more = ""
    if isinstance(body, IncidentChanged):
        more = {
            "worse": " (worse)",
            "cause": " (another cause)",
            "alert": f" ({count(len(body.alerts), 'alert')})",
        }.get(body.news, "")
    return f"{body.severity.value}: {title}{more}"


def where(body: Any) -> str:
    """Return access point, channel and level in one line; empty if all are unknown."""
    parts = []
    if body.bssid is not None:
        parts.append(f"access point {mac(body.bssid)}")
    if body.channel:
        parts.append(f"channel {body.channel}" + (f" ({body.band} GHz)" if body.band else ""))
    if body.rssi is not None:
        parts.append(f"{body.rssi} dBm")
    return ", ".join(parts)


def _is_end(body: Any) -> bool:
    return isinstance(body, (AlertClosed, IncidentClosed))
