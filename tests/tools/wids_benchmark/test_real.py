"""Real captures with labels: read in place, skipped where absent."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scapy.layers.dot11 import Dot11, RadioTap
from scapy.utils import PcapNgWriter, wrpcap
from tools.wids_benchmark import real

SHARED = Path(__file__).resolve().parents[4] / "shared" / "captures2"


def frame(time: float) -> RadioTap:
    packet = RadioTap() / Dot11(type=1, subtype=13, addr1="50:c7:bf:10:20:30")
    packet.time = time
    return packet


@pytest.fixture
def labelled(tmp_path: Path) -> Path:
    frames = [frame(1000.5), frame(1001.0), frame(1060.25)]
    wrpcap(str(tmp_path / "attack.pcap"), frames)
    writer = PcapNgWriter(str(tmp_path / "calm.pcapng"))
    for each in frames:
        writer.write(each)
    writer.close()
    labels = {
        "attack.pcap": {
            "benign": False,
            "attacks": [{"kind": "drone", "from": 2.0, "to": 9.5, "bssid": "AA:BB:CC:00:00:01"}],
        },
        "calm.pcapng": {"benign": True, "attacks": []},
        "gone.pcap": {"benign": True, "attacks": []},
    }
    (tmp_path / "labels.json").write_text(json.dumps(labels))
    return tmp_path


def test_labels_become_truth(labelled: Path) -> None:
    (attack, told), (_, calm) = real.truths(labelled)
    assert attack == labelled / "attack.pcap"
    (labelled_attack,) = told.attacks
    assert [labelled_attack.begin, labelled_attack.end] == pytest.approx([1002.5, 1010.0])
    assert labelled_attack.bssids == ("aa:bb:cc:00:00:01",)
    assert labelled_attack.notice
    assert calm.benign
    assert [calm.seconds, calm.frames] == pytest.approx([59.75, 3])


def test_a_folder_without_labels_has_none(tmp_path: Path) -> None:
    assert list(real.truths(tmp_path)) == []


def test_labels_of_another_form_are_named(labelled: Path) -> None:
    (labelled / "labels.json").write_text('{"attack.pcap": {"attacks": [{"kind": "x"}]}}')
    with pytest.raises(ValueError, match="has another form"):
        list(real.truths(labelled))


@given(st.binary(max_size=200), st.booleans())
def test_damage_ends_a_capture_and_nothing_else(
    tmp_path_factory: pytest.TempPathFactory, tail: bytes, whole: bool
) -> None:
    path = tmp_path_factory.mktemp("damage") / "x.pcap"
    wrpcap(str(path), [frame(5.0)])
    path.write_bytes(path.read_bytes() + tail if whole else tail)
    first, last, frames = real.span(path)
    assert first <= last
    assert frames >= whole


@pytest.mark.captures
def test_shared_captures_have_labels_that_are_read() -> None:
    if not SHARED.is_dir():
        pytest.skip(f"the shared captures are not at {SHARED}")
    told = [truth for _, truth in real.truths(SHARED)]
    assert sum(truth.benign for truth in told) > 10
    assert all(truth.frames for truth in told)
    assert all(attack.begin >= truth.start for truth in told for attack in truth.attacks)
