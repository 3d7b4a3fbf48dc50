"""The announcement to Home Assistant, held to the rules that its documentation and its schemas state."""

from __future__ import annotations

import json
from typing import Any

import pytest

from whimbrel.broker import discovery
from whimbrel.broker.topics import Topics, event_types

TOPICS = Topics("whimbrel", "attic")
# Of homeassistant/components/mqtt: schemas.py (device, origin, components, shared options), and the schema of each
# platform: keys that it requires, and those it knows of what is used here.
DEVICE = {"identifiers", "connections", "name", "manufacturer", "model", "sw_version", "hw_version", "serial_number",
          "configuration_url", "suggested_area", "via_device"}  # fmt: skip
ORIGIN = {"name", "sw_version", "support_url"}
TOP = {
    "device",
    "origin",
    "components",
    "availability",
    "availability_mode",
    "qos",
    "state_topic",
    "command_topic",
    "encoding",
}
ENTITY = {"platform", "qos", "unique_id", "name", "icon", "entity_category", "device_class", "json_attributes_topic"}
PLATFORMS: dict[str, tuple[set[str], set[str]]] = {
    "sensor": ({"state_topic", "unique_id"}, {"value_template", "unit_of_measurement", "state_class"}),
    "binary_sensor": ({"state_topic", "unique_id"}, {"value_template", "payload_on", "payload_off"}),
    "event": ({"state_topic", "unique_id", "event_types"}, {"value_template"}),
    "button": ({"command_topic", "unique_id"}, {"payload_press"}),
    "device_automation": ({"automation_type", "type", "subtype", "topic"}, {"payload", "value_template"}),
}
STATE_CLASSES = {"measurement", "total", "total_increasing"}


def announced(*may: str, networks: tuple[bytes, ...] = (b"home",)) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(json.dumps(discovery.payload("attic", TOPICS, "1.0", networks, may)))
    return found


@pytest.mark.parametrize("may", [(), ("acknowledge",), ("acknowledge", "lock")])
def test_it_has_what_is_required_and_nothing_unknown(may: tuple[str, ...]) -> None:
    found = announced(*may)
    assert {"device", "origin", "components"} <= set(found) <= TOP
    assert found["device"]["identifiers"]
    assert set(found["device"]) <= DEVICE
    assert found["origin"]["name"]
    assert set(found["origin"]) <= ORIGIN
    assert found["availability_mode"] in {"all", "any", "latest"}
    assert all(set(each) == {"topic", "payload_available", "payload_not_available"} for each in found["availability"])
    for name, component in found["components"].items():
        required, known = PLATFORMS[component["platform"]]
        assert required <= set(component), name
        assert set(component) <= required | known | ENTITY, name


def test_each_part_is_listened_to_with_a_confirmation() -> None:
    """Of the device's shared options, `qos` is none (SHARED_OPTIONS of schemas.py in Home Assistant 2025.2)."""
    found = announced("acknowledge", "lock")
    assert "qos" not in found
    assert {each["qos"] for each in found["components"].values()} == {1}


def test_every_entity_is_told_from_all_others() -> None:
    components = announced("acknowledge", "lock", networks=(b"home", b"guest"))["components"].values()
    ids = [each["unique_id"] for each in components if "unique_id" in each]
    assert len(ids) == len(set(ids))
    triggers = [(each["type"], each["subtype"]) for each in components if each["platform"] == "device_automation"]
    assert len(triggers) == len(set(triggers)) == 2
    assert all(each["automation_type"] == "trigger" for each in components if each["platform"] == "device_automation")


def test_a_sensor_with_a_unit_has_a_class_that_may_be_counted() -> None:
    for component in announced()["components"].values():
        if "state_class" in component:
            assert component["state_class"] in STATE_CLASSES
        if component["platform"] == "sensor" and component.get("device_class") == "temperature":
            assert component["unit_of_measurement"] == "°C"


def test_there_are_buttons_only_for_what_is_allowed() -> None:
    def buttons(*may: str) -> set[str]:
        return {name for name, each in announced(*may)["components"].items() if each["platform"] == "button"}

    assert buttons() == set()
    assert buttons("acknowledge") == {"acknowledge"}
    assert buttons("acknowledge", "lock") == {"acknowledge", "unlock"}


def test_events_have_one_of_the_types_that_are_announced() -> None:
    assert announced()["components"]["incident"]["event_types"] == event_types()
    for name in discovery.TRIGGERS:
        assert name in event_types()


def test_topic_and_object_id_hold_only_what_they_may() -> None:
    assert discovery.topic("homeassistant", "a.b c") == "homeassistant/device/whimbrel_a_b_c/config"


def test_a_hostile_network_is_only_a_name() -> None:
    found = announced(networks=(b'{{ 1 }}/#+\x00"\n',))
    (key,) = [name for name in found["components"] if name.startswith("network_")]
    assert "\n" not in found["components"][key]["name"]
    assert "#" not in found["components"][key]["state_topic"]
