"""The fields of an event in the journal for programs: values of octets, a fixed message id per kind."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import NamedTuple

from whimbrel.events.base import Event, Level
from whimbrel.events.encode import kind_of
from whimbrel.text import mac
from whimbrel.wifi.channels import Channel, channel_label

NAMESPACE = "8f0c2d3e-5b1a-4c86-9d7f-77686d62726c"
"""Namespace UUID of all message ids (RFC 4122, section 4.3). Changing it would orphan every catalog entry."""

_BROADCAST = b"\xff" * 6
_WORDS = ("RULE", "SEVERITY", "CONFIDENCE")
"""Fields of a body that have a field of their own in the journal."""


class JournalLine(NamedTuple):
    """One entry, ready for any sink."""

    time: float
    """Seconds since the epoch of the event."""
    level: Level
    kind: str
    source: str
    message: str
    """One printable line."""
    fields: Mapping[str, bytes]
    """Values of any octets by the journal's field name."""
    topic: str = ""
    """The topic in the catalog, see `topic_of`; empty for the kind."""


def topic_of(body: object) -> str:
    """Return the topic in the catalog: ``incident.cut-off`` for an incident of that cause,
    ``alert.deauth-flood`` for everything about such an alert, else the kind."""
    cause, rule = getattr(body, "cause", None), getattr(body, "rule", None)
    if isinstance(cause, str):
        rules = getattr(body, "rules", None)
        return f"incident.{cause}" if cause else f"alert.{rules[0]}" if rules else kind_of(body)
    return f"alert.{rule}" if isinstance(rule, str) and rule else kind_of(body)


@functools.cache
def message_id(topic: str) -> str:
    """Return the id of a topic's entries as 32 hexadecimal digits: the version 5 UUID of its name in `NAMESPACE`."""
    import uuid

    return uuid.uuid5(uuid.UUID(NAMESPACE), topic).hex


def line_of(event: Event, level: Level, message: str) -> JournalLine:
    """Return the entry for `event` with the sentence `message`."""
    kind = kind_of(event.body)
    return JournalLine(event.time, level, kind, event.source, message, _fields(event, kind), topic_of(event.body))


def _fields(event: Event, kind: str) -> dict[str, bytes]:
    body = event.body
    fields = {
        "WHIMBREL_KIND": _octets(kind),
        "WHIMBREL_MODULE": _octets(event.source),
        "WHIMBREL_SEQ": b"%d" % event.seq,
    }
    for name in ("bssid", "station"):
        address = getattr(body, name, None)
        if isinstance(address, bytes) and address:
            fields[f"WHIMBREL_{name.upper()}"] = _octets(mac(address))
    if "WHIMBREL_STATION" not in fields and (station := _disconnected_station(body)):
        fields["WHIMBREL_STATION"] = _octets(mac(station))
    network = getattr(body, "ssid", None)
    if isinstance(network, bytes) and network:
        fields["WHIMBREL_SSID"] = network
    if channel := _channel(body):
        fields["WHIMBREL_CHANNEL"] = _octets(channel)
    rssi = getattr(body, "rssi", None)
    if isinstance(rssi, int):
        fields["WHIMBREL_RSSI"] = b"%d" % rssi
    for name in _WORDS:
        word = getattr(body, name.lower(), None)
        if isinstance(word, str) and word:
            fields[f"WHIMBREL_{name}"] = _octets(word)
    if isinstance(number := getattr(body, "id", None), str):
        if hasattr(body, "cause"):
            fields["WHIMBREL_INCIDENT"] = fields["WHIMBREL_ALERT"] = _octets(number)
        elif "WHIMBREL_RULE" in fields:
            fields["WHIMBREL_ALERT"] = _octets(number)
    incident = getattr(body, "incident", None)
    if isinstance(incident, str) and incident:
        fields["WHIMBREL_INCIDENT"] = _octets(incident)
    return fields


def _octets(text: str) -> bytes:
    return text.encode("utf-8", "backslashreplace")


def _disconnected_station(body: object) -> bytes | None:
    """Return the station of a deauthentication or disassociation, if it names one."""
    for name in ("sender", "receiver"):
        address = getattr(body, name, None)
        if isinstance(address, bytes) and address not in {getattr(body, "bssid", None), _BROADCAST}:
            return address
    return None


def _channel(body: object) -> str:
    """Return the channel of an event, with its band if the number is ambiguous; empty for none."""
    channel, freq = getattr(body, "channel", None), getattr(body, "freq", 0)
    if isinstance(channel, Channel):
        return channel_label(channel.freq)
    return channel_label(freq, channel) if isinstance(channel, int) and isinstance(freq, int) else ""
