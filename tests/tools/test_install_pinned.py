"""`tools/install-pinned`, with a pip that answers what the test wants."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

PROGRAM = Path(__file__).resolve().parents[2] / "tools" / "install-pinned"
GONE = "ERROR: No matching distribution found for scapy==2.5.0"
CHANGED = "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE."


def install(tmp_path: Path, refusal: str, *instead: str) -> tuple[int, list[str], str]:
    """Return the status, what pip was asked for, and what was said, where pip refuses the pins with `refusal`."""
    python = tmp_path / "python"
    python.write_text(
        f'#!/bin/sh\necho "$*" >> {tmp_path}/asked\ncase "$*" in *--require-hashes*) '
        + (f'echo "{refusal}" >&2; exit 1' if refusal else "exit 0")
        + ";; esac\n"
    )
    python.chmod(0o755)
    done = subprocess.run([PROGRAM, python, "pins.txt", *instead], capture_output=True, text=True, check=False)
    asked = (tmp_path / "asked").read_text().splitlines()
    return done.returncode, [line.rpartition("--disable-pip-version-check ")[2] for line in asked], done.stderr


def test_the_pins_are_installed_and_nothing_else(tmp_path: Path) -> None:
    assert install(tmp_path, "", "--editable", ".") == (0, ["--require-hashes --requirement pins.txt"], "")


def test_versions_that_cannot_be_had_are_replaced_and_it_is_said(tmp_path: Path) -> None:
    status, asked, said = install(tmp_path, GONE, "--editable", ".")
    assert (status, asked[1:]) == (0, ["--editable ."])
    assert "scapy==2.5.0" in said
    assert "without pins" in said


@pytest.mark.parametrize(("refusal", "instead"), [(CHANGED, ["--editable", "."]), (GONE, [])])
def test_a_changed_file_is_never_replaced_nor_pins_without_anything_instead(
    tmp_path: Path, refusal: str, instead: list[str]
) -> None:
    status, asked, said = install(tmp_path, refusal, *instead)
    assert (status, len(asked)) == (1, 1)
    assert refusal in said
