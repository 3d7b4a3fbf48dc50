"""Encoded values are decoded unchanged, and everything else is refused with one error."""

from __future__ import annotations

import contextlib
import enum
import json
import types
import typing
from collections import abc
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whimbrel.events.air import AccessPointChanged, Change, NetworkProbed
from whimbrel.events.base import KINDS, Body, Event
from whimbrel.events.decode import DecodeError, FrameCounts, OtherBody, decode, decode_event
from whimbrel.events.encode import encode, encode_event
from whimbrel.events.every import MODULES
from whimbrel.events.radio import FrameBatch
from whimbrel.events.recording import AlertEvidence
from whimbrel.record import Record
from whimbrel.rows import AccessPointRow, SignalRow
from whimbrel.verbs.registry import VERBS
from whimbrel.wifi.frames import Frame
from whimbrel.wifi.security import Pmf, Protection

OWN = sorted(
    kind for kind, cls in KINDS.items() if cls.__module__ in {module.__name__ for module in MODULES}
)  # others belong to test modules
STATION = bytes.fromhex("06aabbccddee")
_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
_SCALARS: dict[Any, st.SearchStrategy[Any]] = {
    bool: st.booleans(),
    int: st.integers(-(1 << 60), 1 << 60),
    float: st.floats(allow_nan=False, allow_infinity=False),
    str: _TEXT,
    bytes: st.binary(max_size=32) | st.binary(min_size=6, max_size=6),
    Protection: st.integers(1, (1 << 17) - 1).map(Protection),
}


def values(hint: Any) -> st.SearchStrategy[Any]:
    """Return a strategy for the values of an annotation."""
    if hint in _SCALARS:
        return _SCALARS[hint]
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        return st.one_of(*(st.none() if arg is type(None) else values(arg) for arg in args))
    if origin is typing.Literal:
        return st.sampled_from(args)
    if origin is tuple and args[-1] is not Ellipsis:
        return st.tuples(*map(values, args))
    if origin in (tuple, abc.Sequence):
        return st.lists(values(args[0]), max_size=2).map(tuple)
    if origin in (dict, abc.Mapping):
        return st.dictionaries(st.sampled_from(("one", "two")), values(args[1]))
    if issubclass(hint, enum.Enum):
        return st.sampled_from(hint)
    if hint is Change:
        return st.sampled_from(("ssid", "hidden", "channel", "security", "pmf")).flatmap(_change)
    hints = typing.get_type_hints(hint)
    names = hint.fields if issubclass(hint, Record) else hint._fields
    return st.fixed_dictionaries({name: values(hints[name]) for name in names}).map(lambda given: hint(**given))


def _change(field: str) -> st.SearchStrategy[Change]:
    hint = typing.get_type_hints(AccessPointRow)[field]
    return st.builds(Change, st.just(field), values(hint), values(hint))


def through_json(value: object) -> Any:
    return json.loads(json.dumps(encode(value), allow_nan=False))


@pytest.mark.parametrize("kind", [kind for kind in OWN if kind not in {FrameBatch.kind, AlertEvidence.kind}])
@settings(max_examples=25)
@given(data=st.data())
def test_every_body_comes_back(kind: str, data: st.DataObject) -> None:
    event = Event(7, 12.5, "watcher", data.draw(values(KINDS[kind])))
    assert decode_event(json.loads(json.dumps(encode_event(event)))) == event


@pytest.mark.parametrize("verb", VERBS)
@settings(max_examples=25)
@given(data=st.data())
def test_every_answer_comes_back(verb: str, data: st.DataObject) -> None:
    answer = data.draw(values(VERBS[verb].answer))
    assert decode(VERBS[verb].answer, through_json(answer)) == answer


def test_frames_come_back_as_counts() -> None:
    batch = encode_event(Event(1, 2.0, "sniffer", FrameBatch(frames=[Frame()], freq=2437)))
    body = decode_event(batch).body
    assert isinstance(body, FrameCounts)
    assert (body.frames, body.freq) == (1, 2437)


def test_a_kind_that_nobody_knows_keeps_its_values() -> None:
    event = decode_event({"seq": 1, "time": 2, "source": "tides", "kind": "tide-turned", "body": {"height": 3.5}})
    assert event.body == OtherBody(kind_name="tide-turned", values={"height": 3.5})


def test_a_change_has_values_of_its_property() -> None:
    changes = (Change("security", Protection.OPEN, Protection.WEP), Change("pmf", Pmf.NONE, Pmf.REQUIRED))
    body = AccessPointChanged(bssid=STATION, ssid=b"\xff", changes=changes)
    assert decode_event(encode_event(Event(1, 2.0, "watcher", body))).body == body


def test_unknown_fields_are_left_out_and_missing_ones_are_told() -> None:
    row = {"last": -40, "min": -50, "max": -30, "smoothed": None, "later": [1]}
    assert decode(SignalRow, row) == SignalRow(last=-40, min=-50, max=-30, smoothed=None)
    del row["max"]
    with pytest.raises(DecodeError, match="max is missing"):
        decode(SignalRow, row)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ([], "expected an object"),
        ({"last": True, "min": 0, "max": 0, "smoothed": 0}, "last: expected a whole number, found bool"),
        ({"last": "x" * 9999, "min": 0, "max": 0, "smoothed": 0}, "last: expected a whole number, found str"),
    ],
)
def test_what_does_not_fit_is_told_with_its_place(value: object, words: str) -> None:
    with pytest.raises(DecodeError, match=words) as caught:
        decode(SignalRow, value)
    assert len(str(caught.value)) < 200


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.just(10**400),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=12,
)


@given(st.sampled_from(sorted(VERBS)), _JSON)
def test_hostile_answers_raise_one_error(verb: str, value: object) -> None:
    with contextlib.suppress(DecodeError):
        decode(VERBS[verb].answer, value)


@given(data=st.data(), junk=_JSON)
def test_answers_with_a_hostile_part_raise_one_error(data: st.DataObject, junk: object) -> None:
    verb = VERBS[data.draw(st.sampled_from(sorted(VERBS)))]
    answer = through_json(data.draw(values(verb.answer)))
    rows = [answer] if isinstance(answer, dict) else answer
    for row in rows:
        row[data.draw(st.sampled_from(sorted(row)))] = junk
    with contextlib.suppress(DecodeError):
        decode(verb.answer, answer)


@given(
    st.fixed_dictionaries({"seq": _JSON, "time": _JSON, "source": _JSON, "body": _JSON, "kind": st.sampled_from(OWN)})
)
def test_hostile_events_raise_one_error(value: dict[str, Any]) -> None:
    with contextlib.suppress(DecodeError):
        decode_event(value)


def test_a_body_keeps_octets_that_are_no_text() -> None:
    body: Body = NetworkProbed(station=STATION, ssid=b"\xff\n")
    assert decode_event(encode_event(Event(1, 2.0, "watcher", body))).body == body
