"""All detections by file; imported when the watcher is constructed."""

from __future__ import annotations

import functools
import importlib
import types
from typing import TYPE_CHECKING, Any

from whimbrel.detections.options import Options, option

if TYPE_CHECKING:
    from whimbrel.detections.base import Detection

FILES: tuple[str, ...] = (
    "disruption.disconnecting",
    "disruption.dismissing",
    "disruption.forging",
    "disruption.joining",
    "disruption.impossible_login",
    "disruption.logins",
    "disruption.probing",
    "disruption.beaconing",
    "disruption.switching",
    "disruption.removing",
    "disruption.reserving",
    "disruption.roaming",
    "disruption.block_ack",
    "disruption.sa_query",
    "disruption.silencing",
    "disruption.dozing",
    "impersonation.evil_twin",
    "impersonation.guard",
    "impersonation.lookalike",
    "impersonation.downgrade",
    "impersonation.karma",
    "impersonation.answers",
    "impersonation.tools",
    "impersonation.clocks",
    "impersonation.counters",
    "impersonation.levels",
    "impersonation.channels",
    "impersonation.identity",
    "impersonation.own_address",
    "impersonation.two_places",
    "impersonation.gateway",
    "impersonation.sae_answers",
    "impersonation.surveying",
    "weakness.networks",
    "weakness.transition",
    "weakness.names",
    "weakness.stations",
    "weakness.returned",
    "weakness.setting_up",
    "weakness.retrying",
    "presence.watched",
    "presence.roster",
    "presence.followers",
    "presence.drones",
    "presence.surveillance",
    "protocol.key_reinstallation",
    "protocol.corrupt_handshake",
    "protocol.forged_eap",
    "protocol.clear_action",
    "protocol.group_keys",
    "protocol.nonces",
    "protocol.plaintext",
    "protocol.fragments",
    "protocol.aggregates",
    "protocol.pmkid_harvest",
    "protocol.handshake_harvest",
    "protocol.sae_timing",
    "protocol.sae_guessing",
    "protocol.station_downgrade",
    "protocol.weak_eap",
    "protocol.wep_replay",
    "protocol.wps",
    "protocol.malformed",
)
"""Modules in `whimbrel.detections`, in the order of the documentation; each lists its classes in ``DETECTIONS``."""


@functools.cache
def all_detections() -> tuple[type[Detection[Any]], ...]:
    """Return all classes, in the order of the documentation."""
    found: list[type[Detection[Any]]] = []
    for name in FILES:
        found += importlib.import_module(f"whimbrel.detections.{name}").DETECTIONS
    return tuple(found)


@functools.cache
def settings_class() -> type[Options]:
    """Return the class of all detections' settings, with a section for each rule."""

    sections = {cls.rule: cls for cls in all_detections()}
    body = {
        "__doc__": "The detections, with a section for each rule.",
        "__annotations__": {rule: cls.Settings for rule, cls in sections.items()},
        **{rule: option(default=cls.Settings(), help=f"{cls.title}. {cls.meaning}") for rule, cls in sections.items()},
    }
    return types.new_class("DetectionSettings", (Options,), exec_body=lambda namespace: namespace.update(body))
