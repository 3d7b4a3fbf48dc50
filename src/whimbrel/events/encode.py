"""Event bodies as JSON values, for other programs.

Addresses become text, network names become escaped text with their octets beside it (``ssid`` and ``ssid_hex``), and
whatever a third-party body may hold becomes something that `json.dumps` takes. Nothing here raises.
"""

from __future__ import annotations

import enum
import json
import math
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

from whimbrel.events.base import Body, Event
from whimbrel.events.forms import form_of, is_name
from whimbrel.events.radio import FrameBatch
from whimbrel.events.recording import AlertEvidence
from whimbrel.record import Record
from whimbrel.text import mac, printable, ssid

MAX_DEPTH = 8
"""Values nested deeper than this are written as text, so that one that holds itself ends."""
MAX_TEXT = 4096
"""Limit of the replacement text of a value that JSON has no form for."""


def encode_event(event: Event) -> dict[str, Any]:
    """Return the envelope with its body: ``seq``, ``time``, ``source``, ``kind``, ``body``."""
    body = event.body
    return {
        "seq": event.seq,
        "time": encode(event.time),
        "source": encode(event.source),
        "kind": kind_of(body),
        "body": encode_body(body),
    }


def kind_of(body: object) -> str:
    """Return the kind name of a body; the class name for an object that is no `Body`."""
    return body.kind if isinstance(body, Body) else type(body).__name__


def encode_body(body: object) -> Any:
    """Return the fields of a body by name. A batch of frames is summed up: the frames themselves are never sent."""
    if isinstance(body, FrameBatch):
        return _encode_batch(body)
    if isinstance(body, AlertEvidence):
        return {**_encode_fields({**body.as_dict(), "frames": ()}, 0), "frames": len(body.frames)}
    if isinstance(body, Body):
        return _encode_fields(body.as_dict(), 0)
    return encode(body)


def encode(value: object) -> Any:
    """Return `value` as JSON values: addresses as text, other bytes as hexadecimal digits."""
    return _encode(value, "", 0)


def dump(value: object) -> str:
    """Write `value` as one line of JSON, in ASCII: no octet in it can end the line or reach a terminal as a control."""
    return json.dumps(encode(value), ensure_ascii=True, allow_nan=False, separators=(",", ":"))


def _encode_batch(batch: FrameBatch) -> dict[str, Any]:
    kinds: dict[str, int] = {}
    malformed = 0
    for frame in batch.frames:
        name = f"0x{frame.kind & 0xFFFF:04x}" if frame.kind >= 0 else "none"
        kinds[name] = kinds.get(name, 0) + 1
        malformed += frame.malformed is not None
    return {"frames": len(batch.frames), "malformed": malformed, "freq": batch.freq, "subtypes": kinds}


def _encode_fields(values: Mapping[str, Any], depth: int) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    # A change names the property that it is about; its two values are written as that property is.
    subject = values["field"] if {"field", "old", "new"} <= values.keys() else None
    for name, value in values.items():
        hint = str(subject) if subject is not None and name in {"old", "new"} else name
        fields[name] = _encode(value, hint, depth + 1)
        if is_name(hint) and f"{name}_hex" not in values and (octets := _hex(value)) is not None:
            fields[f"{name}_hex"] = octets
    return fields


def _hex(value: object) -> Any:
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, (Sequence, AbstractSet)) and not isinstance(value, str):
        octets = [item.hex() for item in _ordered(value) if isinstance(item, bytes)]
        return octets if len(octets) == len(value) else None
    return None


def _encode(value: object, name: str, depth: int) -> Any:
    if value is None or value is True or value is False:
        return value
    if isinstance(value, enum.Enum):
        return _encode_enum(value)
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, (bytes, bytearray, memoryview)):
        return _encode_bytes(bytes(value), name)
    if depth >= MAX_DEPTH:
        return _describe(value)
    return _encode_composite(value, name, depth)


def _encode_composite(value: object, name: str, depth: int) -> Any:
    if isinstance(value, FrameBatch):
        return _encode_batch(value)
    if isinstance(value, Record):
        return _encode_fields(value.as_dict(), depth)
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return _encode_fields(value._asdict(), depth)
    if isinstance(value, Mapping):
        return _encode_fields({_key(key): item for key, item in value.items()}, depth)
    if isinstance(value, (Sequence, AbstractSet)):
        return [_encode(item, name, depth + 1) for item in _ordered(value)]
    settings = getattr(type(value), "__settings__", None)
    if settings is not None:
        return _encode_fields({name: getattr(value, name) for name in settings}, depth)
    return _describe(value)


def _ordered(value: Sequence[Any] | AbstractSet[Any]) -> list[Any]:
    return sorted(value, key=_describe) if isinstance(value, AbstractSet) else list(value)


def _encode_bytes(value: bytes, name: str) -> str:
    if is_name(name):
        return ssid(value)
    return mac(value) if len(value) == 6 else value.hex()


def _encode_enum(value: enum.Enum) -> Any:
    form = form_of(value)
    return _text(form) if isinstance(form, str) else form


def _key(key: object) -> str:
    if isinstance(key, bytes):
        return _encode_bytes(key, "")
    encoded = _encode(key, "", MAX_DEPTH)
    return encoded if isinstance(encoded, str) else str(encoded)


def _text(value: str) -> str:
    """Return `value` with lone surrogates escaped: JSON written with them is refused by strict readers."""
    if value.isascii():
        return str(value)
    return value.encode("utf-8", "backslashreplace").decode()


def _describe(value: object) -> str:
    try:
        return printable(repr(value)[:MAX_TEXT])
    except Exception:  # noqa: BLE001  # the repr of a third-party value may raise anything
        return f"<{type(value).__name__}>"
