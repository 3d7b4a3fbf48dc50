"""The shared inputs on which the survey or a detection was wrong once, each with the value that is right."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.conftest import CAPTURES
from tests.detections.hearing import Hearing

from whimbrel.capture.reader import read_capture
from whimbrel.detections.guarded import GuardedNetwork
from whimbrel.detections.registry import all_detections
from whimbrel.events.air import AccessPointFound, HandshakeSeen
from whimbrel.settings.fields import Mac, Ssid
from whimbrel.wifi.frames import Frame
from whimbrel.wifi.linktypes import parser_for
from whimbrel.wording.sentences import sentence

FAULTS = CAPTURES.parent / "faults"


@pytest.fixture(scope="module")
def faults() -> Path:
    if not FAULTS.is_dir():
        pytest.skip(f"the shared inputs are not at {FAULTS}")
    return FAULTS


def frames(path: Path) -> Iterator[Frame]:
    with path.open("rb") as file:
        for link_type, records in read_capture(file):
            parse = parser_for(link_type)
            yield from (parse(record) for record in records)


def heard(path: Path, *guarded: GuardedNetwork) -> Hearing:
    """Return what the survey and all detections make of a file."""
    hearing = Hearing(*all_detections(), guarded=guarded)
    hearing.hear(*frames(path))
    hearing.end()
    return hearing


def test_a_handshake_in_amsdus(faults: Path) -> None:
    [whole] = [each for each in heard(faults / "hs-amsdu.pcap").findings if isinstance(each, HandshakeSeen)]
    assert (whole.messages, whole.ssid) == ((1, 2, 3, 4), b"Harbour")


def test_collecting_pmkids_in_amsdus_is_the_same_as_outside(faults: Path) -> None:
    inside, outside = heard(faults / "harvest-amsdu.pcap"), heard(faults / "harvest.pcap")
    told = [(alert.rule, alert.count, alert.severity) for alert in outside.alerts]
    assert told == [(alert.rule, alert.count, alert.severity) for alert in inside.alerts]
    assert "pmkid-harvest" in inside.rules


def test_made_up_access_points_make_nobody_a_follower(faults: Path) -> None:
    flooded = heard(faults / "follow-flood-small.pcap.gz")
    assert "follower" not in flooded.rules
    assert "beacon-flood" in flooded.rules
    assert "follower" not in heard(faults / "follow-flood-small-control.pcap.gz").rules


@pytest.mark.parametrize("name", ["guard-nul.pcap", "look-pad.pcap"])
def test_a_name_whose_visible_beginning_is_guarded(faults: Path, name: str) -> None:
    own = GuardedNetwork(Ssid(b"Harbour"), (Mac(bytes.fromhex("020000102030")),))
    [alert] = [each for each in heard(faults / name, own).alerts if each.rule == "lookalike-ssid"]
    assert (alert.severity, alert.confidence) == ("warning", "high")
    assert "only the beginning" in alert.text


def test_a_mesh_is_no_hidden_network(faults: Path) -> None:
    hearing = heard(faults / "mesh.pcap")
    [found] = [each for each in hearing.findings if isinstance(each, AccessPointFound)]
    assert (found.mesh_id, found.hidden) == (b"meshy", False)
    assert sentence(found).startswith("Mesh station")
    assert all("hidden" not in alert.text for alert in hearing.alerts)
    assert any('the mesh "meshy"' in alert.text for alert in hearing.alerts)
