"""Rules against attacks that others have built, through ears that lose frames or hop.

The attacks are those of the benchmark at medium intensity. Where an ear hears too little for a rule, its page says so,
and the table of the benchmark shows it.
"""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from tools.wids_benchmark import making
from tools.wids_benchmark.benign import SCENES
from tools.wids_benchmark.building import capture
from tools.wids_benchmark.building.air import Air
from tools.wids_benchmark.building.ears import CONDITIONS
from tools.wids_benchmark.kinds import KINDS

from whimbrel.cli.commands.replay import read
from whimbrel.events.alerts import Severity

pytestmark = pytest.mark.slow

MEDIUM = 1
BOTH = ("loss", "hopping")
MATRIX = {
    "group-key-abuse": ("group-key-abuse", BOTH),
    "quiet-abuse": ("quiet-abuse", BOTH),
    "multi-link-removal": ("link-removal", BOTH),
    "rrm-survey": ("survey-abuse", ("loss",)),
    "fata-jack": ("impossible-login", BOTH),
    "sae-password-guessing": ("sae-guessing", ("loss",)),
    "block-ack-window": ("block-ack-window", BOTH),
    "evil-twin": ("evil-twin", BOTH),
    "omerta": ("handshake-harvest", ("loss",)),
    "gateway-as-station": ("gateway-as-station", BOTH),
    "wps-bruteforce": ("wps-bruteforce", BOTH),
}
"""By kind of attack: the rule, and the ears through which it must be raised."""


@pytest.mark.parametrize("kind", MATRIX)
def test_a_rule_in_spite_of_loss_and_hopping(kind: str, tmp_path: Path) -> None:
    rule, conditions = MATRIX[kind]
    stage = making.staged(KINDS[kind], MEDIUM, seed=11)
    for condition in ("clean", *conditions):
        heard = list(CONDITIONS[condition](stage.air.sent, 11))
        path = tmp_path / f"{condition}.pcap"
        capture.write(path, heard)
        raised = {standing.detection.rule for standing in read(path).alerts}
        assert rule in raised, condition


@pytest.mark.parametrize(
    "scene",
    ["ax-reservations", "bluetooth", "leavers", "failing-logins", "transition", "moves", "multi-link", "office"],
)
def test_no_rule_above_a_notice_in_benign_air(scene: str, tmp_path: Path) -> None:
    air = Air(random.Random(f"7 {scene}"))
    SCENES[scene].play(air, 90.0)
    sent = air.finish()
    for condition in ("clean", "loss", "hopping"):
        path = tmp_path / f"{condition}.pcap"
        capture.write(path, list(CONDITIONS[condition](sent, 7)))
        found = read(path).alerts
        assert [one.claim.text for one in found if one.severity.rank > Severity.NOTICE.rank] == [], condition
