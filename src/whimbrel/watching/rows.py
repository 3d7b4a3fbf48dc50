"""Alerts, their frames, rules and guarded networks as JSON values."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from whimbrel.detections.options import RuleSettings
from whimbrel.events.alerts import Alert
from whimbrel.events.encode import encode_body
from whimbrel.text import mac, ssid

if TYPE_CHECKING:
    from whimbrel.detections.alert_table import Standing
    from whimbrel.detections.base import Detection
    from whimbrel.detections.guarded import GuardedNetwork
    from whimbrel.wifi.frames import Frame

_FCS = 4


def alert_row(standing: Standing, *, acknowledged: bool) -> dict[str, Any]:
    """Return every field of the event `Alert` as it is now, with its state and what is known of its rule."""
    return {
        **encode_body(standing.body(Alert, again=standing.again)),
        "state": "closed" if standing.closed else "open",
        "acknowledged": acknowledged,
        "left_out": standing.evidence.left_out,
        "fooled_by": standing.detection.fooled_by,
        "reference": standing.detection.reference,
    }


def evidence_row(standing: Standing) -> dict[str, Any]:
    """Return the frames of an alert, oldest first, and how many between the first and the last are not kept."""
    return {
        "frames": [frame_row(frame) for frame in standing.evidence.frames],
        "left_out": standing.evidence.left_out,
    }


def frame_row(frame: Frame) -> dict[str, Any]:
    """Return a frame without capture header and FCS: octets as hexadecimal digits, the rest in the units of `Frame`.

    ``length`` is how many octets it had on the air, FCS not counted: more than are there where the capture cut it.
    """
    octets = frame.raw[frame.start : frame.end]
    return {
        "time": frame.time,
        "freq": frame.freq,
        "rssi": frame.rssi,
        "noise": frame.noise,
        "tsft": frame.tsft,
        "rate": frame.rate,
        "phy": frame.phy,
        "length": max(frame.length - _FCS, len(octets)) if frame.cut else len(octets),
        "octets": octets.hex(),
    }


def rule_row(cls: type[Detection[Any]], settings: RuleSettings, *, failed: bool = False) -> dict[str, Any]:
    """Return a detection with the settings in force, each as it is written in the settings file."""
    from whimbrel.settings.classes import SettingsCodec

    codec = SettingsCodec(cls.Settings)
    return {
        "rule": cls.rule,
        "title": cls.title,
        "severity": (settings.severity or cls.severity).value,
        "enabled": settings.enabled,
        "failed": failed,
        "looks_for": " ".join((inspect.getdoc(cls) or "").split()),
        "family": cls.family,
        "meaning": cls.meaning,
        "advice": cls.advice,
        "fooled_by": cls.fooled_by,
        "reference": cls.reference,
        "kismet": list(cls.kismet),
        "nzyme": list(cls.nzyme),
        "settings": {
            declared.name: {
                "value": codec.codec(declared.name).write(getattr(settings, declared.name)),
                "default": codec.codec(declared.name).write(declared.default),
                "help": declared.metadata["help"],
            }
            for declared in cls.Settings.__attrs_attrs__
        },
    }


def rule_rows(
    classes: tuple[type[Detection[Any]], ...], settings: Mapping[str, RuleSettings], running: frozenset[str] | None
) -> list[dict[str, Any]]:
    """Return every detection; `running` are the names of those that run, None where nothing does."""
    rows = []
    for cls in classes:
        chosen = settings.get(cls.rule) or cls.Settings()
        failed = running is not None and chosen.enabled and cls.rule not in running
        rows.append(rule_row(cls, chosen, failed=failed))
    return rows


def network_row(network: GuardedNetwork) -> dict[str, Any]:
    """Return a guarded network."""
    return {
        "ssid": ssid(network.ssid),
        "ssid_hex": network.ssid.hex(),
        "bssids": [mac(bssid) for bssid in network.bssids],
        "channels": [str(channel) for channel in network.channels],
        "security": list(map(str, network.security)),
        "pmf": None if network.pmf is None else str(network.pmf),
    }
