from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.updating.device import Device, build, device, needs_dpkg

from whimbrel.updating import keeping
from whimbrel.updating.keeping import KeepError

pytestmark = [needs_dpkg, pytest.mark.skipif(os.geteuid() != 0, reason="dpkg installs as root")]
__all__ = ["device"]


def fields(package: Path) -> str:
    return subprocess.run(["dpkg-deb", "--field", package], check=True, capture_output=True, text=True).stdout


def test_what_is_kept_is_what_was_installed(device: Device) -> None:
    one = device.places.root.parent / "one.deb"
    keeping.keep("whimbrel", device.places.root, device.places.old)
    assert sorted(fields(device.places.old).splitlines()) == sorted(fields(one).splitlines())
    device.dpkg.install(device.put("two.deb", "2.0"))
    device.dpkg.install(device.places.old)
    assert device.version == "ii 1.0 1.0"
    assert not list(device.places.state.glob("keep*"))


def test_a_file_that_the_system_leaves_out_is_left_out_again(device: Device) -> None:
    (device.places.root / "usr/bin/whimbrel").unlink()
    keeping.keep("whimbrel", device.places.root, device.places.old)
    device.dpkg.install(device.places.old)
    assert device.version == "ii 1.0 no file"


def test_what_is_not_installed_cannot_be_kept(device: Device) -> None:
    with pytest.raises(KeepError):
        keeping.keep("bash", device.places.root, device.places.old)
    assert not device.places.old.exists()


def test_settings_that_dpkg_guards_stay_settings(device: Device, tmp_path: Path) -> None:
    package = build(tmp_path / "three.deb", "3.0")
    folder = tmp_path / "three"
    subprocess.run(["dpkg-deb", "-R", package, folder], check=True)
    (folder / "etc").mkdir()
    (folder / "etc/whimbrel.conf").write_text("mine\n")
    (folder / "DEBIAN/conffiles").write_text("/etc/whimbrel.conf\n")
    subprocess.run(["dpkg-deb", "-b", folder, package], check=True, capture_output=True)
    device.dpkg.install(package)
    keeping.keep("whimbrel", device.places.root, device.places.old)
    assert "Conffiles:" not in fields(device.places.old)
    assert not device.dpkg.install(device.places.old).status


def test_the_program_needs_nothing_of_the_package_that_is_replaced(tmp_path: Path) -> None:
    program = tmp_path / "program.pyz"
    keeping.keep_program(program)
    code = f"import sys; sys.path[:] = [{str(program)!r}, *sys.path[-4:]]; import whimbrel.updating.__main__ as main; "
    code += "print(main.__file__, [n for n in sys.modules if n.startswith('whimbrel') and 'updating' not in n])"
    done = subprocess.run([sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout == f"{program}/whimbrel/updating/__main__.py ['whimbrel', 'whimbrel.errors']\n", done.stderr
    keeping.keep_program(program, Path(f"{program}/whimbrel/updating"))
    assert program.stat().st_size > 1000, "what runs from it is not overwritten by nothing"
