from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whimbrel.position import gpsd
from whimbrel.position.gpsd import Fix, Garbled, NoFix, Receivers, Sky, Trouble, parse

# As gpsd 3.22 writes them.
TPV = {
    "class": "TPV", "device": "/dev/ttyACM0", "mode": 3, "time": "2005-06-08T10:34:48.283Z", "lat": 46.498293369,
    "lon": 7.567411672, "alt": 1343.127, "altMSL": 1320.5, "eph": 12.5, "speed": 0.091,
}  # fmt: skip
SKY = {"class": "SKY", "device": "/dev/ttyACM0", "hdop": 0.9, "uSat": 7, "satellites": []}


def read(report: dict[str, Any], **more: Any) -> gpsd.Report:
    return parse(json.dumps({**report, **more}).encode())


def without(report: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in report.items() if name not in names}


def test_a_fix() -> None:
    assert read(TPV) == Fix("/dev/ttyACM0", 1118226888.283, 46.498293369, 7.567411672, 1320.5, 12.5, 0.091)


def test_what_older_and_poorer_receivers_leave_out() -> None:
    found = read(without(TPV, "altMSL", "eph", "speed", "time"), epx=3.0, epy=4)
    assert isinstance(found, Fix)
    assert (found.altitude, found.error, found.speed, found.time) == (1343.127, 5.0, None, None)
    bare = read(without(TPV, "altMSL", "alt", "eph"), epx=3.0)
    assert isinstance(bare, Fix)
    assert (bare.altitude, bare.error) == (None, None)


@pytest.mark.parametrize(
    "more",
    [
        {"mode": 1}, {"mode": 0}, {"mode": True}, {"mode": "3"}, {"lat": 90.5}, {"lon": -181}, {"lat": None},
        {"lon": "7"}, {"lat": math.nan}, {"lon": math.inf}, {"lat": 10**400}, {"lat": True}, {"lat": []},
    ],
)  # fmt: skip
def test_no_fix(more: dict[str, Any]) -> None:
    assert read(TPV, **more) == NoFix("/dev/ttyACM0")


@pytest.mark.parametrize("time", ["", "yesterday", "2005-13-08T10:34:48Z", 7, None, "2005-06-08T10:34:48", "9" * 99])
def test_a_time_that_is_none(time: object) -> None:
    found = read(TPV, time=time)
    assert isinstance(found, Fix)
    assert found.time is None


def test_the_sky() -> None:
    assert read(SKY) == Sky("/dev/ttyACM0", 7, 13.5)
    seen = [{"used": True}, {"used": False}, {"used": "true"}, 3, {"used": True}]
    assert read(without(SKY, "uSat", "hdop"), satellites=seen) == Sky("/dev/ttyACM0", 2, None)
    assert read(without(SKY, "uSat"), satellites=7, hdop=-1) == Sky("/dev/ttyACM0", None, None)


def test_what_gpsd_says_of_itself() -> None:
    assert read({"class": "DEVICES", "devices": []}) == Receivers(())
    assert read({"class": "DEVICES", "devices": [{"path": "/dev/a"}, 7, {}]}) == Receivers(("/dev/a", ""))
    assert read({"class": "DEVICES", "devices": "all"}) == Receivers(())
    assert read({"class": "DEVICE", "path": "/dev/a", "activated": 0}) == Receivers(())
    assert read({"class": "DEVICE", "path": "/dev/a", "activated": "2005-06-08T10:34:48.283Z"}) == Receivers(
        ("/dev/a",)
    )
    assert read({"class": "ERROR", "message": "Unrecognized\nrequest"}) == Trouble("Unrecognized\nrequest")
    assert read({"class": "VERSION", "release": "3.22"}) is None


@pytest.mark.parametrize(
    "line", [b"", b"\xff\xfe", b"{", b"[" * 50_000, b"7", b"{}", b'{"class":["TPV"]}', b" " * (gpsd.LONGEST + 1)]
)
def test_what_is_no_report(line: bytes) -> None:
    assert isinstance(parse(line), Garbled)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=300),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
NAMES = st.sampled_from([*TPV, *SKY, "epx", "epy", "devices", "path", "activated", "message", "satellites"])


@given(st.sampled_from(["TPV", "SKY", "DEVICES", "DEVICE", "ERROR"]), st.dictionaries(NAMES, ANYTHING))
def test_whatever_a_report_holds(name: str, values: dict[str, Any]) -> None:
    found = parse(json.dumps({**values, "class": name}).encode())
    if isinstance(found, Fix):
        assert -90 <= found.latitude <= 90
        assert -180 <= found.longitude <= 180
        assert all(each is None or math.isfinite(each) for each in (found.altitude, found.error, found.speed))
    assert not isinstance(found, Garbled)


@given(st.binary(max_size=200))
def test_whatever_a_line_holds(line: bytes) -> None:
    parse(line)
