"""With dpkg itself, on a system of the test's own."""

from __future__ import annotations

import os
from typing import Any

import pytest
from tests.updating.device import Device, build, device, needs_dpkg

from whimbrel.updating import keeping
from whimbrel.updating import update as update_module
from whimbrel.updating.health import DaemonHealth
from whimbrel.updating.remembering import INSTALLING, RESTORING, TRYING, Pending
from whimbrel.updating.update import Update

pytestmark = [needs_dpkg, pytest.mark.skipif(os.geteuid() != 0, reason="dpkg installs as root")]
__all__ = ["device"]
ILL = DaemonHealth(2, problem="its daemon did not become ready within 300 s: it does not answer")


def test_a_package_is_installed_and_the_daemon_waited_for(device: Device) -> None:
    done = device.update.begin(device.package("two.deb", "2.0"))
    assert (done.installed, done.old, done.new, done.problem) == (True, "1.0", "2.0", "")
    assert device.version == "ii 2.0 2.0"
    assert device.asked == [False, True], "it was ready before, and has to be after"
    assert device.memory.pending() is None
    assert not device.places.new.exists()
    assert device.places.old.exists(), "to go back by hand"


def test_a_daemon_that_only_waited_before_may_go_on_waiting(device: Device) -> None:
    device.health = [DaemonHealth(1, ready=False), DaemonHealth(2)]
    assert device.update.begin(device.package("two.deb", "2.0")).installed
    assert device.asked == [False, False]


def test_a_version_without_a_daemon_gives_way_to_one_that_had_it(device: Device) -> None:
    def check(*_: object) -> DaemonHealth:
        """Find the new package's daemon missing: asked again, nothing would be expected of it."""
        device.expected = False
        return device.health.pop(0)

    device.health = [DaemonHealth(1, ready=True), ILL, DaemonHealth(1, ready=True)]
    update = Update(device.places, device.dpkg, device.memory, check, lambda: device.expected)
    assert "so 1.0 was put back" in update.begin(device.package("two.deb", "2.0")).problem
    assert device.version == "ii 1.0 1.0"


def test_where_there_was_no_daemon_none_is_waited_for(device: Device) -> None:
    device.expected = False
    assert device.update.begin(device.package("two.deb", "2.0")).installed
    assert device.asked == []


def test_a_daemon_has_its_time_after_each_installation(device: Device) -> None:
    device.health = [DaemonHealth(1), ILL]
    device.update.begin(device.package("two.deb", "2.0"))
    assert device.patience == [update_module._BEFORE, update_module._AFTER, update_module._AFTER]
    assert device.update.resume(_cut_off(device, stage=TRYING)).installed
    assert device.patience[3:] == [update_module._AFTER]


def test_a_version_whose_daemon_does_not_run_gives_way_to_the_old_one(device: Device) -> None:
    device.health = [DaemonHealth(1, ready=True), ILL]
    package = device.package("two.deb", "2.0")
    done = device.update.begin(package)
    assert not done.installed
    assert done.problem.startswith(f"version 2.0 failed ({ILL.problem}), so 1.0 was put back")
    assert device.version == "ii 1.0 1.0"
    assert device.memory.pending() is None
    (tried,) = device.memory.tried()
    assert (tried.digest, tried.name) == (package.digest, "two.deb")


def test_an_old_version_that_does_not_run_either_is_told(device: Device) -> None:
    device.health = [DaemonHealth(1, ready=True), ILL, ILL]
    assert f"; of that, too, {ILL.problem}" in device.update.begin(device.package("two.deb", "2.0")).problem


def test_a_package_that_needs_another_one_changes_nothing(device: Device) -> None:
    done = device.update.begin(device.package("two.deb", "2.0", Depends="libnowhere (>= 2)"))
    assert "it needs what this device does not have: libnowhere (>= 2)" in done.problem
    assert device.version == "ii 1.0 1.0"
    assert device.memory.pending() is None


def test_a_package_that_was_cut_off_before_is_named_with_its_remedy(device: Device) -> None:
    done = device.dpkg.install(build(device.places.root.parent / "wren.deb", "1.0", Package="wren"))
    assert not done.status
    status = device.places.root / "var/lib/dpkg/status"
    text = status.read_text()
    head, tail = text.split("Package: wren\n")
    status.write_text(head + "Package: wren\n" + tail.replace("ok installed", "reinstreq half-installed", 1))
    told = device.update.begin(device.package("two.deb", "2.0")).problem
    assert told.startswith("the package wren of this system was cut off while it was installed: connect the device to")
    assert "apt install --reinstall wren" in told
    assert told.endswith("version 1.0 stays")


def test_a_card_without_room_is_told_before_anything_is_written(
    device: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = device.update.begin(device.package("two.deb", "2.0", **{"Installed-Size": "9999999999"}))
    assert "there is no room for it" in done.problem
    assert not device.places.new.exists()


@pytest.mark.parametrize("stage", [INSTALLING, TRYING])
@pytest.mark.parametrize("done_already", [False, True])
def test_one_that_was_cut_off_goes_on_and_the_second_time_back(device: Device, stage: str, done_already: bool) -> None:
    pending = _cut_off(device, stage=stage)
    if done_already or stage == TRYING:
        device.dpkg.install(device.places.new)
    assert device.update.resume(pending).installed
    assert device.version == "ii 2.0 2.0"
    pending = _cut_off(device, stage=stage, old="2.0", new="3.0", attempts=2)
    done = device.update.resume(pending)
    assert "3.0 failed (the device went off 2 times" in done.problem
    assert device.version == "ii 2.0 2.0"


def test_one_that_was_cut_off_while_it_was_put_back_is_put_back(device: Device) -> None:
    pending = _cut_off(device, stage=RESTORING, attempts=7, reason="of a test")
    device.dpkg.install(device.places.new)
    done = device.update.resume(pending)
    assert "version 2.0 failed (of a test), so 1.0 was put back" in done.problem
    assert device.version == "ii 1.0 1.0"


def test_one_that_cannot_be_put_back_is_tried_again_at_the_next_start(device: Device) -> None:
    pending = _cut_off(device, stage=RESTORING)
    device.places.old.write_bytes(b"spoiled")
    done = device.update.resume(pending)
    assert "the next start tries it again" in done.problem
    found = device.memory.pending()
    assert found is not None
    assert found.stage == RESTORING


def test_one_that_can_never_be_put_back_comes_to_an_end(device: Device) -> None:
    pending: Pending | None = _cut_off(device, stage=RESTORING, attempts=0, reason="of a test")
    device.places.old.write_bytes(b"spoiled")
    starts = 0
    while pending:
        starts += 1
        problem = device.update.resume(pending).problem
        assert starts < 10
        pending = device.memory.pending()
    assert starts == 3
    assert "1.0 cannot be put back (" in problem
    assert problem.endswith("put another version into packages, or write the image to the card anew")
    assert [each.problem for each in device.memory.tried()] == [problem]


def test_a_cut_at_any_moment_leaves_a_version_that_is_whole(device: Device, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every call that the update makes is the last one, once; the next start goes on."""
    package = device.package("two.deb", "2.0")
    for number in range(1, 100):
        left = _cut_at(device, monkeypatch, number)
        try:
            device.update.begin(package)
        except _Cut:
            monkeypatch.undo()
            if pending := device.memory.pending():
                assert device.update.resume(pending).installed
            update_module.clean(device.places)
            assert device.version in {"ii 1.0 1.0", "ii 2.0 2.0"}
        else:
            monkeypatch.undo()
            assert left() > 0, "it came to its end"
            break
        assert device.memory.pending() is None
        device.dpkg.install(device.places.root.parent / "one.deb")
    assert number > 5
    assert device.version == "ii 2.0 2.0"


class _Cut(BaseException):
    pass


def _cut_at(device: Device, monkeypatch: pytest.MonkeyPatch, number: int) -> Any:
    """Have the `number`-th call of those that change something not happen, nor anything after it."""
    left = [number]

    def counted(real: Any) -> Any:
        def call(*args: Any, **more: Any) -> Any:
            left[0] -= 1
            if left[0] <= 0:
                raise _Cut
            return real(*args, **more)

        return call

    for place, name in (
        (keeping, "stage"), (keeping, "keep"), (keeping, "keep_program"),
        (type(device.dpkg), "install"), (type(device.memory), "begin"), (type(device.memory), "end"),
    ):  # fmt: skip
        monkeypatch.setattr(place, name, counted(getattr(place, name)))
    return lambda: left[0]


def _cut_off(device: Device, *, stage: str, old: str = "1.0", new: str = "2.0", **more: Any) -> Pending:
    """Leave an update as a power cut does, with both packages kept."""
    package = device.package(f"{new}.deb", new)
    package.path.rename(device.places.new)
    keeping.keep("whimbrel", device.places.root, device.places.old)
    return Pending(stage, f"{new}.deb", package.digest, old, new, **{"attempts": 1, **more})
