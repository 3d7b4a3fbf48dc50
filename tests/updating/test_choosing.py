from __future__ import annotations

from pathlib import Path

import pytest
from tests.updating.device import Device, device, needs_dpkg

from whimbrel.updating import choosing
from whimbrel.updating.choosing import Choice
from whimbrel.updating.package_file import digest
from whimbrel.updating.remembering import Tried
from whimbrel.updating.settings import UpdateSettings

pytestmark = needs_dpkg
__all__ = ["device"]
UNSIGNED = UpdateSettings(allow_unsigned=True)


def choose(device: Device, allowed: UpdateSettings = UNSIGNED, tried: list[Tried] | None = None) -> Choice:
    there = device.dpkg.installed("whimbrel")
    found = choosing.found(device.places)
    return choosing.choose(found, there, tried or [], allowed, device.places, device.dpkg)


def test_without_packages_there_is_nothing_to_do(device: Device) -> None:
    assert choose(device) == Choice(None, ())
    device.places.packages.rmdir()
    assert choose(device) == Choice(None, ())


def test_the_newest_is_chosen_by_dpkg_s_own_order(device: Device) -> None:
    for number, version in enumerate(("1.9", "1.10~rc1", "1.10", "1.2")):
        device.put(f"{number}.deb", version)
    chosen = choose(device)
    assert chosen.package is not None
    assert chosen.package.version == "1.10"
    assert len(chosen.problems) == 3
    assert all("2.deb beside it is newer" in problem for problem in chosen.problems)


@pytest.mark.parametrize(
    ("version", "fields", "told"),
    [
        ("2.0", {"Package": "bash"}, "it is the package bash, and only whimbrel"),
        ("2.0", {"Architecture": "s390x"}, "it is for s390x"),
        ("0.9", {}, "older than the 1.0 that runs: write allow_downgrade=yes into device.txt"),
        ("1.0~rc1", {}, "older than the 1.0"),
    ],
)
def test_what_is_not_for_this_device_is_named(device: Device, version: str, fields: dict[str, str], told: str) -> None:
    device.put("it.deb", version, **fields)
    chosen = choose(device)
    assert chosen.package is None
    (problem,) = chosen.problems
    assert problem.startswith("packages/it.deb: ")
    assert told in problem


def test_what_the_owner_allows_is_taken(device: Device) -> None:
    device.put("it.deb", "0.9")
    assert choose(device, UpdateSettings(allow_unsigned=True, allow_downgrade=True)).package is not None
    assert "no signature" in choose(device, UpdateSettings(allow_downgrade=True)).problems[0]
    device.put("same.deb", "1.0")
    assert choose(device).package is not None, "another build may have the same number"


@pytest.mark.parametrize("octets", [0, 1, 60, 100, -20, -200])
def test_a_file_that_was_cut_short_is_named(device: Device, octets: int) -> None:
    path = device.put("it.deb", "2.0", content="x" * 100_000)
    path.write_bytes(path.read_bytes()[:octets])
    assert "it is not whole" in choose(device).problems[0]


def test_what_is_no_file_is_none(device: Device) -> None:
    (device.places.packages / "it.deb").mkdir()
    (device.places.packages / "._two.deb").write_text("Mac OS")
    (problem,) = choose(device).problems
    assert "packages/it.deb: it is not whole, or no package" in problem


def test_one_that_failed_is_not_tried_again_under_its_name(device: Device) -> None:
    path = device.put("it.deb", "2.0")
    tried = [Tried(digest(path), "it.deb", "version 2.0 failed")]
    assert choose(device, tried=tried).problems == ("packages/it.deb: version 2.0 failed",)
    path.rename(path.with_name("again.deb"))
    assert choose(device, tried=tried).package is not None
    assert isinstance(path, Path)
