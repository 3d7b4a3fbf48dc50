"""The room of the state: a real file system in a file, in a mount namespace of the test's own."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from whimbrel.testing import PATIENCE

ROOM = Path(__file__).resolve().parents[2] / "systemd" / "whimbrel-room"
SIZE = 24
"""MiB."""


def within(folder: Path, script: str, *, size: int = SIZE, spare: int = 1) -> subprocess.CompletedProcess[str]:
    """Run `script` where `room` is the program, `$state` the state folder and `$room` the place of the file."""
    places = {"WHIMBREL_STATE": str(folder / "state"), "WHIMBREL_ROOM": str(folder / "room")}
    sizes = {"WHIMBREL_ROOM_SIZE": str(size), "WHIMBREL_ROOM_SPARE": str(spare)}
    names = {"state": places["WHIMBREL_STATE"], "room": places["WHIMBREL_ROOM"], "ROOM": str(ROOM)}
    command = ["unshare", "--mount", "--propagation", "private", "sh", "-euc", f'room() {{ "$ROOM" "$@"; }}\n{script}']
    environment = {**os.environ, **places, **sizes, **names}
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=PATIENCE, check=False)


@pytest.fixture(autouse=True)
def _loop_devices() -> None:
    if os.geteuid() != 0 or not Path("/dev/loop-control").exists():
        pytest.skip("a file system in a file needs root and loop devices")
    if any(shutil.which(name) is None for name in ("mkfs.ext4", "unshare", "fallocate")):
        pytest.skip("e2fsprogs or util-linux is missing")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    state = tmp_path / "state"
    (state / "recordings").mkdir(parents=True)
    (state / "recordings" / "one.pcapng").write_bytes(b"frames" * 1000)
    (state / "alerts.json").write_text("{}")
    os.chown(state, 12345, 12346)
    state.chmod(0o750)
    return tmp_path


def test_the_state_moves_in_and_cannot_grow_beyond_the_room(folder: Path) -> None:
    found = within(
        folder,
        """
        room open
        stat -c '%u %g %a' "$state"
        find "$state" -type f | sort
        head -c 400M /dev/zero > "$state/flood" || echo "full: $?"
        du -sm "$state" | cut -f1
        rm "$state/flood"
        echo more > "$state/alerts.json"
        room open
        room close
        find "$state" -type f
        room open
        cat "$state/alerts.json"
        """,
    )
    assert found.returncode == 0, found.stderr
    lines = found.stdout.split("\n")
    state = folder / "state"
    assert lines[0] == "12345 12346 750"
    assert lines[1:3] == [f"{state}/alerts.json", f"{state}/recordings/one.pcapng"]
    assert lines[3].startswith("full: ")
    assert SIZE // 2 <= int(lines[4]) <= SIZE
    assert lines[5:] == ["more", ""], "beneath the room nothing is kept twice"
    assert (folder / "room" / "state.ext4").stat().st_blocks * 512 >= SIZE << 20, "it has no holes"


def test_without_space_nothing_changes(folder: Path) -> None:
    found = within(folder, 'room open || echo "no: $?"', spare=1 << 30)
    assert found.stdout == "no: 1\n"
    assert "the state stays without a bound" in found.stderr
    assert (folder / "state" / "alerts.json").read_text() == "{}"
    assert not (folder / "room" / "state.ext4").exists()


def test_what_does_not_fit_stays_where_it_is(folder: Path) -> None:
    (folder / "state" / "large").write_bytes(bytes(40 << 20))
    found = within(folder, 'room open || echo "no: $?"')
    assert found.stdout == "no: 1\n"
    assert "does not fit" in found.stderr
    assert (folder / "state" / "large").stat().st_size == 40 << 20
    assert not list((folder / "room").glob("*.ext4"))


def test_a_draft_of_a_power_cut_is_made_anew(folder: Path) -> None:
    (folder / "room").mkdir()
    (folder / "room" / "draft.ext4").write_bytes(b"half")
    found = within(folder, 'room open; cat "$state/alerts.json"')
    assert (found.returncode, found.stdout) == (0, "{}"), found.stderr


def test_a_damaged_room_is_named_and_not_used(folder: Path) -> None:
    (folder / "room").mkdir()
    (folder / "room" / "state.ext4").write_bytes(bytes(1 << 20))
    found = within(folder, 'room open || echo "no: $?"')
    assert found.stdout == "no: 1\n"
    assert "is damaged" in found.stderr
    assert (folder / "state" / "alerts.json").exists()


@pytest.mark.parametrize("missing", ["e2fsck", "mount"])
def test_what_was_written_without_the_room_is_set_aside(folder: Path, missing: str) -> None:
    """A check that finds damage, or no loop device: the daemon runs in the bare folder until the next good start."""
    failing = folder / "bin" / missing
    failing.parent.mkdir()
    failing.write_text("#!/bin/sh\nexit 4\n")
    failing.chmod(0o755)
    found = within(
        folder,
        f"""
        room open
        echo old > "$state/alerts.json"
        room close
        WHIMBREL_PATH={failing.parent} room open 2>/dev/null || echo "no: $?"
        mkdir "$state/recordings"
        echo frames > "$state/recordings/two.pcapng"
        echo new > "$state/alerts.json"
        room open
        cat "$state/alerts.json" "$state.aside-1/alerts.json" "$state.aside-1/recordings/two.pcapng"
        stat -c %a "$state.aside-1"
        room close
        ls "$state"
        echo more > "$state/.hidden"
        room open
        cat "$state.aside-2/.hidden"
        room close
        room open
        ls -d "$state".aside-*
        """,
    )
    assert found.returncode == 0, found.stderr
    state = folder / "state"
    lines = ["old", "new", "frames", "700", "more", f"{state}.aside-1", f"{state}.aside-2"]
    assert found.stdout.splitlines()[1:] == lines
    assert found.stdout.startswith("no: ")
    assert found.stderr.count("<4>") == 2
    assert f"{state}.aside-1" in found.stderr


def test_what_somebody_else_mounts_meanwhile_is_not_in_the_way(folder: Path) -> None:
    """As the room of the other service does: mounts are shared with all copies of the place that they are in."""
    find = folder / "bin" / "find"
    find.parent.mkdir()
    find.write_text(f'#!/bin/sh\necho > "{folder}/asked"\nread -r _ < "{folder}/mounted"\nexec /usr/bin/find "$@"\n')
    find.chmod(0o755)
    for name in ("asked", "mounted"):
        os.mkfifo(folder / name)
    (folder / "other").mkdir()
    found = within(
        folder,
        f"""
        mount --make-rshared /
        {{ read -r _ < "{folder}/asked"; mount -t tmpfs none "{folder}/other"; echo > "{folder}/mounted"; }} &
        WHIMBREL_PATH={find.parent} room open
        wait
        cat "$state/alerts.json"
        mountpoint -q "{folder}/other"
        umount "$state"
        find "$state" -type f
        ls "$room"
        """,
    )
    assert found.returncode == 0, found.stderr
    assert (found.stdout, found.stderr) == ("{}state.ext4\n", "")


def test_a_copying_whose_mount_failed_loses_nothing(folder: Path) -> None:
    """The room is made, and not reached in the same run: the daemon goes on in the folder that was copied."""
    failing = folder / "bin" / "mount"
    failing.parent.mkdir()
    failing.write_text(f'#!/bin/sh\ncase "$*" in *" {folder}/state") exit 32 ;; esac\nexec /usr/bin/mount "$@"\n')
    failing.chmod(0o755)
    found = within(
        folder,
        f"""
        WHIMBREL_PATH={failing.parent} room open || echo "no: $?"
        echo new > "$state/alerts.json"
        room open
        cat "$state/alerts.json" "$state.aside-1/alerts.json"
        """,
    )
    assert (found.returncode, found.stdout) == (0, "no: 32\n{}new\n"), found.stderr


def test_it_does_not_slide_beneath_a_daemon_that_runs(folder: Path) -> None:
    systemctl = folder / "bin" / "systemctl"
    systemctl.parent.mkdir()
    systemctl.write_text("#!/bin/sh\necho 123\n")
    systemctl.chmod(0o755)
    found = within(folder, f'WHIMBREL_PATH={systemctl.parent} room open || echo "no: $?"; ls "$state"')
    assert found.stdout == "no: 1\nalerts.json\nrecordings\n"
    assert "whimbrel.service runs without its room" in found.stderr
    assert not (folder / "room").exists()
