"""Home Assistant's discovery of a whole device in one message (its documentation, device discovery payload). Pure.

Keys have their long names. Required are `device` with an identifier, `origin` with a name, `components`, and of each
component its `platform`; of an entity `unique_id`, and the topics that its platform cannot do without.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from whimbrel.broker.topics import OFFLINE, ONLINE, Topics, event_types, network_id
from whimbrel.text import ssid

_URL = "https://github.com/whimbrel/whimbrel"


class SensorEntity(NamedTuple):
    """A value of the state, as a sensor."""

    field: str
    name: str
    icon: str
    unit: str | None = None
    device_class: str | None = None
    state_class: str | None = "measurement"
    diagnostic: bool = False


SENSORS = (
    SensorEntity("access_points", "Access points", "mdi:access-point-network"),
    SensorEntity("stations", "Stations", "mdi:devices"),
    SensorEntity("mode", "Mode", "mdi:radar", state_class=None),
    SensorEntity("channel", "Channel", "mdi:radio-tower", state_class=None),
    SensorEntity("frames_per_second", "Frames", "mdi:chart-line", "frames/s"),
    SensorEntity("lost", "Lost", "mdi:package-variant-remove", state_class="total_increasing", diagnostic=True),
    SensorEntity("temperature", "Temperature", "mdi:thermometer", "°C", "temperature", diagnostic=True),
)
TRIGGERS = ("critical", "warning")
"""Severities of which an incident triggers automations."""


def topic(prefix: str, device: str) -> str:
    """Return where the device is announced."""
    return f"{prefix}/device/{object_id(device)}/config"


def object_id(device: str) -> str:
    """Return the device's name as an object id: letters, digits, - and _."""
    return "whimbrel_" + "".join(c if c.isascii() and (c.isalnum() or c in "-_") else "_" for c in device)


def payload(device: str, topics: Topics, version: str, networks: Sequence[bytes], may: Iterable[str]) -> dict[str, Any]:
    """Return what announces the device with its entities."""
    unique = object_id(device)
    components = _sensors(topics, unique) | _networks(topics, unique, networks) | _incidents(topics, unique)
    components |= _buttons(topics, unique, frozenset(may))
    return {
        "device": {
            "identifiers": [unique],
            "name": f"Whimbrel {device}",
            "manufacturer": "Whimbrel",
            "model": "Wi-Fi monitor",
            "sw_version": version,
        },
        "origin": {"name": "whimbrel", "sw_version": version, "support_url": _URL},
        "availability": [
            {"topic": each, "payload_available": ONLINE, "payload_not_available": OFFLINE}
            for each in (topics.status, topics.daemon)
        ],
        "availability_mode": "all",
        # Of each, since Home Assistant 2025.2 hands no quality of service of the device down to its parts.
        "components": {name: {"qos": 1} | component for name, component in components.items()},
    }


def _sensors(topics: Topics, unique: str) -> dict[str, Any]:
    return {sensor.field: _sensor(sensor, topics, unique) for sensor in SENSORS}


def _sensor(sensor: SensorEntity, topics: Topics, unique: str) -> dict[str, Any]:
    found: dict[str, Any] = {
        "platform": "sensor",
        "unique_id": f"{unique}_{sensor.field}",
        "name": sensor.name,
        "icon": sensor.icon,
        "state_topic": topics.state,
        "value_template": f"{{{{ value_json.{sensor.field} }}}}",
    }
    more = {
        "unit_of_measurement": sensor.unit,
        "device_class": sensor.device_class,
        "state_class": sensor.state_class,
        "entity_category": "diagnostic" if sensor.diagnostic else None,
    }
    return found | {key: value for key, value in more.items() if value is not None}


def _networks(topics: Topics, unique: str, names: Iterable[bytes]) -> dict[str, Any]:
    """Return the sensor of each guarded network."""
    return {
        f"network_{network_id(name)}": {
            "platform": "binary_sensor",
            "unique_id": f"{unique}_network_{network_id(name)}",
            "name": f"{ssid(name)} attacked",
            "device_class": "safety",
            "state_topic": topics.network(name),
            "value_template": "{{ value_json.attacked }}",
            "json_attributes_topic": topics.network(name),
        }
        for name in names
    }


def _incidents(topics: Topics, unique: str) -> dict[str, Any]:
    """Return the event entity of incidents, and the triggers of automations."""
    found: dict[str, Any] = {
        "incident": {
            "platform": "event",
            "unique_id": f"{unique}_incident",
            "name": "Incident",
            "icon": "mdi:shield-alert",
            "state_topic": topics.event,
            "event_types": event_types(),
        }
    }
    for severity in TRIGGERS:
        found[f"trigger_{severity}"] = {
            "platform": "device_automation",
            "automation_type": "trigger",
            "type": f"incident_{severity}",
            "subtype": "incident",
            "topic": topics.event,
            "value_template": "{{ value_json.event_type }}",
            "payload": severity,
        }
    return found


def _buttons(topics: Topics, unique: str, may: frozenset[str]) -> dict[str, Any]:
    rows = []
    if "acknowledge" in may:
        rows.append(("acknowledge", "Acknowledge all", "mdi:check-all", "all"))
    if "lock" in may:
        rows.append(("unlock", "Hop again", "mdi:radar", "now"))
    return {
        name: {
            "platform": "button",
            "unique_id": f"{unique}_{name}",
            "name": text,
            "icon": icon,
            "command_topic": f"{topics.commands}/{name}",
            "payload_press": press,
        }
        for name, text, icon, press in rows
    }
