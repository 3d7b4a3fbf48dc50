"""Every kind of attack: its frames, its truth, its names."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from tools.wids_benchmark import making, truth
from tools.wids_benchmark.building import mac
from tools.wids_benchmark.building.ears import CONDITIONS
from tools.wids_benchmark.kinds import KINDS, kind
from tools.wids_benchmark.scoring import names
from tools.wids_benchmark.stage import BEGIN, END, TOTAL, Stage


def played(name: str, intensity: int) -> Stage:
    """Play an attack without its neighbourhood, which is most of the work."""
    stage = Stage(f"test {name}", intensity, KINDS[name].protection)
    KINDS[name].play(stage)
    stage.air.finish()
    return stage


@pytest.mark.parametrize("name", list(KINDS))
def test_an_attack_is_in_its_time_and_grows_with_its_intensity(name: str) -> None:
    counts = []
    for intensity in range(3):
        stage = played(name, intensity)
        times = [sent.at for sent in stage.air.sent if sent.attack]
        assert times, "no frame of it"
        assert times[0] >= BEGIN - 1
        assert times[-1] <= END + 14
        counts.append(len(times))
    if name not in {"own-network-changed", "lookalike-ssid", "attack-tool", "mitm-same-bssid"}:
        assert counts[0] <= counts[1] * 1.1
        assert counts[1] <= counts[2] * 1.1


@pytest.mark.parametrize("name", list(KINDS))
def test_the_parties_of_an_attack_are_in_its_frames(name: str) -> None:
    stage = played(name, 1)
    octets = b"".join(sent.octets for sent in stage.air.sent if sent.attack)
    for address in stage.parties.transmitters:
        assert address in octets, mac.written(address)
    assert all(len(address) == 6 for address in (*stage.parties.victims, *stage.parties.bssids))


def test_the_same_seed_gives_the_same_octets(tmp_path: Path) -> None:
    digests = []
    for number, seed in enumerate((1, 1, 2)):
        folder = tmp_path / str(number)
        folder.mkdir()
        for _ in making.attack_captures(folder, ["karma"], [2], ["hopping", "loss"], seed):
            pass
        digests.append([hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.glob("*.pcap"))])
    assert digests[0] == digests[1]
    assert digests[0] != digests[2]


def test_the_truth_is_read_back_and_counts_what_the_ear_heard(tmp_path: Path) -> None:
    (made,) = making.attack_captures(tmp_path, ["deauth-flood"], [1], list(CONDITIONS), 1)
    heard = {}
    for path, told in made:
        assert truth.read(path.with_suffix(".json")) == told
        (attack,) = told.attacks
        assert told.seconds == TOTAL
        assert attack.bssids[0] == attack.transmitters[0]
        assert attack.begin < attack.end
        heard[told.condition] = attack.heard
        assert not told.benign
    assert heard["clean"] == heard["legacy"] == attack.sent
    assert 0.6 < heard["loss"] / attack.sent < 0.8
    assert 0 < heard["hopping"] < attack.sent * 0.6


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"attacks": 3}', '{"attacks": [{"kind": 1}], "site": null}'])
def test_a_file_that_is_no_truth_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "x.json").write_text(text)
    with pytest.raises(ValueError, match=r"x\.json is no truth of this benchmark"):
        truth.read(tmp_path / "x.json")


@pytest.mark.parametrize("detector", ["whimbrel", "kismet"])
def test_names_are_of_kinds_that_exist(detector: str) -> None:
    told = json.loads((names.FOLDER / f"{detector}.json").read_text())
    labelled = {"fragattack-lone-fragment"}
    assert set(told["kinds"]) <= set(KINDS) | labelled
    assert set(told["left_out"]) <= set(KINDS)
    read = names.read(names.FOLDER / f"{detector}.json")
    assert read.detector == detector
    assert not any(name.startswith("@") for accepted in read.accepted.values() for name in accepted)


def test_whimbrel_has_an_answer_to_every_kind() -> None:
    read = names.read(names.FOLDER / "whimbrel.json")
    assert set(KINDS) <= set(read.accepted)


def test_a_kind_is_registered_once() -> None:
    with pytest.raises(ValueError, match="each kind once"):
        kind("karma", "impersonation", "", "", ("", "", ""))(lambda stage: None)
    with pytest.raises(ValueError, match="in one of disruption"):
        kind("new", "nonsense", "", "", ("", "", ""))(lambda stage: None)
