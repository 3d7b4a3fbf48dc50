"""Every fault of a receiver with every family of detections, from a file: the findings of a clean receiver, or a
reason."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.hearing.attacked_air import FAMILIES, attacked_air
from tests.hearing.frames import HONEST, READABLE, RECEIVERS
from tests.lab.pcap import pcap_header, pcap_record

from whimbrel.cli.commands.replay import read
from whimbrel.cli.findings import Findings

START = 1_700_000_000.0

Alerts = set[tuple[str, str, object, object, int]]


def replayed(folder: Path, kind: str) -> Findings:
    path = folder / "air.pcap"
    path.write_bytes(
        pcap_header()
        + b"".join(
            pcap_record(RECEIVERS[kind](frame), int(START + at), round(at % 1 * 1e6)) for at, frame in attacked_air()
        )
    )
    return read(path)


def alerts(found: Findings) -> Alerts:
    claims = (
        (standing.detection.rule, standing.severity.value, standing.claim, standing.seen) for standing in found.alerts
    )
    return {(rule, severity, claim.bssid, claim.sender, seen) for rule, severity, claim, seen in claims}


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Alerts:
    found = alerts(replayed(tmp_path_factory.mktemp("clean"), "clean"))
    rules = {rule for rule, *_ in found}
    assert all(wanted <= rules for wanted in FAMILIES.values()), rules
    return found


@pytest.mark.parametrize("kind", READABLE)
def test_alerts_are_those_of_the_clean_receiver(clean: Alerts, kind: str, tmp_path: Path) -> None:
    found = replayed(tmp_path, kind)
    assert alerts(found) == clean
    assert bool(found.numbers.receiver) is (kind not in HONEST)
    assert found.problems == []


def test_a_receiver_of_no_use_is_told(tmp_path: Path) -> None:
    found = replayed(tmp_path, "header unreadable")
    assert found.alerts == []
    assert "capture header of every frame is broken" in found.problems[0]
    assert not found.failed


def test_a_file_whose_frames_have_no_capture_header_is_read_all_the_same(clean: Alerts, tmp_path: Path) -> None:
    assert alerts(replayed(tmp_path, "no header at all")) == clean
