from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whimbrel.config.loader import loads
from whimbrel.detections.guarded import GuardedNetwork
from whimbrel.settings import Mac, Ssid
from whimbrel.watching.guarded_file import MOST, BadFile, default_path, read, recall, text, write
from whimbrel.wifi.channels import parse_channel
from whimbrel.wifi.security import Pmf, Protection

HOME = GuardedNetwork(
    ssid=Ssid(b"Harbour House"),
    bssids=(Mac(bytes.fromhex("00005e000001")),),
    channels=(parse_channel("6"), parse_channel("36")),
    security=(Protection.WPA2_PERSONAL, Protection.parse("WPA2/WPA3-Personal")),
    pmf=Pmf.OPTIONAL,
)
NAMES = st.binary(min_size=1, max_size=32).filter(lambda name: bool(name.strip(b"\0")))


def test_what_is_written_is_read(tmp_path: Path) -> None:
    path = tmp_path / "new" / "guarded.yaml"
    assert read(path) == ()
    write(path, [HOME, GuardedNetwork(ssid=Ssid(b"\xff: #"))])
    assert read(path) == (HOME, GuardedNetwork(ssid=Ssid(b"\xff: #")))
    assert sorted(entry.name for entry in path.parent.iterdir()) == ["guarded.yaml", "guarded.yaml.good"]
    write(path, [])
    assert read(path) == ()


def test_a_person_can_read_it() -> None:
    assert text([HOME]).splitlines()[3:] == [
        "---",
        "guarded:",
        "  - ssid: Harbour House",
        '    bssids: ["00:00:5e:00:00:01"]',
        "    channels: [6, 36]",
        "    security: [WPA2-Personal, WPA2/WPA3-Personal]",
        "    pmf: optional",
        "...",
    ]


@settings(deadline=None)
@given(st.lists(NAMES, max_size=8))
def test_any_names_come_back_and_are_settings_too(tmp_path_factory: pytest.TempPathFactory, names: list[bytes]) -> None:
    networks = tuple(GuardedNetwork(ssid=Ssid(name)) for name in names)
    path = tmp_path_factory.mktemp("state") / "guarded.yaml"
    write(path, networks)
    assert read(path) == networks
    below = "".join(f"    {line}\n" for line in text(networks).splitlines() if line not in {"---", "..."})
    configuration = loads(f"modules:\n  watcher:\n{below}")
    assert configuration.modules["watcher"].guarded == networks


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("guarded:\n- bssids: []\n", ":2:3: guarded[0].ssid: expected the name of a network"),
        ("guarded:\n- ssid: " + "x" * 33, ":2:9: guarded[0].ssid: expected the name"),
        ("guarded:\n- ssid: a\n  bssids: [00:11:22]\n", ":3:12: guarded[0].bssids[0]: expected an address"),
        ("guarded:\n- ssid: a\n  pmf: required\n  security: [open]\n", ":3:3: guarded[0].pmf: expected none"),
        ("guardde: []\n", ":1:1: guardde: expected a setting"),
        ("guarded: [\n", "expected"),
        ("guarded:\n- {}\n- {}\n", "(and 1 more mistakes)"),
        ("just words\n", "expected settings by name"),
    ],
)
def test_a_mistake_is_told_with_its_line(content: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "guarded.yaml"
    path.write_text(content)
    with pytest.raises(BadFile) as refused:
        read(path)
    assert str(refused.value).startswith(str(path))
    assert said in str(refused.value)


def test_a_file_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match="irectory"):
        read(tmp_path)
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(BadFile, match="UTF-8"):
        read(tmp_path / "binary")
    assert read(Path(os.devnull)) == ()


def test_what_cannot_be_written_is_told_and_what_was_there_stays(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(BadFile, match="cannot write"):
        write(tmp_path / "file" / "guarded.yaml", [HOME])
    path = tmp_path / "guarded.yaml"
    write(path, [HOME])
    with pytest.raises(BadFile, match="at most"):
        write(path, [HOME] * (MOST + 1))
    assert read(path) == (HOME,)


def test_a_failure_half_way_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "guarded.yaml"
    write(path, [HOME])

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(BadFile, match="No space left"):
        write(path, [])
    assert read(path) == (HOME,)
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["guarded.yaml", "guarded.yaml.good"]


def test_a_link_stays_one(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    link = tmp_path / "link.yaml"
    link.symlink_to(tmp_path / "real" / "guarded.yaml")
    write(link, [HOME])
    assert link.is_symlink()
    assert read(tmp_path / "real" / "guarded.yaml") == (HOME,)


def test_where_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STATE_DIRECTORY", "/var/lib/whimbrel:/var/lib/other")
    assert default_path() == Path("/var/lib/whimbrel/guarded.yaml")
    monkeypatch.delenv("STATE_DIRECTORY")
    monkeypatch.setenv("XDG_STATE_HOME", "/state")
    assert default_path() == Path("/state/whimbrel/guarded.yaml")
    monkeypatch.setenv("XDG_STATE_HOME", "relative")
    monkeypatch.setenv("HOME", "/home/somebody")
    assert default_path() == Path("/home/somebody/.local/state/whimbrel/guarded.yaml")


@pytest.mark.parametrize("content", ["", "\n", "# only a comment\n", "---\nguarded:\n", "guarded", "\0" * 512])
def test_what_was_cut_leaves_what_was_last_right(tmp_path: Path, content: str) -> None:
    path = tmp_path / "guarded.yaml"
    write(path, [HOME])
    path.write_text(content)
    value, problem = recall(path)
    assert value == (HOME,)
    assert str(path) in problem
    with pytest.raises(BadFile):
        read(path)
    write(path, [])
    assert recall(path) == ((), "")


def test_every_cut_of_the_file_is_known_as_one(tmp_path: Path) -> None:
    path = tmp_path / "guarded.yaml"
    write(path, [HOME, GuardedNetwork(ssid=Ssid(b"second"))])
    whole = path.read_text()
    for end in range(len(whole) - len("\n")):
        path.write_text(whole[:end])
        assert recall(path).problem, whole[:end]
        assert len(recall(path).value or ()) == 2


def test_a_file_that_is_gone_leaves_what_was_last_right_and_is_written_anew(tmp_path: Path) -> None:
    path = tmp_path / "guarded.yaml"
    write(path, [HOME])
    path.unlink()
    assert recall(path) == ((HOME,), f"{path}: it is gone")
    assert read(path) == (HOME,)


def test_a_pipe_is_refused_at_once(tmp_path: Path) -> None:
    path = tmp_path / "guarded.yaml"
    os.mkfifo(path)
    assert recall(path) == (None, f"{path}: it is no regular file")
