from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.capture.reading import read
from tests.cli.conftest import AP, Whimbrel, answer, ask, beacon, deauth, environment, still_running, write_capture
from tests.lab.child import Child
from tests.lab.waiting import block_until

from whimbrel import cli
from whimbrel.cli import exits
from whimbrel.cli.alert_tables import explained, is_new, table
from whimbrel.cli.commands import learn, rules
from whimbrel.cli.saved_evidence import write_evidence
from whimbrel.detections.registry import all_detections
from whimbrel.events.decode import decode
from whimbrel.testing import PATIENCE
from whimbrel.verbs.alerts import AlertRow, Evidence
from whimbrel.verbs.guarding import NetworkRow
from whimbrel.watching.rows import rule_rows
from whimbrel.wifi.linktypes import parse
from whimbrel.wording.styles import Look

pytestmark = pytest.mark.process

SETTINGS = """
modules:
  sniffer: {{source: pcap, tuner: none, pcap: {{files: [{folder}/c.pcap], speed: 1}}}}
  watcher: {{learned: {folder}/guarded.yaml}}
  logger: {{to: stderr}}
  control: {{socket: {folder}/s}}
"""
NOW = 1_760_000_000.0
_FLOOD = 40
"""Disconnections of the flood."""


def row(**more: Any) -> AlertRow:
    """Return a row as the verb ``alerts`` answers it."""
    return decode(AlertRow, values(**more))


def values(**more: Any) -> dict[str, Any]:
    """Return it as JSON values."""
    found = {
        "id": "7", "rule": "some-rule", "title": "Something", "severity": "critical", "confidence": "high",
        "text": "It was seen.", "bssid": "02:00:00:00:00:01", "ssid": "home", "sender": "02:00:00:00:00:09",
        "receiver": None, "lasting": True, "channel": 6, "freq": 2437, "band": "2.4", "rssi": -50,
        "rssi_range": [-60, -50], "heard_on": [], "first": NOW - 75,
        "last": NOW - 12, "count": 12, "threshold": "10 in 10 s", "frames": 3, "again": 2, "state": "open",
        "acknowledged": False, "left_out": 4, "family": "disruption", "meaning": "It means this.", "advice": "Do that.",
        "fooled_by": "Geese.", "reference": "IEEE 802.11-2020, 11.3", **more,
    }  # fmt: skip
    return found | {"ssid_hex": found["ssid"].encode().hex()}


@pytest.fixture(scope="module")
def flooded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Run a daemon that has heard a flood of disconnections and waits for more; return its socket."""
    folder = tmp_path_factory.mktemp("flooded")
    flood = [(1.2 + n / 100, deauth(7)) for n in range(_FLOOD)]
    write_capture(folder / "c.pcap", [(1.0, beacon(b"home")), (1.1, beacon(b"home")), *flood, (1800.0, deauth(7))])
    settings = folder / "w.yaml"
    settings.write_text(SETTINGS.format(folder=folder))
    command = [sys.executable, "-m", "whimbrel", "run", "--config", str(settings)]
    with (folder / "log").open("w") as log, Child(command, stderr=log, env=environment()) as process:
        try:
            until_flooded(folder / "s", still_running(process, folder / "log"))
            yield folder / "s"
        finally:
            process.terminate()
            process.wait(PATIENCE)
    assert process.returncode == exits.OK, (folder / "log").read_text()


def until_flooded(socket: Path, ended: Callable[[], str | None]) -> None:
    """Wait until the alert of the flood is there and has its last frame, so that it does not change any more."""

    def whole() -> bool:
        alerts = (answer(socket, "alerts") or {"alerts": []})["alerts"]
        return [alert["count"] for alert in alerts if alert["rule"] == "deauth-flood"] == [_FLOOD]

    block_until(whole, "the alert of the whole flood", ended=ended, every=0.05)


def flood_id(socket: Path) -> str:
    alerts = ask(socket, "alerts")["alerts"]
    return str(next(alert["id"] for alert in alerts if alert["rule"] == "deauth-flood"))


def test_from_the_list_to_the_frames_and_seen(whimbrel: Whimbrel, flooded: Path, tmp_path: Path) -> None:
    number = flood_id(flooded)
    listed = whimbrel("alerts", "-s", flooded)
    assert (listed.returncode, listed.stderr) == (exits.OK, "")
    assert listed.stdout.splitlines()[0].split() == ["ID", "AGO", "SEVERITY", "RULE", "WHAT", "WHERE", "COUNT", "STATE"]
    line = next(line for line in listed.stdout.splitlines() if line.split()[:1] == [number])
    assert "deauth-flood" in line
    assert '"home"' in line
    assert line.endswith("open")
    told = whimbrel("alerts", number, "-s", flooded).stdout
    assert f"whimbrel evidence {number} OUT.pcapng" in told
    assert "What to do: " in told
    out = tmp_path / "flood.pcapng"
    saved = whimbrel("evidence", number, out, "-s", flooded)
    assert (saved.returncode, saved.stderr) == (exits.OK, "")
    outcome = read(out.read_bytes())
    assert outcome.error is None
    assert saved.stdout == f"{out}: {len(outcome.records)} frames\n"
    frames = [parse(127, record) for record in outcome.records]
    assert {frame.raw[frame.start : frame.end] for frame in frames} == {deauth(7)}
    assert all(frame.malformed is None for frame in frames)
    again = whimbrel("evidence", number, out, "-s", flooded)
    assert (again.returncode, again.stdout) == (exits.FAILURE, "")
    assert "exists already; --force overwrites it" in again.stderr
    assert whimbrel("evidence", "--force", number, out, "-s", flooded).returncode == exits.OK
    piped = subprocess.run(
        [sys.executable, "-m", "whimbrel", "evidence", number, "-", "-s", str(flooded)],
        capture_output=True, env=environment(), check=True,
    )  # fmt: skip
    assert read(piped.stdout).records == outcome.records
    assert whimbrel("acknowledge", number, "-s", flooded).stdout == f"marked as seen: {number}\n"
    assert whimbrel("acknowledge", number, "-s", flooded).stdout == "all of these were marked as seen already\n"
    (incident,) = ask(flooded, "alerts")["incidents"]
    assert number in incident["alerts"]
    assert not incident["acknowledged"], "one alert of it was seen, and another was not"
    above = listed.stdout.splitlines()
    assert above[1].split()[0] == incident["id"]
    assert "Disconnection attack" in above[1]
    assert "2 alerts" in above[1]
    whole = whimbrel("alerts", incident["id"], "-s", flooded).stdout
    assert f"incident:   {incident['id']}, open; alerts {', '.join(incident['alerts'])}" in whole
    assert "of the rule attack-tool" in whole
    others = [each for each in incident["alerts"] if each != number]
    seen = whimbrel("acknowledge", incident["id"], "-s", flooded).stdout
    assert seen == f"marked as seen: {', '.join(others)}\n"
    assert ask(flooded, "alerts")["incidents"][0]["acknowledged"]
    assert json.loads(whimbrel("alerts", "--json", number, "-s", flooded).stdout)["alerts"][0]["acknowledged"] is True


def test_an_alert_that_is_not_there(flooded: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for command in (["alerts", "404"], ["evidence", "404", str(tmp_path / "x")], ["acknowledge", "404"]):
        assert cli.main([*command, "-s", str(flooded)]) == exits.FAILURE
        assert "no alert '404' is remembered" in capsys.readouterr().err
    assert not (tmp_path / "x").exists()


def test_a_file_that_cannot_be_written(flooded: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["evidence", flood_id(flooded), str(tmp_path / "no" / "x"), "-s", str(flooded)]) == exits.FAILURE
    assert "cannot write" in capsys.readouterr().err


def test_learning_in_that_air_says_what_looks_wrong(flooded: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = flooded.with_name("guarded.yaml")
    assert cli.main(["learn", "--dry-run", "home", "-s", str(flooded)]) == exits.FAILURE
    out, err = capsys.readouterr()
    assert out.splitlines()[:2] == ['"home"', f"  access points: {AP.hex(':')}"]
    assert 'whimbrel: "home": alert ' in err
    assert "was heard for only" in err
    assert cli.main(["learn", "home", "-s", str(flooded)]) == exits.FAILURE
    assert "nothing was learned" in capsys.readouterr().err
    assert not file.exists()
    assert cli.main(["learn", "--yes", "home", "-s", str(flooded)]) == exits.OK
    assert f"guarded from now on; written to {file}" in capsys.readouterr().out
    assert cli.main(["learn", "--list", "-s", str(flooded)]) == exits.OK
    assert '"home" (learned)' in capsys.readouterr().out
    assert cli.main(["learn", "--forget", "home", "-s", str(flooded)]) == exits.OK
    assert capsys.readouterr().out == '"home" is guarded no longer\n'
    assert cli.main(["learn", "--list", "-s", str(flooded)]) == exits.OK
    assert capsys.readouterr().out.startswith("no network is guarded")


def test_learning_what_is_not_there(flooded: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["learn", "nowhere", "-s", str(flooded)]) == exits.FAILURE
    assert 'no access point of "nowhere" is heard' in capsys.readouterr().err
    assert cli.main(["learn", "home", "--list", "-s", str(flooded)]) == exits.USAGE
    assert cli.main(["learn", "--list", "--dry-run", "-s", str(flooded)]) == exits.USAGE


def test_rules_in_force(flooded: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["rules", "-s", str(flooded)]) == exits.OK
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["RULE", "FAMILY", "SEVERITY", "ON", "WHAT", "THRESHOLDS"]
    assert any(line.startswith("deauth-flood ") and " on " in line for line in lines)
    assert cli.main(["rules", "deauth-flood", "-s", str(flooded)]) == exits.OK
    told = capsys.readouterr().out
    assert "What is looked for: " in told
    assert "Settings, below modules.watcher.detections.deauth-flood:" in told
    assert cli.main(["rules", "deauth-flod", "-s", str(flooded)]) == exits.FAILURE
    assert "did you mean deauth-flood or" in capsys.readouterr().err


def test_rules_of_a_settings_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings = tmp_path / "w.yaml"
    settings.write_text("modules: {watcher: {detections: {deauth-flood: {count: 77, enabled: false}}}}\n")
    assert cli.main(["rules", "--json", "deauth-flood", "-c", str(settings)]) == exits.OK
    (found,) = json.loads(capsys.readouterr().out)
    assert (found["enabled"], found["settings"]["count"]["value"]) == (False, "77")
    assert cli.main(["rules", "deauth-flood", "-c", str(settings)]) == exits.OK
    told = capsys.readouterr().out
    assert "off" in told.splitlines()[0]
    assert "  count: 77 (default: " in told
    assert cli.main(["rules", "--defaults", "nothing"]) == exits.FAILURE
    capsys.readouterr()
    settings.write_text("modules: {watcher: {detections: {deauth-flod: {}}}}\n")
    assert cli.main(["rules", "-c", str(settings)]) == exits.SETTINGS
    assert f"{settings}:1:" in capsys.readouterr().err


@pytest.mark.parametrize(
    "command",
    [["alerts"], ["evidence", "1", "x"], ["acknowledge", "all"], ["rules"], ["learn", "x"], ["learn", "--list"]],
)
def test_a_daemon_that_is_not_there(command: list[str], tmp_path: Path) -> None:
    assert cli.main([*command, "--socket", str(tmp_path / "none")]) == exits.UNREACHABLE


def test_the_table_has_weaknesses_at_its_end() -> None:
    rows = [row(id="9", severity="weakness", state="closed"), row(id="8"), row(id="7", bssid=None, ssid="", channel=0)]
    lines = table(rows, NOW)
    assert [line.split()[:2] for line in lines if line] == [
        ["ID", "AGO"], ["8", "12"], ["7", "12"], ["weaknesses:"], ["ID", "AGO"], ["9", "12"],
    ]  # fmt: skip
    assert [line.split()[-1] for line in lines if line] == ["STATE", "open", "open", "weaknesses:", "STATE", "new"]
    assert table([], NOW) == ["no alert"]
    assert table(rows[:1], NOW)[0] == "no alert but weaknesses"


def test_of_many_weaknesses_a_few_are_shown() -> None:
    rows = [row(id=str(number), severity="weakness", rule="open-network") for number in range(60)]
    rows.append(row(id="60", severity="weakness", rule="wep-network"))
    lines = table(rows, NOW, few=True)
    assert [line.split()[0] for line in lines[4:]] == ["0", "1", "2", "3", "60", "and"]
    assert lines[-1] == "and 56 more of open-network: --all"
    assert len(table(rows, NOW)) == 4 + 61


def test_what_is_new() -> None:
    assert is_new(row())
    assert is_new(row(acknowledged=True))
    assert is_new(row(state="closed"))
    assert not is_new(row(state="closed", acknowledged=True))


def test_an_alert_in_words() -> None:
    text = "\n".join(explained(row(), NOW))
    for words in (
        "Something (critical, high confidence)", "It was seen.", "7 of the rule some-rule, open", "for 63 s",
        "last heard 12 s ago", "12; it takes 10 in 10 s; raised 2 times before", "channel 6, 2437 MHz, -60 to -50 dBm",
        '"home"', "02:00:00:00:00:09", "3, 4 more were not kept; whimbrel evidence 7 OUT.pcapng",
        "What it means: It means this.", "What may fool it: Geese.", "What to do: Do that.",
        "Reference: IEEE 802.11-2020, 11.3",
    ):  # fmt: skip
        assert words in text
    assert "receiver" not in text


def test_where_an_alert_was_loudest() -> None:
    place = {"latitude": -59.3293, "longitude": 18.0686, "error": 8.2, "time": NOW}
    assert "59.32930 S, 18.06860 E, ±8 m" in "\n".join(explained(row(position=place), NOW))
    assert "loudest" not in "\n".join(explained(row(), NOW))
    stream = io.BytesIO()
    write_evidence(stream, decode(Evidence, {"alert": values(position=place), "frames": [], "left_out": 0}))
    assert "Loudest at 59.32930 S, 18.06860 E, ±8 m".encode() in stream.getvalue()


def test_what_answers_can_do_no_harm() -> None:
    hostile = "\x1b[2J\u202e\n"
    texts = {name: hostile for name, value in values().items() if isinstance(value, str)}
    for name in ("severity", "bssid", "sender", "ssid_hex"):
        del texts[name]
    for line in (*explained(row(**texts), NOW), *table([row(**texts)], NOW)):
        assert line.isprintable() or not line


def test_evidence_with_its_story() -> None:
    octets = deauth(7)
    known = {"time": NOW, "freq": 2437, "rssi": -60, "noise": None, "tsft": 5, "rate": 1.0, "phy": "dsss"}
    frames = [{**known, "length": len(octets), "octets": octets.hex()}, {**known, "length": 90, "octets": octets.hex()}]
    stream = io.BytesIO()
    assert write_evidence(stream, decode(Evidence, {"alert": values(), "frames": frames, "left_out": 4})) == 2
    data = stream.getvalue()
    for words in (
        b"Something [some-rule], critical, high confidence", b"It was seen.", b"What to do: Do that.",
        b"4 frames between the first and the last ones were not kept.", b"frame 2 of 2",
    ):  # fmt: skip
        assert words in data
    first, second = (parse(127, record) for record in read(data).records)
    assert (first.time, first.freq, first.rssi, first.tsft, first.rate) == (NOW, 2437, -60, 5, 1.0)
    assert (first.cut, second.cut) == (False, True)
    assert second.length == 94


def test_a_rule_that_a_scan_cannot_meet_says_so() -> None:
    names = ("deauth-flood", "evil-twin")
    classes = tuple(cls for cls in all_detections() if cls.rule in names)
    told = {row.rule: row for row in rule_rows(classes, {}, frozenset(names), scanning=True)}
    assert [rules._on(told[name]) for name in names] == ["needs monitor mode", "on"]
    line = "Only a radio in monitor mode hears this; a scan does not."
    assert [line in [*rules.explained(told[name])] for name in names] == [True, False]
    assert not any(row.unheard for row in rule_rows(classes, {}, frozenset(names)))


def test_a_rule_and_a_network_are_explained_in_colours_on_a_terminal() -> None:
    coloured = Look(coloured=True)
    (rule,) = rule_rows(tuple(cls for cls in all_detections() if cls.rule == "deauth-flood"), {}, None)
    first, _, second, *_ = rules.explained(rule, coloured)
    name = "\x1b[1mdeauth-flood: Disconnection attack\x1b[0m"
    assert first == f"{name} (disruption, \x1b[1;31mcritical\x1b[0m, \x1b[32mon\x1b[0m)"
    assert second.startswith("\x1b[1mWhat it means\x1b[0m: ")
    assert [line.replace("\x1b[1m", "").replace("\x1b[0m", "") for line in rules.explained(rule, coloured)][2:] == [
        *rules.explained(rule)
    ][2:]
    network = NetworkRow(ssid=b"a\x1b[2J", bssids=(), channels=(), security=(), pmf=None, source="learned")
    lines = learn._lines(network, coloured)
    assert lines[0] == '\x1b[1m"a\\x1b[2J"\x1b[0m\x1b[2m (learned)\x1b[0m'
    assert lines[-1] == "  devices:       \x1b[2many\x1b[0m"
    assert learn._lines(network, Look())[-1] == "  devices:       any"
