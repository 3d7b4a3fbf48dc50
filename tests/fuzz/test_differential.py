"""Mutated frames, read as tshark reads them."""

from __future__ import annotations

import shutil

import pytest
from tests.detections.test_hostile import handmade
from tests.fuzz.differential import Reading, compare, disagreements, mutated, theirs

from whimbrel.wifi.kinds import BEACON
from whimbrel.wifi.linktypes import IEEE802_11, parse


@pytest.fixture(autouse=True)
def _tshark() -> None:
    if shutil.which("tshark") is None:
        pytest.skip("tshark is not installed")


def test_every_disagreement_is_explained() -> None:
    found = compare(mutated(1500, seed=3))
    assert not [kind for kind in found if kind.startswith("UNEXPLAINED")]


def test_a_real_disagreement_is_found() -> None:
    raw = next(frame.raw[frame.start : frame.end] for frame in handmade() if frame.kind == BEACON)
    right = theirs([raw])[0]
    frame = parse(IEEE802_11, (1.0, raw, len(raw)))
    wrong = Reading(("0x0001", *right.fields[1:]), (9, *right.tags))
    assert any(kind.startswith("UNEXPLAINED wlan.fc") for kind in disagreements(frame, wrong))
