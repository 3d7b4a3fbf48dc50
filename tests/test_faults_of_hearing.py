"""The shared inputs on which the survey or a detection was wrong once, each with the value that is right."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.conftest import CAPTURES
from tests.detections.hearing import Hearing

from whimbrel.capture.reader import read_capture
from whimbrel.cli.commands.replay import read
from whimbrel.cli.findings import Findings
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
    """Return the findings of the survey and all detections in a file."""
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
    survey = flooded.engine.air.survey
    real = [ap for ap in survey.access_points.table.entries.values() if ap.address.startswith(b"\xf6")]
    # A last few that come too slowly for the window may still be told from real ones later.
    assert len(real) == 6
    assert len(survey.access_points.table.entries) < 6 + 30
    assert "follower" not in heard(faults / "follow-flood-small-control.pcap.gz").rules


@pytest.mark.parametrize("name", ["guard-nul.pcap", "look-pad.pcap"])
def test_a_name_whose_visible_beginning_is_guarded(faults: Path, name: str) -> None:
    own = GuardedNetwork(Ssid(b"Harbour"), (Mac(bytes.fromhex("020000102030")),))
    [alert] = [each for each in heard(faults / name, own).alerts if each.rule == "lookalike-ssid"]
    assert (alert.severity, alert.confidence) == ("warning", "high")
    assert "the same visible beginning" in alert.text


def test_a_mesh_is_no_hidden_network(faults: Path) -> None:
    hearing = heard(faults / "mesh.pcap")
    [found] = [each for each in hearing.findings if isinstance(each, AccessPointFound)]
    assert (found.mesh_id, found.hidden) == (b"meshy", False)
    assert sentence(found).startswith("Mesh station")
    assert all("hidden" not in alert.text for alert in hearing.alerts)
    assert any('the mesh "meshy"' in alert.text for alert in hearing.alerts)


FLOODED = {("deauth-flood", "critical", 40)}
SLOWLY_FLOODED = {("deauth-flood", "critical", 60)}
CLAIMS = {
    "fcs-flag-good.pcap": FLOODED,
    "fcs-flag-absent.pcap": FLOODED,
    "fcs-there-unflagged.pcap": FLOODED,
    "fcs-unflagged-fakes-rsn.pcap": set(),
    "clk-fast-control.pcap": SLOWLY_FLOODED,
    "clk-neg-usec-fast.pcap": SLOWLY_FLOODED,
    "clk-1970-twin.pcap": set(),
    "clk-twin-control.pcap": set(),
    "nr-229.pcap": set(),
    "rt-zero-psdu.pcap": set(),
    "mlo-m3-no-beacon.pcap": set(),
    "ng-unpadded-len.pcapng": set(),
    "ng-eth-and-wifi.pcapng": set(),
    "ng-wifi-section-then-eth-section.pcapng": set(),
}
"""Rule, severity and count of each alert that is no weakness, by file."""
SOUND_FRAMES = {
    "fcs-flag-absent.pcap": 88,
    "fcs-there-unflagged.pcap": 88,
    "ng-unpadded-len.pcapng": 2,
    "ng-eth-and-wifi.pcapng": 1,
    "ng-wifi-section-then-eth-section.pcapng": 2,
}


def replayed(path: Path) -> Findings:
    """Return the findings of ``replay`` in a file."""
    found = read(path)
    assert not found.failed
    return found


@pytest.mark.parametrize("name", CLAIMS)
def test_alerts_of_a_replay(faults: Path, name: str) -> None:
    found = replayed(faults / name)
    told = {
        (each.detection.rule, each.severity.value, each.seen)
        for each in found.alerts
        if each.detection.family != "weakness"
    }
    assert told == CLAIMS[name]
    assert found.problems == []


@pytest.mark.parametrize(("name", "expected"), SOUND_FRAMES.items())
def test_every_frame_is_sound(faults: Path, name: str, expected: int) -> None:
    numbers = replayed(faults / name).numbers
    assert not numbers.malformed
    assert numbers.subtypes.total() == expected


def test_a_check_sequence_that_is_not_told_of_is_no_element(faults: Path) -> None:
    [ap] = replayed(faults / "fcs-unflagged-fakes-rsn.pcap").survey.access_points.table.entries.values()
    assert ap.announced.security.name == "open"


def test_a_channel_of_6_ghz_says_its_band(faults: Path) -> None:
    [found] = [each for each in heard(faults / "six-20.pcap").findings if isinstance(each, AccessPointFound)]
    assert "channel 6GHz:5" in sentence(found)


def test_a_receiver_whose_headers_are_unreadable_is_told(faults: Path) -> None:
    [problem] = replayed(faults / "rt-len0.pcap").problems
    assert "capture header of every frame is broken" in problem
