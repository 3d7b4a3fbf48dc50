"""The package agrees with the project."""

from __future__ import annotations

import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest
from tools.packaging.settings import RECOVERY, settings, with_recovery

from whimbrel import __version__
from whimbrel.config import Configuration, defaults, effective, loads
from whimbrel.testing import PATIENCE

PROJECT = Path(__file__).resolve().parents[2]
DEBIAN = PROJECT / "deploy" / "debian"
NAMES = {"PyYAML": "yaml", "systemd-python": "systemd", "Pillow": "pil"}
"""Debian's name of a PyPI project, after python3-, if that is not its name in lower case."""


def test_the_version_is_the_programs() -> None:
    version = re.match(r"whimbrel \(([^)]+)\)", (DEBIAN / "changelog").read_text())
    assert version
    assert version[1].partition("-")[0] == __version__


def differing(one: Configuration, other: Configuration) -> set[str]:
    mine, theirs = ({each.path: each.text for each in effective(configuration)} for configuration in (one, other))
    return {path for path in mine.keys() | theirs.keys() if mine.get(path) != theirs.get(path)}


def test_the_settings_differ_from_the_defaults_by_the_recovery_alone() -> None:
    assert differing(loads(settings(), "whimbrel.yaml"), defaults()) == {"modules.sniffer.recovery.command"}
    assert "/run/whimbrel/recover" in RECOVERY


HATS = sorted(
    path.stem for path in (PROJECT / "config").glob("*.yaml") if path.stem != "whimbrel" and "demo" not in path.stem
)


@pytest.mark.parametrize("hat", HATS)
def test_those_of_the_hats_too(hat: str) -> None:
    text = (PROJECT / "config" / f"{hat}.yaml").read_text()
    assert differing(loads(with_recovery(text)), loads(text)) == {"modules.sniffer.recovery.command"}
    assert f"example={hat}" in (PROJECT / "deploy/install.sh").read_text()


def test_a_file_of_another_shape_is_refused() -> None:
    with pytest.raises(ValueError, match="expected one line 'sniffer:'"):
        with_recovery("modules: {sniffer: {}}\n")


def test_everything_that_the_project_imports_is_depended_on() -> None:
    control = (DEBIAN / "control").read_text()
    named = set(re.findall(r"^ (python3-[\w.]+)", control, re.MULTILINE))
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]
    wanted = [re.match(r"[\w.-]+", each) for each in project["optional-dependencies"]["device"]]
    packages = {f"python3-{NAMES.get(each[0], each[0].lower())}" for each in wanted if each}
    # luma brings its own; dh_python3 adds what [project] itself depends on.
    assert packages - {"python3-smbus2"} <= named


def test_make_installs_what_a_build_needs() -> None:
    control = (DEBIAN / "control").read_text().partition("\n\n")[0].partition("Build-Depends:\n")[2]
    needed = {line.split()[0].rstrip(",") for line in control.splitlines()}
    makefile = (PROJECT / "Makefile").read_text().replace("\\\n", " ")
    installed = re.search(r"^APT_DEB := (.*)$", makefile, re.MULTILINE)
    assert installed
    named = set(installed[1].split())
    assert {"debhelper", "dh-python"} <= named
    assert needed - {"debhelper-compat", "dh-sequence-python3"} <= named


def test_every_file_that_is_packed_is_there() -> None:
    made = set(re.findall(r"\$\(MADE\)/([\w./-]+)", (DEBIAN / "rules").read_text()))
    for name in ("whimbrel.install", "whimbrel.docs", "whimbrel.manpages"):
        for line in (DEBIAN / name).read_text().splitlines():
            source = line.split()[0]
            if not source.startswith("debian/made/"):
                assert list(PROJECT.glob(source)), source
            elif not any(kind in source for kind in ("modules-load", "sysusers", "tmpfiles", "hats/*")):
                assert source.removeprefix("debian/made/") in made, source


@pytest.mark.parametrize(
    ("action", "enabled", "warns"),
    [("remove", True, True), ("remove", False, False), ("upgrade", True, False)],
)
def test_a_removal_warns_where_the_image_would_lose_its_ways_in(
    tmp_path: Path, action: str, enabled: bool, warns: bool
) -> None:
    asked = tmp_path / "systemctl"
    question = f"--quiet --root={tmp_path} is-enabled whimbrel-image.target"
    asked.write_text(f'#!/bin/sh\n[ "$*" = "{question}" ] && {"true" if enabled else "false"}\n')
    asked.chmod(0o755)
    done = subprocess.run(
        ["sh", DEBIAN / "whimbrel.prerm", action], capture_output=True, text=True, check=True, timeout=PATIENCE,
        env={"PATH": f"{tmp_path}:/usr/bin:/bin", "DPKG_ROOT": str(tmp_path)},
    )  # fmt: skip
    assert ("nobody can log in to this image after its next start" in done.stderr) is warns


def test_a_purge_leaves_nothing_that_lets_an_account_of_the_image_in() -> None:
    accounts = (PROJECT / "deploy/image/root/usr/lib/whimbrel-image/accounts.py").read_text()
    written = re.findall(r'ROOT / "(etc/[^"]+whimbrel-owner[^"]*)"', accounts)
    assert len(written) == 2
    purge = (DEBIAN / "whimbrel.postrm").read_text().partition('if [ "$1" = purge ]')[2]
    assert all(f"/{path}" in purge.split() for path in written)


SCRIPTS = [
    *(DEBIAN / f"whimbrel.{name}" for name in ("preinst", "postinst", "prerm", "postrm")),
    PROJECT / "deploy" / "build-deb",
    PROJECT / "deploy" / "install.sh",
    PROJECT / "systemd" / "whimbrel-recover",
    PROJECT / "systemd" / "whimbrel-shutdown",
    PROJECT / "systemd" / "whimbrel-card",
    PROJECT / "systemd" / "whimbrel-update",
    PROJECT / "tests" / "deploy" / "chroot" / "run.sh",
    PROJECT / "tests" / "deploy" / "chroot" / "inside.sh",
    PROJECT / "tests" / "deploy" / "chroot" / "updates.sh",
]


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_the_scripts_are_sound(script: Path) -> None:
    shell = "bash" if "bash" in script.read_text().partition("\n")[0] else "sh"
    subprocess.run([shell, "-n", str(script)], check=True, timeout=PATIENCE)
    shellcheck = shutil.which("shellcheck")
    if shellcheck is None:
        pytest.skip("shellcheck is not installed: only the syntax was looked at")
    said = subprocess.run([shellcheck, str(script)], capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert said.stdout == ""
