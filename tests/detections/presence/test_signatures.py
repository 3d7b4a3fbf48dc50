from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, strategies

from whimbrel.detections.presence.signatures import Matcher, Signature, matches

BSSID = bytes.fromhex("0011223344ff")


def signature(**fields: Any) -> Signature:
    return Signature(**{"name": "a camera", "source": "a manual", "date": "2026-11-30"} | fields)


@pytest.mark.parametrize(
    ("text", "pattern", "expected"),
    [
        ("flock-12af09", "flock-######", True),
        ("flock-12ag09", "flock-######", False),
        ("flock-12af0", "flock-######", False),
        ("flock-12af091", "flock-######", False),
        ("cardv1234", "cardv*", True),
        ("cardv", "cardv*", True),
        ("card", "cardv*", False),
        ("my cardv", "cardv*", False),
    ],
)
def test_patterns(text: str, pattern: str, expected: bool) -> None:
    assert matches(text, pattern) is expected


@pytest.mark.parametrize(
    ("fields", "word"),
    [
        ({}, "none of them"),
        ({"ssids": ("abc*",)}, "four characters"),
        ({"ssids": ("ab*cdef",)}, "at the end"),
        ({"address": "00:11:22"}, "whole maker"),
        ({"address": "00:11:22:33:44:55:66"}, "4 to 6"),
        ({"address": "camera"}, "hexadecimal"),
        ({"element": "001122"}, "4 octets"),
        ({"ssids": ("camera",), "date": "yesterday"}, "2026-11-30"),
        ({"ssids": ("camera",), "date": "2026-13-01"}, "2026-11-30"),
        ({"ssids": ("camera",), "source": " "}, "source"),
    ],
)
def test_signatures_that_match_nothing_or_too_much_are_refused(fields: dict[str, Any], word: str) -> None:
    with pytest.raises(ValueError, match=word):
        signature(**fields)


def test_everything_that_is_given_must_match() -> None:
    one = signature(ssids=("camera*",), address="00:11:22", element="50 6f 9a 77")
    matcher = Matcher([one])
    assert matcher.find(BSSID, b"CAMERA 1", lambda: [b"\x50\x6f\x9a\x77\1"]) is one
    assert matcher.find(BSSID, b"camera", lambda: [b"\x50\x6f\x9a\x09"]) is None
    assert matcher.find(BSSID, b"camera", None) is None
    assert matcher.find(BSSID, b"other", lambda: [b"\x50\x6f\x9a\x77"]) is None
    assert matcher.find(b"\2" * 6, b"camera", lambda: [b"\x50\x6f\x9a\x77"]) is None


def test_the_first_one_counts() -> None:
    one, two = signature(ssids=("camera",)), signature(address="00:11:22:33")
    assert Matcher([one, two]).find(BSSID, b"camera", lambda: ()) is one
    assert Matcher([one, two]).find(BSSID, b"", lambda: ()) is two


@given(strategies.binary(max_size=32), strategies.lists(strategies.binary(max_size=20), max_size=3))
def test_any_names_and_elements(name: bytes, elements: list[bytes]) -> None:
    assert Matcher([signature(ssids=("camera-####",), element="00112233")]).find(BSSID, name, lambda: elements) is None
