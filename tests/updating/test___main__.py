"""A start with packages on the card, without a daemon and without a partition."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from tests.updating.device import Device, device, needs_dpkg

from whimbrel.updating import __main__ as program
from whimbrel.updating import partition
from whimbrel.updating.health import DaemonHealth
from whimbrel.updating.remembering import TRYING, Pending

pytestmark = [needs_dpkg, pytest.mark.skipif(os.geteuid() != 0, reason="dpkg installs as root")]
__all__ = ["device"]


@pytest.fixture(autouse=True)
def _card(device: Device, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the real program open the partition, which is a folder here."""
    monkeypatch.setattr(partition, "_CARD", str(Path(__file__).resolve().parents[2] / "systemd/whimbrel-card"))
    monkeypatch.setitem(partition.VARIABLES, "WHIMBREL_CARD", str(device.places.card))
    monkeypatch.setitem(partition.VARIABLES, "WHIMBREL_CARD_RUN", str(device.places.state / "card"))
    allowed = device.places.settings
    allowed.parent.mkdir(parents=True)
    allowed.write_text("allow_unsigned=yes\n")


def start(device: Device) -> tuple[str, ...]:
    problems = program.run(device.places, device.dpkg, device.update, device.memory)
    partition.tell_problems(device.places, problems)
    return problems


def test_a_start_with_a_package_installs_it_and_says_so(device: Device) -> None:
    device.put("two.deb", "2.0")
    device.put("cut.deb", "3.0").write_bytes(b"!<arch>")
    (problem,) = start(device)
    assert device.version == "ii 2.0 2.0"
    told = device.places.done.read_bytes().decode()
    assert told.startswith("Whimbrel 2.0 is installed, by packages/two.deb; before, it was 1.0.\r\n")
    assert [path.name for path in device.places.packages.iterdir()] == ["cut.deb"]
    assert problem.startswith("packages/cut.deb: it is not whole")
    assert device.places.problems.read_text() == f"{problem}\n"
    (device.places.packages / "cut.deb").unlink()
    assert start(device) == ()
    assert not device.places.problems.exists()


def test_one_that_fails_is_told_in_the_same_words_at_each_start(device: Device) -> None:
    device.put("two.deb", "2.0")
    device.health = [DaemonHealth(1, ready=True), DaemonHealth(2, problem="it is ill")]
    first = start(device)
    assert "2.0 failed (it is ill), so 1.0 was put back" in first[0]
    written = device.places.problems.stat().st_mtime_ns
    assert start(device) == first
    assert device.places.problems.stat().st_mtime_ns == written, "nothing is written for it"
    assert not device.places.done.exists()


def test_an_update_that_was_cut_off_goes_on_at_the_next_start(device: Device) -> None:
    package = device.package("two.deb", "2.0")
    device.dpkg.install(package.path)
    device.places.new.write_bytes(package.path.read_bytes())
    device.memory.begin(Pending(TRYING, "two.deb", package.digest, "1.0", "2.0"))
    assert start(device) == ()
    assert device.version == "ii 2.0 2.0"
    assert not device.places.packages.joinpath("two.deb").exists()
    assert sorted(path.name for path in device.places.state.iterdir()) == []


def test_one_that_cannot_be_put_back_leaves_the_other_packages_alone(device: Device) -> None:
    package = device.package("two.deb", "2.0")
    device.memory.begin(Pending("restoring", "two.deb", package.digest, "1.0", "2.0"))
    (problem,) = start(device)
    assert "the next start tries it again" in problem
    assert device.memory.pending() is not None
    assert package.path.exists()


def test_one_that_can_never_be_put_back_gives_another_package_its_turn(device: Device) -> None:
    package = device.package("two.deb", "2.0")
    device.memory.begin(Pending("restoring", "two.deb", package.digest, "1.0", "2.0", attempts=2))
    device.put("three.deb", "3.0")
    (problem,) = start(device)
    assert problem.startswith("packages/two.deb: version 2.0 failed")
    assert device.version == "ii 3.0 3.0"
    assert device.memory.pending() is None
    assert start(device) == (problem,), "it is told as long as the file is there"


def test_a_card_that_takes_no_file_gives_the_package_away_all_the_same(device: Device) -> None:
    device.put("two.deb", "2.0")
    device.places.done.mkdir()  # what cannot be replaced, as on a full card
    (problem,) = start(device)
    assert problem.startswith("packages/two.deb: version 2.0 is installed, but done.txt cannot be written (")
    assert not list(device.places.card.rglob("*.deb"))
    assert [path.name for path in device.places.card.glob("done*")] == ["done.txt"], "nothing is left of the attempt"
    device.places.done.rmdir()
    device.put("two.deb", "2.0")
    assert start(device) == ()
    assert device.asked == [False, True] * 2, "a copy by hand is installed again"


def test_a_card_that_refuses_is_told_and_not_installed_from_again(
    device: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = device.put("two.deb", "2.0")
    refusing = device.places.root.parent / "refusing"
    refusing.write_text("#!/bin/sh\n[ $1 = close ] || { echo read-only >&2; exit 1; }\n")
    refusing.chmod(0o755)
    working = partition._CARD
    monkeypatch.setattr(partition, "_CARD", str(refusing))
    first = start(device)
    assert first == (
        "packages/two.deb: version 2.0 is installed, but the file cannot be removed: delete it (read-only)",
    )
    assert start(device) == first
    assert device.asked == [False, True], "it was installed once"
    monkeypatch.setattr(partition, "_CARD", working)
    assert start(device) == ()
    assert not package.exists()
    assert device.asked == [False, True]
    assert device.places.done.read_text().startswith("Whimbrel 2.0 is installed")


def test_another_file_of_that_name_is_judged_anew(device: Device, monkeypatch: pytest.MonkeyPatch) -> None:
    device.put("two.deb", "2.0")
    monkeypatch.setattr(program, "_remove", _refuse)
    start(device)
    monkeypatch.undo()
    (device.places.packages / "two.deb").unlink()
    device.put("two.deb", "3.0")
    monkeypatch.setattr(partition, "_CARD", "/bin/true")
    assert start(device) == ()
    assert device.version == "ii 3.0 3.0"


def test_what_cannot_even_be_begun_is_told_too(device: Device) -> None:
    (device.places.root / "var/lib/dpkg/lock-frontend").unlink(missing_ok=True)
    (device.places.root / "var/lib/dpkg/lock-frontend").mkdir()
    assert program.main(device.places) == 1
    assert device.places.problems.read_text().startswith("the update cannot be made: ")


def _refuse(*_what: object) -> None:
    raise OSError(30, "Read-only file system")
