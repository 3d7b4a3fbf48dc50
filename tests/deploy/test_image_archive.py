"""Where the image's packages come from, and where the device renews them."""

import os
import re
import shlex
import subprocess
from pathlib import Path

import pytest
import yaml

PROJECT = Path(__file__).resolve().parents[2]
IMAGE = PROJECT / "deploy/image"
PUBLIC = "http://deb.debian.org/debian"
# Stands in for the apt of other machines: it answers as theirs does to a question about Debian's indexes.
APT = """#!/bin/sh
[ "$1" = indextargets ] || exit 1
case " $* " in *" Origin: Debian Label: Debian "*) ;; *) exit 1 ;; esac
printf '%s' '{}'
"""


def asked(folder: Path, request: str, apt: str = "", **environment: str) -> str:
    """Return what the builder's scripts say on a machine whose apt knows these archives of Debian."""
    (folder / "apt-get").write_text(APT.format(apt))
    (folder / "apt-get").chmod(0o755)
    kept = {name: value for name, value in os.environ.items() if name not in ("ARCHIVE", "RELEASE", "BOARD")}
    path = {"PATH": f"{folder}:{os.environ['PATH']}"}
    script = f"set -o pipefail; . {shlex.quote(str(IMAGE / 'common.sh'))}; {request}"
    done = subprocess.run(
        ["bash", "-euc", script], env=kept | path | environment, capture_output=True, text=True, check=True
    )
    return done.stdout


def test_packages_come_from_the_mirror_of_a_debian_machine(tmp_path: Path) -> None:
    mirror = "http://mirror.example.org/debian"
    assert asked(tmp_path, "archive", f"{mirror}\n{mirror}\n") == f"{mirror}\n"


def test_elsewhere_from_debian_s_own_archive(tmp_path: Path) -> None:
    assert asked(tmp_path, "archive") == f"{PUBLIC}\n"


def test_or_from_the_one_that_is_named(tmp_path: Path) -> None:
    named = asked(
        tmp_path, "archive", "http://mirror.example.org/debian\n", ARCHIVE="https://other.example.org/debian/"
    )
    assert named == "https://other.example.org/debian\n"


@pytest.mark.parametrize("archive", ["", "https://other.example.org/debian"])
def test_the_device_never_learns_of_a_mirror(tmp_path: Path, archive: str) -> None:
    told = asked(tmp_path, "sources", "http://mirror.example.org/debian\n", ARCHIVE=archive)
    assert told.splitlines() == [
        f"deb {PUBLIC} trixie main non-free-firmware",
        f"deb {PUBLIC} trixie-updates main non-free-firmware",
        f"deb {PUBLIC}-security trixie-security main non-free-firmware",
    ]
    assert re.search(r"^ +sources > \"\$root/etc/apt/sources.list\"$", (IMAGE / "fill.sh").read_text(), re.MULTILINE)
    assert "archive)" in (IMAGE / "fetch.sh").read_text()


def test_a_release_is_made_where_its_packages_are_those_of_the_image() -> None:
    jobs = yaml.safe_load((PROJECT / ".github/workflows/release.yml").read_text())["jobs"]
    assert {job["container"]["image"] for job in jobs.values()} == {"debian:trixie"}
