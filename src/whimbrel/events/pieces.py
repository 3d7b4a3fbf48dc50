"""Answers and large events as JSON in pieces, so that nobody waits until all of one is written. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice
from typing import Any

from whimbrel.events.base import Event
from whimbrel.events.encode import encode, encode_body, encode_event, kind_of
from whimbrel.events.forms import is_name
from whimbrel.events.radio import FrameBatch
from whimbrel.events.recording import AlertEvidence
from whimbrel.record import Record

STRIDE, SHORT = 8, 128
"""Rows in one piece, and values of a few octets: on a Pi Zero they take some milliseconds."""
_ROW = (Record, tuple, dict)


def pieces(value: object) -> Iterator[str]:
    """Yield the JSON of `whimbrel.events.encode.encode(value)`; only the order of the keys of a record may differ."""
    if _is_long(value, STRIDE, _ROW):
        yield from _list(value)
        return
    if not isinstance(value, Record) or isinstance(value, (FrameBatch, AlertEvidence)):
        yield _dumped(encode_body(value))
        return
    fields = value.as_dict()
    long = {
        name: fields.pop(name)
        for name in tuple(fields)
        if _is_long(fields[name], STRIDE, _ROW)
        or (_is_long(fields[name], SHORT, bytes) and not is_name(name))  # names have octets beside them
    }
    head = _dumped(encode(fields)).removesuffix("}")
    for name, rows in long.items():
        yield f"{head}{'' if head == '{' else ','}{_dumped(name)}:"
        yield from _list(rows)
        head = ""
    yield f"{head}}}"


def event_pieces(event: Event, **more: Any) -> Iterator[str]:
    """Yield the JSON of an event with its envelope, and `more` keys."""
    head = encode_event(event._replace(body=None)) | {"kind": kind_of(event.body)} | more
    del head["body"]
    yield _dumped(head)[:-1] + ',"body":'
    body = event.body
    yield from pieces(body)
    yield "}"


def _is_long(value: object, most: int, kind: type | tuple[type, ...]) -> bool:
    """Return whether a value is a list of more than `most` values of a kind: too long for one piece."""
    return isinstance(value, (tuple, list)) and len(value) > most and isinstance(value[0], kind)


def _list(rows: Any) -> Iterator[str]:
    start = "["
    waiting = iter(rows)
    stride = SHORT if isinstance(rows[0], bytes) else STRIDE
    while some := list(islice(waiting, stride)):
        yield start + _dumped([encode(row) for row in some])[1:-1]
        start = ","
    yield "]"


def _dumped(value: Any) -> str:
    return json.dumps(value, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
