"""Topics and payloads: what a broker is told, and in which form (docs/mqtt.md). Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from whimbrel import receivers
from whimbrel.events.air import AirReport
from whimbrel.events.alerts import Severity
from whimbrel.events.base import Event
from whimbrel.events.device import SystemReport
from whimbrel.events.encode import encode_event
from whimbrel.events.incidents import IncidentChanged, IncidentClosed, IncidentOpened
from whimbrel.events.radio import RadioReport
from whimbrel.text import ssid

ONLINE, OFFLINE = "online", "offline"
STATES: tuple[type, ...] = (AirReport, SystemReport, *receivers.KINDS)
"""Kinds of which the newest makes the state."""


class BrokerMessage(NamedTuple):
    """What is published."""

    topic: str
    payload: str
    retain: bool = False


class Topics:
    """The topics of one device."""

    def __init__(self, prefix: str, device: str) -> None:
        self.base = f"{prefix}/{device}"
        self.status = f"{self.base}/status"
        """online or offline, retained: whether this process is connected; also its last will."""
        self.daemon = f"{self.base}/daemon"
        """online or offline, retained: whether the daemon is heard."""
        self.state = f"{self.base}/state"
        """How things are, retained."""
        self.alert = f"{self.base}/alert"
        """Each alert, its updates and its end."""
        self.incident = f"{self.base}/incident"
        """Each incident, its changes and its end."""
        self.event = f"{self.base}/event"
        """Each incident that opens, becomes worse or ends, for Home Assistant."""
        self.done = f"{self.base}/done"
        """What came of a command."""
        self.commands = f"{self.base}/do"
        """Commands: do/acknowledge, do/lock, do/unlock."""

    def network(self, name: bytes) -> str:
        """Return the topic of a guarded network."""
        return f"{self.base}/network/{network_id(name)}"


def network_id(name: bytes) -> str:
    """Return a name for a network in topics: its own may have any octets."""
    return hashlib.blake2b(name, digest_size=6).hexdigest()


def dumps(value: Any) -> str:
    """Return JSON in ASCII: nothing off the air is more than text in it."""
    return json.dumps(value, ensure_ascii=True, allow_nan=False, separators=(",", ":"))


def news(event: Event, topics: Topics, key: str) -> list[BrokerMessage]:
    """Return what is published of an alert or incident; `key` is the same wherever the same is published twice."""
    body = event.body
    of_incident = isinstance(body, (IncidentOpened, IncidentChanged, IncidentClosed))
    value = encode_event(event) | {"key": key}
    found = [BrokerMessage(topics.incident if of_incident else topics.alert, dumps(value))]
    if of_incident and not (isinstance(body, IncidentChanged) and body.news not in {"worse", "cause"}):
        happened = {
            "event_type": event_type(body),
            "key": key,
            "id": body.id,
            "title": body.title,
            "text": body.text,
            "advice": body.advice,
            "severity": body.severity.value,
            "ssid": ssid(body.ssid),
            "rules": list(body.rules),
        }
        found.append(BrokerMessage(topics.event, dumps(happened)))
    return found


def event_types() -> list[str]:
    """Return every type of `Topics.event`."""
    return [severity.value for severity in Severity] + ["over"]


def event_type(body: Any) -> str:
    """Return the type of an event about an incident."""
    return "over" if isinstance(body, IncidentClosed) else str(body.severity.value)


def state(latest_of_each: Callable[[type], Sequence[Event]]) -> dict[str, Any]:
    """Return how things are, from the newest events of each module; what is not known is null."""

    def latest(kind: type) -> Event | None:
        return max(latest_of_each(kind), default=None)

    def of(kind: type, name: str) -> Any:
        event = latest(kind)
        return None if event is None else getattr(event.body, name)

    temperature = of(SystemReport, "temperature")
    rows = receivers.receiver_rows(latest_of_each)
    all_ = receivers.together(rows)
    mode = all_.state if all_.state != receivers.LISTENING else all_.mode or None
    # Of those that have reported: one that was just opened is not known.
    told = rows if latest_of_each(RadioReport) else ()
    rate = sum(each.rate for each in told) if told else None
    losses: Mapping[str, int] = dict(of(SystemReport, "losses") or ())
    return {
        "access_points": of(AirReport, "access_points"),
        "stations": of(AirReport, "stations"),
        "mode": mode if rows else None,
        "channel": (all_.lead.channel or None) if all_.lead else None,
        "frames_per_second": None if rate is None else round(rate, 1),
        "frames": sum(each.received for each in told) if told else None,
        "lost": sum(losses.values()) if losses else sum(each.lost for each in told) if told else None,
        "temperature": None if temperature is None else round(temperature, 1),
        "memory": of(SystemReport, "resident"),
    }


def network_state(name: bytes, incidents: list[Any]) -> dict[str, Any]:
    """Return how a guarded network is: under attack by the open incidents about it."""
    severe = [body for body in incidents if body.ssid == name and body.severity.rank >= Severity.WARNING.rank]
    return {"ssid": ssid(name), "attacked": "ON" if severe else "OFF", "incidents": [body.id for body in severe]}
