"""The lines of gpsd's JSON stream (gpsd_json(5)): a receiver's time and position, and gpsd's statements about it.

The input is as untrusted as frames: a receiver is a serial device, and gpsd passes on its data. No line raises
anything.
"""

from __future__ import annotations

import datetime
import json
import math
from collections.abc import Mapping
from typing import Any, NamedTuple

LONGEST = 1 << 16
"""Octets of a line; gpsd's own limit is 10,240 (GPS_JSON_RESPONSE_MAX)."""
WATCH = b'?WATCH={"enable":true,"json":true};\n'
"""The request for gpsd's reports."""
_RANGE_ERROR = 15.0
"""Metres of error, at 95 %, for a dilution of precision of 1: as gpsd's own estimate without corrections has it."""
_TEXT = 200
"""Limit of kept characters of a foreign text."""
_HIGHEST, _FASTEST = 100_000.0, 3000.0
"""Metres, and metres a second; a value beyond them is impossible for a carried device."""
_FARTHEST = 1e7
"""Metres; larger errors are useless."""


class Fix(NamedTuple):
    """A TPV report with a position."""

    device: str
    """The receiver's path."""
    time: float | None
    """Seconds since the epoch by the satellites; None if unknown."""
    latitude: float
    longitude: float
    altitude: float | None
    """Metres above mean sea level."""
    error: float | None
    """Metres, horizontal, 95 %; None if the report lacks it."""
    speed: float | None
    """Metres a second."""


class NoFix(NamedTuple):
    """A TPV report without a position: the receiver is searching for satellites."""

    device: str


class Sky(NamedTuple):
    """A SKY report."""

    device: str
    used: int | None
    """Satellites that the fix rests on."""
    error: float | None
    """Metres, horizontal, 95 %, by the dilution of precision."""


class Receivers(NamedTuple):
    """Which receivers gpsd has, by DEVICES, or that one came or went, by DEVICE."""

    paths: tuple[str, ...]


class Trouble(NamedTuple):
    """An ERROR report."""

    text: str


class Garbled(NamedTuple):
    """A line that is no report of gpsd's."""

    text: str
    """Its problem."""


Report = Fix | NoFix | Sky | Receivers | Trouble | Garbled | None


def parse(line: bytes) -> Report:
    """Return the report in a line; None for a report of another class."""
    if len(line) > LONGEST:
        return Garbled(f"a line of {len(line)} octets")
    try:
        report = json.loads(line)
    except (ValueError, RecursionError):
        return Garbled("a line that is no JSON")
    if not isinstance(report, dict) or not isinstance(report.get("class"), str):
        return Garbled("JSON that is no report")
    reader = _READERS.get(report["class"])
    return None if reader is None else reader(report)


def _tpv(report: Mapping[str, Any]) -> Fix | NoFix:
    device = _text(report.get("device"))
    latitude, longitude = _number(report, "lat", -90, 90), _number(report, "lon", -180, 180)
    mode = report.get("mode")
    if type(mode) is not int or mode < 2 or latitude is None or longitude is None:  # 2: latitude and longitude known
        return NoFix(device)
    altitude = _number(report, "altMSL", -_HIGHEST, _HIGHEST)
    if altitude is None:
        altitude = _number(report, "alt", -_HIGHEST, _HIGHEST)  # gpsd before 3.20
    return Fix(
        device=device,
        time=_time(report.get("time")),
        latitude=latitude,
        longitude=longitude,
        altitude=altitude,
        error=_error(report),
        speed=_number(report, "speed", 0, _FASTEST),
    )


def _error(report: Mapping[str, Any]) -> float | None:
    both = _number(report, "eph", 0, _FARTHEST)
    if both is not None:
        return both
    east, north = _number(report, "epx", 0, _FARTHEST), _number(report, "epy", 0, _FARTHEST)
    return None if east is None or north is None else math.hypot(east, north)


def _sky(report: Mapping[str, Any]) -> Sky:
    used = _number(report, "uSat", 0, 1000)
    satellites = report.get("satellites")
    if used is None and isinstance(satellites, list):
        used = sum(isinstance(each, dict) and each.get("used") is True for each in satellites)
    dilution = _number(report, "hdop", 0, 100)
    return Sky(
        device=_text(report.get("device")),
        used=None if used is None else int(used),
        error=dilution * _RANGE_ERROR if dilution else None,
    )


def _devices(report: Mapping[str, Any]) -> Receivers:
    devices = report.get("devices")
    found = devices if isinstance(devices, list) else []
    return Receivers(tuple(_text(each.get("path")) for each in found[:16] if isinstance(each, dict)))


def _device(report: Mapping[str, Any]) -> Receivers | None:
    # It comes with activated 0 where a receiver is gone, and with its time where it came.
    activated = report.get("activated")
    return Receivers(()) if activated in (0, None) else Receivers((_text(report.get("path")),))


def _trouble(report: Mapping[str, Any]) -> Trouble:
    return Trouble(_text(report.get("message")))


_READERS = {"TPV": _tpv, "SKY": _sky, "DEVICES": _devices, "DEVICE": _device, "ERROR": _trouble}


def _number(report: Mapping[str, Any], name: str, low: float, high: float) -> float | None:
    """Return a number within bounds; None for anything else, NaN and infinity included."""
    value: Any = report.get(name)
    return float(value) if type(value) in {int, float} and low <= value <= high else None


def _text(value: object) -> str:
    return value[:_TEXT] if isinstance(value, str) else ""


def _time(value: object) -> float | None:
    """Return seconds since the epoch of a time such as ``2005-06-08T10:34:48.283Z``; None if it is invalid."""
    if not isinstance(value, str) or not value.endswith("Z"):
        return None
    try:
        return datetime.datetime.fromisoformat(value).timestamp()
    except (ValueError, OverflowError):
        return None
