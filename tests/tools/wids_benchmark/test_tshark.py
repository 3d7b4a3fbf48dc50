"""The second opinion: for tshark every built frame is well-formed, except the ones that the README lists."""

from __future__ import annotations

import random
import shutil
import subprocess
from pathlib import Path

import pytest
from tools.wids_benchmark import attacks
from tools.wids_benchmark.benign import SCENES
from tools.wids_benchmark.building import capture
from tools.wids_benchmark.building.air import Air, Sent
from tools.wids_benchmark.kinds import KINDS
from tools.wids_benchmark.stage import Stage

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("tshark") is None, reason="tshark is not installed"),
]
BAD = "_ws.malformed or _ws.short or _ws.unreassembled or _ws.expert.severity >= 8388608"


def questioned(path: Path, sent: list[Sent], extra: str = "") -> list[str]:
    """Return the frames that tshark calls malformed or warns of as errors."""
    capture.write(path, sent)
    command = ["tshark", "-n", "-o", "wlan.check_checksum:TRUE", "-r", str(path), "-Y", f"({BAD}){extra}"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


def attack(name: str, intensity: int) -> list[Sent]:
    stage = Stage(f"tshark {name}", intensity, KINDS[name].protection)
    stage.ap.beacons(74, 76)
    KINDS[name].play(stage)
    return stage.air.finish()


@pytest.mark.parametrize("intensity", [0, 1, 2])
def test_attacks_are_well_formed(tmp_path: Path, intensity: int) -> None:
    """At high intensity a part of each is enough: its frames are of the same make."""
    sent = []
    for kind in KINDS.values():
        if not kind.malformed:
            made = attack(kind.name, intensity)
            sent += made[: len(made) // 30] if intensity == 2 else made
    assert len(sent) > 10_000
    assert questioned(tmp_path / "all.pcap", sent) == []


def test_the_malformed_ones_are_listed_and_are_malformed(tmp_path: Path) -> None:
    readme = (Path(attacks.__file__).parents[1] / "README.md").read_text()
    for kind in KINDS.values():
        if kind.malformed:
            assert kind.name in readme
            assert questioned(tmp_path / "one.pcap", attack(kind.name, 2)), f"{kind.name} is well-formed after all"


@pytest.mark.parametrize("name", list(SCENES))
def test_benign_air_is_well_formed_but_for_damage(tmp_path: Path, name: str) -> None:
    air = Air(random.Random(f"tshark {name}"))
    SCENES[name].play(air, 60)
    assert questioned(tmp_path / "benign.pcap", air.finish(), " and wlan.fcs.status != 0") == []


def test_damaged_frames_have_a_wrong_check_sequence_and_no_others(tmp_path: Path) -> None:
    air = Air(random.Random("tshark damage"))
    SCENES["campus"].play(air, 30)
    sent = air.finish()
    path = tmp_path / "campus.pcap"
    capture.write(path, sent)
    command = ["tshark", "-n", "-o", "wlan.check_checksum:TRUE", "-r", str(path), "-Y", "wlan.fcs.status == 0"]
    done = subprocess.run([*command, "-T", "fields", "-e", "frame.number"], capture_output=True, text=True, check=True)
    found, damaged = set(map(int, done.stdout.split())), {n for n, each in enumerate(sent, 1) if each.damaged}
    assert found <= damaged
    assert len(damaged - found) < len(damaged) / 50, "a damaged frame control may hide where the check sequence is"
