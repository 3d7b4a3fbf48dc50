from __future__ import annotations

import enum
import json
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whimbrel.bus import Bus
from whimbrel.events.air import AccessPointChanged, Change, NetworkProbed, StationJoined
from whimbrel.events.base import KINDS, Body, Level
from whimbrel.events.encode import MAX_DEPTH, dump, encode, encode_body, encode_event
from whimbrel.events.radio import FrameBatch, Tuned
from whimbrel.events.recording import AlertEvidence
from whimbrel.settings import frozen
from whimbrel.wifi import kinds
from whimbrel.wifi.channels import Channel
from whimbrel.wifi.frames import Frame, Malformed

AP = bytes.fromhex("021122334455")
STATION = bytes.fromhex("06aabbccddee")

HOSTILE = [
    b"two\nlines",
    b"\x1b[2J\x1b]0;owned\x07",
    b"nul\x00inside",
    "abc\u202egnp.exe".encode(),
    b"\xff\xfe\x80",
    b"\xff" * 32,
    b'","ok":true,"x":"',
    b"back\\slash",
]


class Colour(enum.Enum):
    RED = 1


class Side(enum.IntFlag):
    LEFT = 1
    RIGHT = 2


class Way(enum.Enum):
    IN = "way-in"


class Point(NamedTuple):
    x: int
    ssids: tuple[bytes, ...]


@frozen
class Thing:
    address: bytes
    ssid: bytes


def test_event_has_its_stamp_and_the_kind() -> None:
    event = Bus(clock=lambda: 12.5).sender("watcher").publish(NetworkProbed(station=STATION, ssid=b"home"))
    assert encode_event(event) == {
        "seq": 1,
        "time": 12.5,
        "source": "watcher",
        "kind": "network-probed",
        "body": {"station": "06:aa:bb:cc:dd:ee", "ssid": "home", "ssid_hex": "686f6d65"},
    }


def test_a_missing_address_is_null() -> None:
    body = encode_body(StationJoined(station=STATION, bssid=AP, ssid=b"", previous=None))
    assert body["previous"] is None
    assert (body["ssid"], body["ssid_hex"]) == ("", "")


def test_a_changed_name_is_written_as_a_name() -> None:
    changes = (Change("ssid", b"sixsix", b"new\n"), Change("channel", 1, 6))
    body = encode_body(AccessPointChanged(bssid=AP, ssid=b"new\n", changes=changes))
    assert body["changes"] == [
        {"field": "ssid", "old": "sixsix", "old_hex": b"sixsix".hex(), "new": "new\\n", "new_hex": b"new\n".hex()},
        {"field": "channel", "old": 1, "new": 6},
    ]


def test_a_channel_is_an_object() -> None:
    body = encode_body(Tuned(channel=Channel(2437), dwell=0.25))
    assert body["channel"] == {"freq": 2437, "width": 20, "center": 0}


def test_a_batch_is_summed_up() -> None:
    good, bad = Frame(), Frame()
    good.kind = kinds.BEACON
    bad.malformed = Malformed.TOO_SHORT
    body = encode_body(FrameBatch(frames=[good, good, bad], freq=2412))
    assert body == {"frames": 3, "malformed": 1, "freq": 2412, "subtypes": {"0x0008": 2, "none": 1}}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Level.WARNING, "warning"),
        (Colour.RED, "red"),
        (Way.IN, "way-in"),
        (Side.LEFT | Side.RIGHT, 3),
        (float("nan"), None),
        (float("-inf"), None),
        (True, True),
        (AP, "02:11:22:33:44:55"),
        (b"\x01\x02", "0102"),
        (bytearray(b"\x01"), "01"),
        ({"b", "a"}, ["a", "b"]),
        ({AP: 1, 2: 3}, {"02:11:22:33:44:55": 1, "2": 3}),
        (Point(1, (b"a", b"\xff")), {"x": 1, "ssids": ["a", "\\xff"], "ssids_hex": ["61", "ff"]}),
        (Thing(AP, b"n"), {"address": "02:11:22:33:44:55", "ssid": "n", "ssid_hex": "6e"}),
        ({"ssid": "text already", "ssid_hex": "00"}, {"ssid": "text already", "ssid_hex": "00"}),
        ("lone \udcff", "lone \\udcff"),
    ],
)
def test_values(value: Any, expected: Any) -> None:
    assert encode(value) == expected


def test_a_value_that_holds_itself_ends() -> None:
    endless: list[Any] = []
    endless.append(endless)
    text = dump(endless)
    assert text.count("[") >= MAX_DEPTH
    json.loads(text)


def test_a_value_that_cannot_be_shown_is_named() -> None:
    class Broken:
        def __repr__(self) -> str:
            raise ValueError

    assert encode(Broken()) == "<Broken>"


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_forge_nothing(name: bytes) -> None:
    line = dump(encode_body(NetworkProbed(station=STATION, ssid=name)))
    assert line.isascii()
    assert line.isprintable()
    back = json.loads(line)
    assert bytes.fromhex(back["ssid_hex"]) == name
    assert back["ssid"].isprintable()
    assert set(back) == {"station", "ssid", "ssid_hex"}


anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.binary()
    | st.sampled_from([*Level, *Colour]),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text() | st.binary() | st.integers(), inner, max_size=4)
    ),
    max_leaves=20,
)


@given(st.data())
def test_every_body_with_any_values_becomes_json(data: st.DataObject) -> None:
    kinds = [
        kind
        for kind in KINDS.values()
        if kind.__module__.startswith("whimbrel.events.") and kind not in {FrameBatch, AlertEvidence}
    ]
    kind: type[Body] = data.draw(st.sampled_from(kinds))
    body = kind(**{name: data.draw(anything) for name in kind.fields})
    line = dump(encode_body(body))
    assert line.isascii()
    assert line.isprintable()
    assert set(kind.fields) <= set(json.loads(line))


def test_the_frames_of_evidence_are_counted_and_not_sent() -> None:
    evidence = AlertEvidence(id="7", rule="x", title="", text="", frames=(Frame(), Frame()))
    assert encode_body(evidence) == {"id": "7", "rule": "x", "title": "", "text": "", "frames": 2}
