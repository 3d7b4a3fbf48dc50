"""What is noticed, named, false; and the tables of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tools.wids_benchmark.building.air import START
from tools.wids_benchmark.scoring import names, table
from tools.wids_benchmark.scoring.alerts import DetectorAlert
from tools.wids_benchmark.scoring.names import Names
from tools.wids_benchmark.scoring.score import AFTER, BEFORE, Score, Unit
from tools.wids_benchmark.truth import Attack, Truth

NAMES = Names("mine", {"karma": frozenset({"LURE", "TRAP"})}, {"ps-denial": "too hard"})
VICTIM, OTHER = "50:c7:bf:10:20:30", "50:c7:bf:99:99:99"


def truth(
    kind: str = "karma", *, heard: int = 5, notice: bool = False, transmitters: tuple[str, ...] = (VICTIM,)
) -> Truth:
    attack = Attack(kind, START + 75, START + 135, (VICTIM,), transmitters, (), "low", notice, 9, heard)
    return Truth(f"{kind}.low.clean.pcap", "clean", 150.0, 1000, (attack,))


def alert(
    at: float, kind: str = "LURE", *, address: str = VICTIM, severity: str = "warning", until: float = 0.0
) -> DetectorAlert:
    addresses = frozenset({address}) if address else frozenset()
    return DetectorAlert(START + at, kind, addresses, severity, START + max(at, until))


def unit(told: Truth, *alerts: DetectorAlert) -> Unit:
    score = Score()
    score.take(told, alerts, NAMES)
    return score.units[0]


def test_named_and_its_delay() -> None:
    found = unit(truth(), alert(80), alert(77, "OTHER"))
    assert (found.present, found.noticed, found.named) == (True, True, True)
    assert found.delay == pytest.approx(5)
    assert found.raised == ("LURE", "OTHER")


def test_noticed_under_another_name() -> None:
    found = unit(truth(), alert(77, "OTHER"))
    assert (found.noticed, found.named) == (True, False)
    assert found.delay == pytest.approx(2)


def test_the_kinds_own_name_is_right_without_being_listed() -> None:
    assert unit(truth("new-kind"), alert(80, "new-kind")).named


@pytest.mark.parametrize(
    ("at", "until", "noticed"),
    [
        (75 - BEFORE, 0, True),
        (74 - BEFORE, 0, False),
        (10, 80, True),
        (135 + AFTER, 0, True),
        (136 + AFTER, 0, False),
    ],
)
def test_the_time_of_an_attack(at: float, until: float, noticed: bool) -> None:
    assert unit(truth(), alert(at, until=until)).noticed is noticed


def test_an_alert_about_others_is_beside_it() -> None:
    score = Score()
    score.take(truth(), [alert(80, address=OTHER), alert(90, address=""), alert(5)], NAMES)
    assert score.units[0].raised == ("LURE",)
    assert [(false.at, false.kind) for false in score.beside] == [(80, "LURE"), (5, "LURE")]


def test_where_each_frame_bears_another_address_any_alert_of_the_time_is_about_it() -> None:
    assert unit(truth(transmitters=()), alert(80, address=OTHER)).noticed


def test_a_notice_is_enough_only_where_the_truth_says_so() -> None:
    assert not unit(truth(), alert(80, severity="notice")).noticed
    assert unit(truth(notice=True), alert(80, severity="notice")).named
    assert not unit(truth(notice=True), alert(80, severity="weakness")).noticed


def test_what_the_ear_did_not_hear_is_not_scored() -> None:
    score = Score()
    score.take(truth(heard=0), [], NAMES)
    lines = "\n".join(table.tables(score, NAMES))
    assert "Not scored, because the ear heard no frame of the attack: 1" in lines
    assert "Attacks:" not in lines


def test_false_alarms_in_benign_air() -> None:
    score = Score()
    benign = Truth("benign-home.clean.pcap", "clean", 1800.0, 5, scene="home")
    score.take(benign, [alert(10), alert(20, severity="notice"), alert(30, severity="critical")], NAMES)
    score.take(benign, [], NAMES)
    lines = "\n".join(table.tables(score, NAMES))
    assert "False alarms (a warning or worse): 2 in 1.0 h of benign air, 20.0 in ten hours." in lines
    assert "| home | clean | 1.00 | 2 | LURE 2 |" in lines
    assert table.details(score)[0] == "false alarm: LURE (warning) at 10.0 s of benign-home.clean.pcap"


def test_the_table_by_kind() -> None:
    score = Score()
    score.take(truth(), [alert(80)], NAMES)
    score.take(truth("ps-denial"), [], NAMES)
    lines = table.tables(score, NAMES)
    assert lines[0] == "- Attacks: noticed 1/2 (50 %), named right 1/2 (50 %)."
    assert lines[1] == "- Without what mine leaves out on purpose: noticed 1/1 (100 %), named 1/1 (100 %)."
    assert "| clean | low | 2 | 1/2 (50 %) | 1/2 (50 %) | 5.0 s |" in lines
    assert "| karma | 1 | 1 | 1 | 5.0 s | LURE 1 |" in lines
    assert "| ps-denial | 1 | 0 | 0 | - | - (left out: too hard) |" in lines
    assert table.details(score) == ["missed: ps-denial.low.clean.pcap"]


def test_names_with_groups(tmp_path: Path) -> None:
    file = tmp_path / "mine.json"
    file.write_text(json.dumps({"detector": "mine", "groups": {"g": ["A", "B"]}, "kinds": {"karma": ["@g", "C"]}}))
    read = names.read(file)
    assert read.accepted == {"karma": frozenset("ABC")}
    assert read.right("karma", "B")
    assert not read.right("karma", "D")


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"detector": "x", "kinds": {"karma": ["@none"]}}', '{"kinds": {}}'])
def test_a_mistake_in_names_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "bad.json").write_text(text)
    with pytest.raises(ValueError, match=r"bad\.json: expected detector, kinds and left_out"):
        names.read(tmp_path / "bad.json")
