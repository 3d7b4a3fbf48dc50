from __future__ import annotations

import json
from typing import Any

import pytest

import whimbrel.capture_numbers as numbers_module
from whimbrel.capture_numbers import CaptureNumbers
from whimbrel.wifi import kinds
from whimbrel.wifi.frames import Frame, Malformed

STATION = bytes.fromhex("06aabbccddee")


def frame(kind: int, body: bytes = b"", **values: Any) -> Frame:
    made = Frame()
    made.kind, made.raw, made.end, made.ta = int(kind), body, len(body), STATION
    for name, value in values.items():
        setattr(made, name, value)
    return made


def probe(name: bytes) -> Frame:
    return frame(kinds.PROBE_REQ, bytes([0, len(name)]) + name)


def report(*frames: Frame) -> dict[str, Any]:
    made = CaptureNumbers()
    made.take(frames)
    value = made.to_json()
    json.dumps(value, allow_nan=False)
    return value


def test_nothing() -> None:
    empty = report()
    assert (empty["frames"], empty["first"], CaptureNumbers().seconds) == (0, None, 0.0)


def test_kinds_and_damage() -> None:
    counted = report(
        frame(kinds.BEACON, time=5.0),
        frame(kinds.BEACON, bad_fcs=True),
        frame(-1, malformed=Malformed.TOO_SHORT, cut=True),
        frame(-1),
        frame(0x2F, time=7.0),
    )
    assert counted["subtypes"] == {"none": 1, "0x0008": 2, "0x002f": 1}
    assert (counted["malformed"], counted["bad_fcs"], counted["cut"]) == (1, 1, 1)
    assert (counted["frames"], counted["empty"]) == (5, 1)
    assert counted["malformed_by_reason"] == {"frame shorter than its header": 1}
    assert (counted["first"], counted["last"]) == (5.0, 7.0)


def test_reasons() -> None:
    counted = report(
        frame(kinds.DEAUTH, b"\x07\x00"),
        frame(kinds.DISASSOC, b"\x07\x00"),
        frame(kinds.DEAUTH, b"\x01\x00", flags=kinds.PROTECTED),
        frame(kinds.DEAUTH, b"\x02\x00", bad_fcs=True),
        frame(kinds.DEAUTH, b"\x03"),
    )
    assert counted["disconnect_reasons"] == {"0x0007": 2}


def test_probes_also_for_any_network() -> None:
    counted = report(probe(b"b\xff"), probe(b""), probe(b"b\xff"), frame(kinds.PROBE_REQ, b""))
    assert counted["probe_requests"] == {"06:aa:bb:cc:dd:ee": ["", "62ff"]}


def test_probes_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(numbers_module, "MAX_NAMES", 2)
    monkeypatch.setattr(numbers_module, "MAX_STATIONS", 1)
    other = probe(b"x")
    other.ta = b"\x02" * 6
    counted = report(probe(b"a"), probe(b"b"), probe(b"c"), probe(b"a"), other)
    assert counted["probe_requests"] == {"06:aa:bb:cc:dd:ee": ["61", "62"]}
    assert counted["probe_requests_left_out"] == 2
    monkeypatch.setattr(numbers_module, "MAX_PROBES", 1)
    counted = report(probe(b"a"), probe(b"b"), probe(b"a"))
    assert counted["probe_requests"] == {"06:aa:bb:cc:dd:ee": ["61"]}
    assert counted["probe_requests_left_out"] == 1


def test_eapol() -> None:
    snap = b"\xaa\xaa\x03\x00\x00\x00\x88\x8e"
    m1 = snap + b"\x02\x03\x00\x5f\x02\x00\x8a" + bytes(92)
    counted = report(
        frame(kinds.QOS_DATA, m1),
        frame(kinds.DATA, snap + b"\x01\x01\x00\x00"),
        frame(kinds.DATA, m1, flags=kinds.PROTECTED),
    )
    assert counted["eapol"] == {"M1": 1, "start": 1}


def test_events() -> None:
    made = CaptureNumbers()
    for kind in ("tuned", "disconnected", "tuned"):
        made.note(kind)
    assert made.to_json()["events"] == {"disconnected": 1, "tuned": 2}
