from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
from tests.cli.conftest import Whimbrel, beacon, deauth, write_capture

from whimbrel.cli import exits, main
from whimbrel.cli.commands.dissect import _style
from whimbrel.wording.styles import Style


@pytest.fixture
def capture(tmp_path: Path) -> Path:
    return write_capture(tmp_path / "c.pcap", [(1.0, beacon(b"home\x1b[2J")), (2.5, deauth(7))])


def test_a_frame_as_we_and_as_scapy_read_it(whimbrel: Whimbrel, capture: Path) -> None:
    done = whimbrel("dissect", capture, "1")
    assert (done.returncode, done.stderr) == (exits.OK, "")
    ours, scapys = done.stdout.split("as scapy reads it:")
    assert "bssid: 02:00:00:00:00:01" in ours
    assert "kind: beacon" in ours
    assert "802.11 Beacon" in scapys
    assert "home" in scapys
    assert "\x1b" not in done.stdout


def test_frames_are_counted_from_one(whimbrel: Whimbrel, capture: Path) -> None:
    assert "kind: deauthentication" in whimbrel("dissect", capture, "2").stdout
    for number, complaint in (("3", "has 2 frames, and no number 3"), ("0", "counted from 1")):
        done = whimbrel("dissect", capture, number)
        assert done.returncode == exits.USAGE
        assert complaint in done.stderr


def test_what_cannot_be_read_is_one_line(whimbrel: Whimbrel, capture: Path, tmp_path: Path) -> None:
    done = whimbrel("dissect", tmp_path / "nothing.pcap", "1")
    assert (done.returncode, done.stderr.count("\n")) == (exits.CAPTURE, 1)
    capture.write_bytes(capture.read_bytes()[:-3])
    done = whimbrel("dissect", capture, "2")
    assert (done.returncode, done.stderr.count("\n")) == (exits.CAPTURE, 1)
    assert "cut short" in done.stderr


def test_on_a_terminal_headings_and_faults_stand_out(
    capture: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    assert main(["dissect", str(capture), "1"]) == exits.OK
    told = capsys.readouterr().out
    assert "\x1b[1mas whimbrel reads it:\x1b[0m" in told
    assert re.search(r"\x1b\[1m *#+\[ ", told)
    monkeypatch.setenv("NO_COLOR", "1")
    assert main(["dissect", str(capture), "1"]) == exits.OK
    assert "\x1b" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("line", "style"),
    [
        ("  malformed: cut", Style.BAD), ("scapy cannot read it: X", Style.BAD), ("###[ RadioTap ]###", Style.STRONG),
        ("     |###[ 802.11 Information Element ]###", Style.STRONG), ("  kind: beacon", Style.PLAIN),
    ],
)  # fmt: skip
def test_the_style_of_a_line(line: str, style: Style) -> None:
    assert _style(line) is style
