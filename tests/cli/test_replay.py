from __future__ import annotations

import gzip
import json
import os
import random
import signal
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.capture.files import enhanced, interface, section
from tests.cli.conftest import AP, STATION, Whimbrel, beacon, deauth, environment, write_capture
from tests.lab.child import Child
from tests.lab.fresh import fresh
from tests.lab.waiting import block_until
from tests.survey import air

from whimbrel.cli import exits
from whimbrel.cli.commands.replay import read, to_json
from whimbrel.events.encode import encode
from whimbrel.testing import PATIENCE
from whimbrel.wifi.frames import Frame

HOSTILE = [
    b"a\nb",
    b"\x1b[2J\x1b]0;x\x07",
    b"nul\x00",
    "\u202eevil".encode(),
    b"\xff\xfe",
    b"\xff" * 32,
    "日本語".encode(),
]


def in_json(done: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    value = json.loads(done.stdout)["captures"]
    assert isinstance(value, list)
    return value


def test_a_table_of_what_is_in_a_capture(whimbrel: Whimbrel, tmp_path: Path) -> None:
    capture = write_capture(tmp_path / "c.pcap", [(1.0, beacon(b"home")), (2.5, deauth(7)), (2.6, deauth(7))])
    done = whimbrel("replay", capture)
    assert (done.returncode, done.stderr) == (exits.OK, "")
    lines = done.stdout.splitlines()
    assert lines[0].startswith(f"{capture}: 3 frames in 1.6 s")
    assert lines[1] == "nothing bad, but worth knowing: 1 notice, 1 weakness"
    title = next(number for number, line in enumerate(lines) if line.split()[:3] == ["BSSID", "SSID", "CH"])
    assert lines[title + 1].split()[:4] == ["02:00:00:00:00:01", "home", "6", "open"]
    assert "frames: deauthentication 2, beacon 1" in lines
    assert any(line.startswith("disconnections by reason: 7 (") for line in lines)


def test_everything_as_json(whimbrel: Whimbrel, tmp_path: Path) -> None:
    capture = write_capture(tmp_path / "c.pcap", [(1.0, beacon(b"home")), (2.5, deauth(7))])
    (value,) = in_json(whimbrel("replay", "--json", capture))
    assert value["file"] == str(capture)
    assert (value["frames"], value["malformed"], value["bad_fcs"]) == (2, 0, 0)
    assert value["subtypes"] == {"0x0008": 1, "0x000c": 1}
    assert value["disconnect_reasons"] == {"0x0007": 1}
    (row,) = value["access_points"]
    assert (row["bssid"], row["ssid_hex"], row["beacons"], row["privacy"], row["wpa1"]) == (
        AP.hex(":"), b"home".hex(), 1, False, False,
    )  # fmt: skip
    assert value["events"]["access-point-found"] == 1
    assert value["events"]["disconnected"] == 1
    assert value["problems"] == []


@pytest.mark.slow
def test_20_000_access_points_in_a_minute_take_no_more_than_64_mb(tmp_path: Path) -> None:
    """Fakes that no rule recognises: each with an own maker, clock, counter and contents, and three beacons."""
    rng = random.Random(3)
    heard: list[tuple[float, Frame]] = []
    for i in range(20_000):
        address = bytes.fromhex(rng.choice(("001122", "f4f26d", "3c84a8", "b827eb"))) + rng.randbytes(3)
        odd = air.element(221, rng.randbytes(rng.randrange(8, 60))) + air.element(45, rng.randbytes(26))
        security = rng.choice((b"", air.RSN, air.SAE, air.RSN + air.WPS))
        elements = air.element(0, b"net%d" % i) + air.RATES + air.ds(6) + air.tim() + security + odd
        clock, number = rng.randrange(1 << 40), rng.randrange(4096)
        for n in range(3):
            made = air.beacon(elements, bssid=address, tsf=clock + n * 102_400, seq=(number + n) & 0xFFF)
            heard.append((1000 + i * 0.003 + n * 0.1024, made))
    heard.sort(key=lambda one: one[0])
    records = [(at, made.raw) for at, made in heard]
    capture = write_capture(tmp_path / "c.pcap", records)
    code = (
        "import re, sys; from whimbrel.cli import main; code = main(); "
        "print(re.search(r'VmHWM:\\s+(\\d+)', open('/proc/self/status').read())[1], file=sys.stderr); sys.exit(code)"
    )
    done = fresh(code, "replay", "--json", str(capture), environment=environment())
    assert int(done.stderr.splitlines()[-1]) < 64 * 1024
    (value,) = in_json(done)
    assert value["left_out"]["access_points"] + value["made_up"] + len(value["access_points"]) >= 20_000


def test_hostile_names_forge_nothing(whimbrel: Whimbrel, tmp_path: Path) -> None:
    frames = [(1.0 + i, beacon(name, AP[:5] + bytes([i]))) for i, name in enumerate(HOSTILE)]
    capture = write_capture(tmp_path / "c.pcap", frames)
    table = whimbrel("replay", "--width", "100", capture).stdout
    assert all(line.isprintable() for line in table.split("\n"))
    assert sum(line.startswith("02:00:00:00:00:") for line in table.splitlines()) == len(HOSTILE)
    (value,) = in_json(whimbrel("replay", "--json", capture))
    assert {bytes.fromhex(row["ssid_hex"]) for row in value["access_points"]} == set(HOSTILE)


def test_a_file_that_is_cut_short_shows_what_is_whole(whimbrel: Whimbrel, tmp_path: Path) -> None:
    capture = write_capture(tmp_path / "c.pcap", [(1.0, beacon(b"home")), (2.5, deauth(7))])
    capture.write_bytes(capture.read_bytes()[:-5])
    done = whimbrel("replay", "--json", capture)
    assert done.returncode == exits.CAPTURE
    assert "damaged after 1 whole frames" in done.stderr
    (value,) = in_json(done)
    assert value["frames"] == 1
    assert len(value["damage"]) == 1


def test_files_that_cannot_be_read_do_not_stop_the_others(whimbrel: Whimbrel, tmp_path: Path) -> None:
    good = write_capture(tmp_path / "good.pcap", [(1.0, beacon(b"home"))])
    text = tmp_path / "text.pcap"
    text.write_text("no capture")
    done = whimbrel("replay", "--json", tmp_path / "none.pcap", text, tmp_path, good)
    assert done.returncode == exits.CAPTURE
    assert len(done.stderr.splitlines()) == 3
    values = in_json(done)
    assert ["error" in value for value in values] == [True, True, True, False]
    assert values[3]["frames"] == 1


def test_an_empty_capture(whimbrel: Whimbrel, tmp_path: Path) -> None:
    done = whimbrel("replay", write_capture(tmp_path / "c.pcap", []))
    assert done.returncode == exits.OK
    assert "no frame" in done.stdout


def test_a_reader_that_has_seen_enough(tmp_path: Path) -> None:
    frames = [(1.0 + 5 * i, beacon(b"x", AP[:4] + i.to_bytes(2, "big"))) for i in range(3000)]
    capture = write_capture(tmp_path / "c.pcap", frames)
    reader, writer = os.pipe()
    with Child(
        [sys.executable, "-m", "whimbrel", "replay", str(capture)],
        stdout=writer, stderr=subprocess.PIPE, env=environment(),
    ) as process:  # fmt: skip
        os.close(writer)
        os.read(reader, 100)
        os.close(reader)
        _, errors = process.communicate(timeout=PATIENCE)
    assert (process.returncode, errors) == (exits.BROKEN_PIPE, b"")


@pytest.mark.captures
def test_real_captures_agree_with_what_others_see(captures: Path) -> None:
    """Frames, kinds, reasons and probes of captures that tshark finds nothing wrong with."""
    expected = json.loads((captures / "expected.json").read_text())
    whole = {name: value for name, value in expected.items() if not value["malformed"] and not value["error"]}
    assert len(whole) > 100
    differences = []
    for name, value in whole.items():
        got = encode(to_json(read(captures / name)))
        if got["malformed"]:
            continue
        reasons = {code: number for code, number in value["disconnect_reasons"].items() if code}
        probes = {
            station: sorted("" if ssid == "<MISSING>" else ssid for ssid in names)
            for station, names in value["probe_requests"].items()
        }
        pairs = [
            (got["frames"], value["frames"]),
            (got["subtypes"], value["subtypes"]),
            (got["disconnect_reasons"], reasons),
            (got["probe_requests"], probes),
            (
                {row["bssid"]: row["beacons"] for row in got["access_points"] if row["beacons"]},
                {bssid: row["beacons"] for bssid, row in value["access_points"].items()},
            ),
        ]
        differences += [(name, ours, theirs) for ours, theirs in pairs if ours != theirs]
    assert differences == []


def flooded(path: Path) -> Path:
    flood = [(1.2 + n / 100, deauth(7)) for n in range(40)]
    return write_capture(path / "flood.pcap", [(1.0, beacon(b"home")), *flood])


def test_what_is_wrong_in_a_capture(whimbrel: Whimbrel, tmp_path: Path) -> None:
    capture = flooded(tmp_path)
    lines = whimbrel("replay", capture).stdout.splitlines()
    head = next(i for i, line in enumerate(lines) if line.split()[:1] == ["ALERT"])
    assert lines[head].split() == ["ALERT", "AT", "s", "SEVERITY", "RULE", "WHAT", "WHERE", "COUNT", "EVIDENCE"]
    told = [line.split()[4:7] for line in lines[head + 1 : head + 4]]
    assert [words[:2] for words in told] == [
        ["critical", "deauth-flood"],
        ["notice", "attack-tool"],
        ["critical", "deauth-flood"],
    ]
    assert [words[2] == "-" for words in told] == [False, True, True], "its alerts stand below an incident"
    assert any(line.startswith("weaknesses: open-network 1") for line in lines)
    (value,) = in_json(whimbrel("replay", "--json", capture))
    flood = next(alert for alert in value["alerts"] if alert["rule"] == "deauth-flood")
    assert (flood["severity"], flood["ssid_hex"], flood["count"]) == ("critical", b"home".hex(), 40)
    assert list(value["told"][flood["id"]]) == ["critical"]
    assert flood["first"] < value["told"][flood["id"]]["critical"] <= flood["last"], "told at the tenth frame"
    (incident,) = value["incidents"]
    assert (incident["title"], incident["ssid_hex"]) == (flood["title"], b"home".hex())
    assert incident["id"] == flood["incident"]
    assert flood["id"] in incident["alerts"]
    assert sorted(incident["rules"]) == ["attack-tool", "deauth-flood"]
    assert {"text", "advice", "meaning", "fooled_by", "reference", "first", "last", "frames"} <= flood.keys()


def test_the_evidence_of_a_capture_is_saved(whimbrel: Whimbrel, tmp_path: Path) -> None:
    capture, folder = flooded(tmp_path), tmp_path / "new" / "found"
    done = whimbrel("replay", "--evidence", folder, capture)
    assert (done.returncode, done.stderr) == (exits.OK, "")
    (saved,) = folder.glob("flood-*-deauth-flood.pcapng")
    found = read(saved)
    assert found.problems == []
    assert found.numbers.reasons == {7: found.numbers.frames}
    assert not list(folder.glob("*open-network*")), "what nobody attacks is no evidence"
    again = whimbrel("replay", "--evidence", folder, capture)
    assert again.returncode == exits.FAILURE
    assert "exists already; --force overwrites it" in again.stderr
    assert whimbrel("replay", "--force", "--evidence", folder, capture).returncode == exits.OK
    (tmp_path / "file").touch()
    assert whimbrel("replay", "--evidence", tmp_path / "file", capture).returncode == exits.FAILURE


def test_the_evidence_of_files_of_one_name_is_kept_apart(whimbrel: Whimbrel, tmp_path: Path) -> None:
    files = []
    for name in ("x/cap.pcap", "y/cap.pcap", "y/CAP.pcap.gz", "cap.2.pcap", ".cap.pcap"):
        files.append(tmp_path / name)
        files[-1].parent.mkdir(exist_ok=True)
        flooded(files[-1].parent).rename(files[-1])
    folder = tmp_path / "found"
    done = whimbrel("replay", "--json", "--evidence", folder, *files)
    assert (done.returncode, done.stderr) == (exits.OK, "")
    assert len(in_json(done)) == len(files)
    stems = {path.name.rpartition("-deauth-flood")[0].rpartition("-")[0] for path in folder.glob("*deauth-flood*")}
    assert stems == {"cap", "cap.2", "CAP.3", "cap.2.2", "cap.4"}


def test_no_failure_costs_the_report(whimbrel: Whimbrel, tmp_path: Path) -> None:
    first, folder = flooded(tmp_path), tmp_path / "found"
    second = write_capture(tmp_path / "second.pcap", [(1.0, beacon(b"home"))])
    whimbrel("replay", "--evidence", folder, first)
    again = whimbrel("replay", "--json", "--evidence", folder, first, second)
    assert again.returncode == exits.FAILURE
    assert [value["frames"] for value in in_json(again)] == [41, 1]
    assert any("--force overwrites it" in problem for problem in in_json(again)[0]["problems"])
    (tmp_path / "file").touch()
    nowhere = whimbrel("replay", "--json", "--evidence", tmp_path / "file", first, second)
    assert nowhere.returncode == exits.FAILURE
    assert [value["frames"] for value in in_json(nowhere)] == [41, 1]


@pytest.mark.parametrize("packed", [False, True])
def test_standard_input_is_a_capture(tmp_path: Path, packed: bool) -> None:
    content = flooded(tmp_path).read_bytes()
    done = subprocess.run(
        [sys.executable, "-m", "whimbrel", "replay", "--json", "-", "--evidence", str(tmp_path)],
        input=gzip.compress(content) if packed else content, capture_output=True, timeout=PATIENCE, check=True,
        env=environment(),
    )  # fmt: skip
    (value,) = json.loads(done.stdout)["captures"]
    assert (value["file"], value["frames"], done.stderr) == ("-", 41, b"")
    assert list(tmp_path.glob("stdin-*-deauth-flood.pcapng"))


def test_a_pipe_that_says_nothing_can_be_left(tmp_path: Path) -> None:
    read_end, write_end = os.pipe()
    with Child(
        [sys.executable, "-m", "whimbrel", "replay", "--json", str(flooded(tmp_path)), "-"],
        stdin=read_end, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment(),
    ) as process:  # fmt: skip
        os.close(read_end)
        block_until(lambda: _reads_a_pipe(process.pid), ended=lambda: process.poll() is not None)
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=PATIENCE)
        os.close(write_end)
    assert (process.returncode, errors) == (exits.INTERRUPTED, b"")
    assert [value["frames"] for value in json.loads(output)["captures"]] == [41]


def _reads_a_pipe(pid: int) -> bool:
    """Return whether the process has a thread that reads a capture besides the loop."""
    return any(_waits_in(task) in {"pipe_read", "anon_pipe_read"} for task in Path(f"/proc/{pid}/task").iterdir())


def _waits_in(task: Path) -> str:
    """Return the function of the kernel in which a thread waits, empty for one that has ended since it was listed."""
    try:
        return (task / "wchan").read_text()
    except OSError:
        return ""


def test_what_is_odd_about_a_sound_file_is_said_and_no_failure(whimbrel: Whimbrel, tmp_path: Path) -> None:
    capture = tmp_path / "mixed.pcapng"
    wifi = enhanced(beacon(b"home"), number=1)
    capture.write_bytes(section() + interface(1) + interface(105) + enhanced(b"\xff" * 60) + wifi)
    done = whimbrel("replay", "--json", capture)
    (value,) = in_json(done)
    assert (done.returncode, value["frames"], value["damage"], value["problems"]) == (exits.OK, 1, [], [])
    assert value["remarks"] == ["frames that are not Wi-Fi were left out: 1 of 1 (Ethernet)"]
    assert value["remarks"][0] in done.stderr


def test_a_channel_of_6_ghz_says_its_band_wherever_it_is_told(whimbrel: Whimbrel, tmp_path: Path) -> None:
    header = struct.pack("<BBHIBxHHbx", 0, 0, 16, 0x2A, 0, 5975, 0x140, -50)
    home = beacon(b"home").replace(b"\x03\x01\x06", b"")
    flood = [(1.2 + n / 100, header + deauth(7)) for n in range(40)]
    capture = write_capture(tmp_path / "c.pcap", [(1.0, header + home), *flood])
    done = whimbrel("replay", "--evidence", tmp_path / "found", "--width", "300", capture)
    assert done.returncode == exits.OK
    lines = done.stdout.splitlines()
    assert next(line for line in lines if line.startswith("02:00:00:00:00:01")).split()[1:3] == ["home", "6GHz:5"]
    assert any("deauth-flood" in line and '"home" ch 6GHz:5' in line for line in lines)
    (value,) = in_json(whimbrel("replay", "--json", capture))
    rows = [*value["access_points"], *value["channels"], *value["alerts"]]
    assert {(row["channel"], row["band"]) for row in rows} == {(5, "6")}
    (saved,) = (tmp_path / "found").glob("*deauth-flood*")
    assert b"channel 6GHz:5, -50 dBm" in saved.read_bytes()


def test_a_file_of_the_wrong_link_type_is_read_rightly(whimbrel: Whimbrel, tmp_path: Path) -> None:
    header = struct.pack("<BBHIBxHHbx", 0, 0, 16, 0x2A, 0, 2437, 0xA0, -50)
    capture = write_capture(tmp_path / "c.pcap", [(1.0 + n, header + beacon(b"home")) for n in range(40)])
    done = whimbrel("replay", "--json", capture)
    (value,) = in_json(done)
    assert (done.returncode, value["subtypes"]) == (exits.OK, {"0x0008": 40})
    assert {alert["rule"] for alert in value["alerts"]} <= {"open-network", "attack-tool"}
    assert "its link type looks wrong: it claims 105 (802.11), its frames are 127 (radiotap)" in done.stderr


def test_a_capture_is_judged_by_the_settings_named(whimbrel: Whimbrel, tmp_path: Path) -> None:
    settings = tmp_path / "w.yaml"
    off = "detections: {deauth-flood: {enabled: false}}"
    settings.write_text(f"modules: {{watcher: {{learned: {tmp_path}/none, access_points: 1, {off}}}}}\n")
    capture = flooded(tmp_path)
    (value,) = in_json(whimbrel("replay", "--json", "-c", settings, capture))
    assert "deauth-flood" not in {alert["rule"] for alert in value["alerts"]}
    settings.write_text("modules: {watcher: {detection: {}}}\n")
    done = whimbrel("replay", "-c", settings, capture)
    assert done.returncode == exits.SETTINGS
    assert f"{settings}:1:" in done.stderr


def test_networks_learned_on_this_machine_do_not_count(whimbrel: Whimbrel, tmp_path: Path) -> None:
    (tmp_path / "whimbrel").mkdir()
    (tmp_path / "whimbrel" / "guarded.yaml").write_text("not: right\n")
    done = whimbrel("replay", flooded(tmp_path), env={"XDG_STATE_HOME": str(tmp_path), "STATE_DIRECTORY": ""})
    assert (done.returncode, done.stderr) == (exits.OK, "")


def nonces(number: int, mic: bool) -> bytes:
    """Return message `number` of a 4-way handshake (IEEE 802.11-2020, 12.7.2), as a data frame."""
    info = {1: 0x008A, 2: 0x010A, 3: 0x13CA, 4: 0x030A}[number]
    key = struct.pack(">BHHQ", 2, info, 16, 1 if number < 3 else 2)
    nonce = bytes([number]) * 32 if number < 4 else bytes(32)
    key += nonce + bytes(16) + bytes(8) + bytes(8) + (b"\x77" * 16 if mic else bytes(16))
    data = b"\x30\x14" + bytes(20) if number in {2, 3} else b""  # which distinguishes M2 from M4
    key += struct.pack(">H", len(data)) + data
    eapol = struct.pack(">BBH", 2, 3, len(key)) + key
    from_ap = number in {1, 3}
    header = b"\x08\x02" if from_ap else b"\x08\x01"
    addresses = STATION + AP + AP if from_ap else AP + STATION + AP
    return header + b"\x00\x00" + addresses + bytes([16 * number, 0]) + b"\xaa\xaa\x03\x00\x00\x00\x88\x8e" + eapol


def test_what_matters_comes_first_and_who_shook_hands_is_told(whimbrel: Whimbrel, tmp_path: Path) -> None:
    shake = [(2.0 + n / 100, nonces(n, mic=n > 1)) for n in (1, 2, 3, 4)]
    flood = [(4.0 + n / 100, deauth(7)) for n in range(80)]
    capture = write_capture(tmp_path / "c.pcap", [(1.0, beacon(b"home")), (1.1, beacon(b"home")), *shake, *flood])
    lines = whimbrel("replay", "--width", "140", capture).stdout.splitlines()
    assert lines[1].startswith("there is an attack or an imitation: 1 critical")
    places = [
        next(number for number, line in enumerate(lines) if wanted in line)
        for wanted in ("deauth-flood", "handshakes:", "BEACONS", "frames: ")
    ]
    assert places == sorted(places)
    shaken = lines[places[1] + 2].split()
    assert shaken[:3] == [STATION.hex(":"), AP.hex(":"), "home"]
    assert shaken[3:8] == ["M1", "M2", "M3", "M4", "1"]
    (value,) = in_json(whimbrel("replay", "--json", capture))
    (row,) = value["handshakes"]
    assert (row["station"], row["bssid"], row["ssid"], row["count"]) == (STATION.hex(":"), AP.hex(":"), "home", 1)


def test_it_tells_how_far_it_is(tmp_path: Path) -> None:
    capture = write_capture(tmp_path / "c.pcap", [(1.0 + n / 1000, deauth(7)) for n in range(5000)])
    shares: list[float | None] = []
    read(capture, tell=shares.append)
    assert shares[-1] == 1.0
    known = [share for share in shares if share is not None]
    assert known == sorted(known)
    assert len(known) > 10
