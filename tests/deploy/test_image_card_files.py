"""What explains Whimbrel on the boot partition: put there by the image, renewed after an update, never the owner's."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from tools.packaging import settings

from whimbrel.config import load
from whimbrel.testing import PATIENCE

PROJECT = Path(__file__).resolve().parents[2]
SCRIPT = PROJECT / "deploy/image/root/usr/lib/whimbrel-image/card-files"
HATS = [path.name for path in (PROJECT / "config").glob("*-*.yaml") if "demo" not in path.stem]
pytestmark = pytest.mark.skipif(
    not all(map(shutil.which, ("bash", "mountpoint"))), reason="bash or mountpoint is missing"
)


class Partition:
    """A boot partition, and a device with the package."""

    def __init__(self, folder: Path) -> None:
        self.boot, self.share, self.state = folder / "boot", folder / "share", folder / "state"
        self.calls = folder / "calls"
        self.card = folder / "card"
        self.card.write_text(f'#!/bin/sh\necho "$@" >> {self.calls}\n')
        self.card.chmod(0o755)
        for made in (self.boot, self.share / "card", self.share / "settings"):
            made.mkdir(parents=True)
        for name in ("README.txt", "MANUAL.txt"):
            shutil.copy(PROJECT / "deploy/image/boot" / name, self.share / "card")
        (self.share / "settings/whimbrel.yaml").write_text(settings.settings())
        for name in HATS:
            text = (PROJECT / "config" / name).read_text()
            (self.share / "settings" / name).write_text(settings.with_recovery(text))

    def renew(self, *, fails: bool = False) -> str:
        """Run the script and return what the journal gets."""
        names = ("boot", "share", "state")
        environment = {f"WHIMBREL_{name.upper()}": str(getattr(self, name)) for name in names}
        done = subprocess.run(
            ["bash", SCRIPT], env=os.environ | environment | {"WHIMBREL_CARD_PROGRAM": str(self.card)},
            capture_output=True, text=True, timeout=PATIENCE, check=False,
        )  # fmt: skip
        assert bool(done.returncode) is fails, done.stderr
        return done.stderr

    def read(self, name: str) -> str:
        return (self.boot / name).read_bytes().decode()

    @property
    def opened(self) -> list[str]:
        """How the partition was opened and closed."""
        return self.calls.read_text().splitlines() if self.calls.exists() else []


@pytest.fixture
def partition(tmp_path: Path) -> Partition:
    partition = Partition(tmp_path)
    partition.renew()
    return partition


def test_everything_is_put_there_as_the_package_has_it(partition: Partition) -> None:
    assert {path.name for path in (partition.boot / "hats").iterdir()} == set(HATS)
    for name in ("reference.yaml", *(f"hats/{hat}" for hat in HATS)):
        read = load(partition.boot / name, whole=True)
        assert read.modules["sniffer"].recovery.command == ("touch", "/run/whimbrel/recover"), name
        assert partition.read(name).count("\r\n") == partition.read(name).count("\n")
    assert partition.read("MANUAL.txt").startswith("Whimbrel in one page\r\n")
    assert partition.read("README.txt").startswith("Whimbrel: what you may change")
    assert partition.opened == ["open files", "close files"]
    assert (partition.state / "card-files").exists(), "the unit would do it again at each start"


def test_what_is_there_already_is_not_written(partition: Partition) -> None:
    partition.renew()
    assert partition.opened == ["open files", "close files"]


def test_an_update_renews_what_its_owner_has_left_alone(partition: Partition) -> None:
    hat, other, third = (f"hats/{name}" for name in HATS[:3])
    (partition.boot / other).write_text("mine\n")
    (partition.boot / third).unlink()
    for name in (hat, other, third):
        with (partition.share / "settings" / Path(name).name).open("a") as file:
            file.write("# new\n")
    (partition.share / "settings/brand-new.yaml").write_text("---\n...\n")
    (partition.share / "card/MANUAL.txt").write_text("The second manual\n")
    for _ in range(2):
        partition.renew()
        assert partition.read(hat).endswith("# new\r\n")
        assert partition.read(other) == "mine\n"
        assert not (partition.boot / third).exists(), "what its owner has removed stays away"
        assert partition.read("hats/brand-new.yaml") == "---\r\n...\r\n"
        assert partition.read("MANUAL.txt") == "The second manual\r\n"
    assert len(partition.opened) == 4, "the second time nothing was to be written"
    assert not list(partition.boot.rglob("*.new"))


def test_what_lay_there_before_the_first_time_is_its_owners(tmp_path: Path) -> None:
    partition = Partition(tmp_path)
    (partition.boot / "MANUAL.txt").write_text("mine\n")
    partition.renew()
    assert partition.read("MANUAL.txt") == "mine\n"


def test_a_full_partition_is_told_closed_and_tried_again(partition: Partition, tmp_path: Path) -> None:
    programs = tmp_path / "programs"
    programs.mkdir()
    sync = programs / "sync"
    sync.write_text('#!/bin/sh\necho "sync: No space left on device" >&2\nexit 1\n')
    sync.chmod(0o755)
    (partition.state / "card-files").unlink()
    (partition.share / "card/MANUAL.txt").write_text("The second manual\n")
    before = os.environ["PATH"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", f"{programs}:{before}")
        assert "No space left" in partition.renew(fails=True)
    assert partition.read("MANUAL.txt").startswith("Whimbrel in one page"), "the old one is whole"
    assert not list(partition.boot.rglob("*.new"))
    assert partition.opened[2:] == ["open files", "close files"]
    assert not (partition.state / "card-files").exists()
    partition.renew()
    assert partition.read("MANUAL.txt") == "The second manual\r\n"
