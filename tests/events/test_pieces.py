"""Answers in pieces are what they are in one."""

from __future__ import annotations

import functools
import json
from typing import Any

import pytest
from tests.survey.air import beacon, probe

from whimbrel.events.air import NetworkProbed
from whimbrel.events.base import Event
from whimbrel.events.device import AirSnapshot
from whimbrel.events.encode import encode, encode_event
from whimbrel.events.pieces import STRIDE, event_pieces, pieces
from whimbrel.record import Record
from whimbrel.rows import Totals
from whimbrel.survey.survey import Survey
from whimbrel.verbs.air import SurveyRows

TOTALS = Totals(**{name: 1 for name in Totals.fields if not hasattr(Totals, name)})


@functools.cache
def filled(number: int) -> Survey:
    """Return a survey that has heard so many access points and stations."""
    survey = Survey()
    for i in range(number):
        address = i.to_bytes(3, "big")
        survey.observe(beacon(b"net %d" % i, bssid=b"\x00\x11\x22" + address, time=100.0 + i / 1000))
        survey.observe(probe(b"home %d" % i, ta=b"\x02\x11\x22" + address, time=100.0 + i / 1000))
    return survey


class Nothing(Record):
    """No field."""


@pytest.mark.parametrize("rows", [0, 1, STRIDE, STRIDE + 1, 3 * STRIDE, 100])
def test_an_answer_is_the_same(rows: int) -> None:
    answer = SurveyRows(
        time=1.5,
        totals=TOTALS,
        access_points=tuple(filled(rows).access_point_rows()),
        stations=tuple(filled(rows).station_rows()),
    )
    assert json.loads("".join(pieces(answer))) == encode(answer)
    assert json.loads("".join(pieces(answer.stations))) == encode(answer.stations)


@pytest.mark.parametrize("value", [None, 1, "text", [1] * 100, {"a": (1, 2)}, Nothing(), Totals, (), b"xy"])
def test_anything_else_is_too(value: Any) -> None:
    assert json.loads("".join(pieces(value))) == encode(value)


def test_an_event_is_the_same() -> None:
    rows = tuple(filled(50).access_point_rows())
    snapshot = AirSnapshot(access_points=rows, stations=(), channels=(), totals=TOTALS)
    for body in (snapshot, NetworkProbed(station=b"123456", ssid=b'a"b')):
        event = Event(7, 1.5, "watcher", body)
        assert json.loads("".join(event_pieces(event, level="debug"))) == encode_event(event) | {"level": "debug"}


def test_a_piece_is_short() -> None:
    answer = SurveyRows(time=1.5, totals=TOTALS, access_points=tuple(filled(400).access_point_rows()))
    assert max(map(len, pieces(answer))) < 16384
