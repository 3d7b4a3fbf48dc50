"""``survey``: selection, order, and the full screen, on a daemon that has heard a few networks."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.cli.conftest import Whimbrel, answer, beacon, deauth, environment, still_running, write_capture
from tests.lab.child import Child
from tests.lab.terminal import Terminal
from tests.lab.waiting import block_until
from tools.screenshots import scene

from whimbrel.cli import exits
from whimbrel.cli.survey_choice import ORDERS, SurveyChoice, parse_security
from whimbrel.cli.survey_screen import Picture, draw, rows_of
from whimbrel.rows import AccessPointRow
from whimbrel.testing import PATIENCE
from whimbrel.verbs.air import SurveyRows
from whimbrel.verbs.alerts import Alerts
from whimbrel.wifi.channels import parse_channel
from whimbrel.wifi.security import Protection
from whimbrel.wording.tables import text_width

SETTINGS = """
modules:
  sniffer: {{source: pcap, tuner: none, pcap: {{files: [{folder}/c.pcap], speed: 1}}}}
  watcher: {{remembered: /dev/null}}
  logger:
  control: {{socket: {folder}/s}}
"""


def made() -> SurveyRows:
    """Return the survey of a scene with nine networks and six stations."""
    air = scene.usual().air
    assert air is not None
    return SurveyRows(time=scene.NOW, totals=air.totals, access_points=air.access_points, stations=air.stations)


def names(survey: SurveyRows) -> list[str]:
    return [row.ssid.decode() for row in survey.access_points]


def test_the_strongest_comes_first() -> None:
    levels = [row.rssi.max for row in SurveyChoice().of(made()).access_points]
    assert levels == sorted(levels, key=lambda level: -(level or -1000))


@pytest.mark.parametrize("order", ORDERS)
def test_sorting_loses_nobody(order: str) -> None:
    assert sorted(names(SurveyChoice(sort=order).of(made()))) == sorted(names(made()))


def test_sorting_by_what_is_asked_for() -> None:
    by = {order: SurveyChoice(sort=order).of(made()).access_points for order in ORDERS}
    assert [row.stations for row in by["stations"]] == sorted(row.stations for row in made().access_points)[::-1]
    assert [row.freq for row in by["channel"]] == sorted(row.freq for row in made().access_points)
    assert names(SurveyRows(time=0.0, totals=made().totals, access_points=by["name"]))[0] == "boat-yard"


@pytest.mark.parametrize(
    ("word", "taken", "left"),
    [
        ("open", Protection.OWE_TRANSITION, Protection.OWE),
        ("OWE", Protection.OWE, Protection.OWE_TRANSITION),
        ("WPA", Protection.WPA_PERSONAL | Protection.WPA2_PERSONAL, Protection.WPA2_PERSONAL),
        ("wpa2", Protection.WPA2_ENTERPRISE, Protection.WPA3_ENTERPRISE),
        ("WPA3", Protection.WPA3_ENTERPRISE_192, Protection.WPA2_PERSONAL),
        ("personal", Protection.WPA3_PERSONAL, Protection.WPA3_ENTERPRISE),
        ("Enterprise", Protection.WPA_ENTERPRISE, Protection.WPA2_PERSONAL),
        ("WPA2-Personal", Protection.WPA2_PERSONAL | Protection.WPA3_PERSONAL, Protection.WPA3_PERSONAL),
        ("WPA2/WPA3-Personal", Protection.WPA3_PERSONAL, Protection.OPEN),
    ],
)
def test_choosing_by_security(word: str, taken: Protection, left: Protection) -> None:
    first, second, *_ = made().access_points
    survey = made().replace(access_points=(first.replace(security=taken), second.replace(security=left)))
    assert [row.security for row in SurveyChoice(security=parse_security(word)).of(survey).access_points] == [taken]


@pytest.mark.parametrize("way", Protection, ids=str)
def test_every_way_in_can_be_chosen(way: Protection) -> None:
    assert way in parse_security(str(way))


def test_a_security_that_there_is_not() -> None:
    with pytest.raises(ValueError, match=r"found 'enterprize' \(did you mean Enterprise"):
        parse_security("enterprize")


@pytest.mark.parametrize(
    ("choice", "found"),
    [
        (SurveyChoice(band="6"), ["Tide Gauge 3"]),
        (SurveyChoice(channel=parse_channel("6")), ["Harbour House", "DIRECT-7f-LaserJet"]),
        (SurveyChoice(channel=parse_channel("6GHz:37")), ["Tide Gauge 3"]),
        (SurveyChoice(ssid="HARBOUR h"), ["Harbour House", "Harbour House"]),
        (SurveyChoice(security=parse_security("wep")), ["boat-yard"]),
        (SurveyChoice(security=parse_security("open"), band="5"), []),
        (SurveyChoice(stations_of="eduroam"), ["eduroam"]),
        (SurveyChoice(stations_of="02-00-5E-10-00-07"), ["boat-yard"]),
    ],
)
def test_choosing(choice: SurveyChoice, found: list[str]) -> None:
    chosen = choice.of(made())
    assert names(chosen) == found
    assert {row.bssid for row in chosen.stations} <= {row.bssid for row in chosen.access_points}


def test_the_stations_of_an_access_point_that_is_gone() -> None:
    survey = made()
    left = survey.replace(access_points=())
    chosen = SurveyChoice(stations_of=survey.access_points[0].bssid.hex(":")).of(left)
    assert len(chosen.stations) == len([row for row in survey.stations if row.bssid == survey.access_points[0].bssid])
    assert chosen.stations


def picture(survey: SurveyRows) -> Picture:
    return Picture("hopping", survey, Alerts(time=scene.NOW, alerts=(), incidents=()), "signal")


def many(number: int) -> SurveyRows:
    one: AccessPointRow = made().access_points[0]
    return made().replace(
        access_points=tuple(one.replace(ssid=b"%d" % n, bssid=n.to_bytes(6, "big")) for n in range(number))
    )


@pytest.mark.parametrize(("columns", "rows"), [(40, 10), (80, 24), (132, 50)])
@pytest.mark.parametrize("survey", [made(), many(0), many(200)])
def test_a_screen_has_the_size_of_its_terminal(columns: int, rows: int, survey: SurveyRows) -> None:
    lines = draw(picture(survey), columns, rows)
    assert len(lines) == rows
    assert all(text_width("".join(span.text for span in line)) <= columns for line in lines)


def test_a_screen_that_is_too_small_can_be_moved() -> None:
    shown = picture(many(50))
    points, _ = rows_of(shown, 24)
    text = ["".join(span.text for span in line) for line in draw(shown, 100, 24, first=10)]
    assert [line.split()[1] for line in text[3 : 3 + points]] == [str(n) for n in range(10, 10 + points)]
    assert f"11 to {10 + points} of 50 access points" in text[-1]
    last = ["".join(span.text for span in line) for line in draw(shown, 100, 24, first=10**6)]
    assert last[2 + points].split()[1] == "49"


@pytest.fixture(scope="module")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Run a daemon that has heard two networks and a flood, and waits for the next frame; return its socket."""
    folder = tmp_path_factory.mktemp("survey")
    other = bytes.fromhex("020000000099")
    flood = [(2.0 + n / 100, deauth(7)) for n in range(60)]
    frames = [(1.0, beacon(b"home")), (1.1, beacon(b"home")), (1.2, beacon(b"other", other)), *flood]
    write_capture(folder / "c.pcap", [*frames, (1800.0, deauth(7))])
    (folder / "w.yaml").write_text(SETTINGS.format(folder=folder))
    command = [sys.executable, "-m", "whimbrel", "run", "--config", str(folder / "w.yaml")]
    with (folder / "log").open("w") as log, Child(command, stderr=log, env=environment()) as process:
        try:
            block_until(
                lambda: "deauth-flood" in str(answer(folder / "s", "alerts")),
                "the alert",
                ended=still_running(process, folder / "log"),
                every=0.05,
            )
            yield folder / "s"
        finally:
            process.terminate()
            process.wait(PATIENCE)


@pytest.mark.process
def test_choosing_on_the_command_line(whimbrel: Whimbrel, daemon: Path) -> None:
    done = whimbrel("survey", "--ssid", "OTH", "-s", daemon)
    assert "other" in done.stdout
    assert "home" not in done.stdout
    assert "1 more access points were not selected" in done.stdout
    rows = json.loads(whimbrel("survey", "--json", "--sort", "name", "-s", daemon).stdout)["access_points"]
    assert [row["ssid"] for row in rows] == ["home", "other"]
    wrong = whimbrel("survey", "--channel", "7000", "-s", daemon)
    assert wrong.returncode == exits.USAGE
    assert "7000" in wrong.stderr


@pytest.mark.process
def test_watching_needs_a_terminal(whimbrel: Whimbrel, daemon: Path) -> None:
    done = whimbrel("survey", "--watch", "-s", daemon)
    assert done.returncode == exits.USAGE
    assert "needs a terminal" in done.stderr


def watching(daemon: Path, terminal: Terminal, **more: str) -> subprocess.Popen[Any]:
    return Child(
        [sys.executable, "-m", "whimbrel", "survey", "--watch", "-s", str(daemon)],
        stdin=terminal.slave, stdout=terminal.slave, stderr=subprocess.PIPE,
        env=environment(**{"TERM": "linux"} | more), start_new_session=True,
    )  # fmt: skip


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    terminal = Terminal(100, 24)
    yield terminal
    terminal.close()


@pytest.mark.process
def test_watching(daemon: Path, terminal: Terminal) -> None:
    with watching(daemon, terminal) as process:
        block_until(lambda: "s sorts (by signal)" in terminal.rows()[23], "the keys", every=0.05)
        rows = terminal.rows()
        assert "Disconnection attack" in rows[1]
        assert '"home"' in rows[1]
        assert {row.split()[1] for row in rows[3:5]} == {"home", "other"}
        colours = {terminal.screen.buffer[3][column].fg for column in range(100)}
        assert "red" in colours  # an open network
        os.write(terminal.master, b"s")
        block_until(lambda: "s sorts (by name)" in terminal.rows()[23], "the other order", every=0.05)
        terminal.resize(60, 12)
        process.send_signal(signal.SIGWINCH)
        block_until(lambda: "s sorts" in terminal.rows()[11], "the smaller screen", every=0.05)
        os.write(terminal.master, b"q")
        assert process.wait(PATIENCE) == exits.OK


@pytest.mark.process
def test_watching_without_colours(daemon: Path, terminal: Terminal) -> None:
    with watching(daemon, terminal, NO_COLOR="1") as process:
        block_until(lambda: "s sorts" in terminal.rows()[23], "the keys", every=0.05)
        colours = {cell.fg for row in terminal.screen.buffer.values() for cell in row.values()}
        assert colours <= {"default", "white"}
        os.write(terminal.master, b"q")
        assert process.wait(PATIENCE) == exits.OK


@pytest.mark.process
def test_watching_in_no_terminal_of_this_world(daemon: Path, terminal: Terminal) -> None:
    with watching(daemon, terminal, TERMINFO="/nonexistent", TERM="nonesuch") as process:
        _, errors = process.communicate(timeout=PATIENCE)
    assert process.returncode == exits.USAGE
    assert b"TERM=nonesuch" in errors
