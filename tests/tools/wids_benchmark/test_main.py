"""The command: makes captures, scores any detector's alerts and Whimbrel."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from tools.wids_benchmark.__main__ import main
from tools.wids_benchmark.building.air import START

MADE = [
    "--kinds",
    "deauth-flood",
    "--scenes",
    "crowd",
    "--hours",
    "0.02",
    "--intensities",
    "high",
    "--conditions",
    "clean",
]


def test_all_kinds_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["kinds"]) == 0
    said = capsys.readouterr().out
    assert "deauth-flood (disruption)" in said
    assert "benign campus" in said


def test_alerts_of_any_detector(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder, alerts = tmp_path / "captures", tmp_path / "alerts"
    alerts.mkdir()
    assert main(["make", str(folder), *MADE]) == 0
    assert "2 captures" in capsys.readouterr().out
    names = tmp_path / "mine.json"
    names.write_text(json.dumps({"detector": "mine", "kinds": {"deauth-flood": ["DEAUTH"]}}))
    told = {"time": START + 80, "kind": "DEAUTH"}
    (alerts / "deauth-flood.high.clean.jsonl").write_text(json.dumps(told))
    call = ["score", str(folder), str(alerts), "--names", str(names), "--details"]
    assert main(call) == 2
    assert "a detector that raised nothing writes an empty file" in capsys.readouterr().err
    (alerts / "benign-crowd.clean.jsonl").touch()
    assert main(call) == 0
    assert "named right 1/1 (100 %)" in capsys.readouterr().out
    (alerts / "benign-crowd.clean.jsonl").write_text("nonsense")
    assert main(call) == 2
    assert "benign-crowd.clean.jsonl, line 1: no JSON" in capsys.readouterr().err


def test_alerts_of_kismet(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder, alerts = tmp_path / "captures", tmp_path / "alerts"
    alerts.mkdir()
    main(["make", str(folder), *MADE])
    told = {"kismet.alert.header": "DEAUTHFLOOD", "kismet.alert.timestamp": START + 76.5, "kismet.alert.severity": 10}
    (alerts / "deauth-flood.high.clean.json").write_text(json.dumps([told]))
    (alerts / "benign-crowd.clean.json").touch()
    assert main(["score", str(folder), str(alerts), "--kismet"]) == 0
    assert "| deauth-flood | 1 | 1 | 1 |" in capsys.readouterr().out


def test_whimbrel_is_heard_and_a_page_is_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = tmp_path / "page.md"
    kept = tmp_path / "kept"
    command = f"{sys.executable} -m whimbrel"
    assert main(["whimbrel", "--command", command, "--keep", str(kept), "--page", str(page), *MADE]) == 0
    assert "| deauth-flood | 1 | 1 | 1 |" in capsys.readouterr().out
    assert "| crowd | clean | 0.01 | 0 | - |" in page.read_text()
    assert "--intensities high --conditions clean" in page.read_text()
    assert len(list(kept.glob("*.pcap"))) == 2


def test_the_scores_of_several_seeds_are_summed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = tmp_path / "page.md"
    kept = tmp_path / "kept"
    more = ["--seed", "1", "2", "--keep", str(kept), "--page", str(page)]
    assert main(["whimbrel", "--command", f"{sys.executable} -m whimbrel", *MADE, *more]) == 0
    assert "| deauth-flood | 2 | 2 | 2 |" in capsys.readouterr().out
    assert "| crowd | clean | 0.02 | 0 | - |" in page.read_text()
    assert "--seed 1 2" in page.read_text()
    one, two = (kept / f"seed-{seed}" / "deauth-flood.high.clean.pcap" for seed in (1, 2))
    assert one.read_bytes() != two.read_bytes()


def test_a_detector_that_fails_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["whimbrel", "--command", f"{sys.executable} -c 1", *MADE]) == 2
    assert "not the output of `whimbrel replay --json`" in capsys.readouterr().err


def test_an_unknown_kind_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["make", str(tmp_path), "--kinds", "nonsense"]) == 2
    assert "no kind is called nonsense" in capsys.readouterr().err
    assert main(["make", str(tmp_path), "--kinds", "karma", "--scenes", "moon"]) == 2
    assert "no benign scene is called moon" in capsys.readouterr().err
