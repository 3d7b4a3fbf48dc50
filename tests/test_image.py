"""Advice on the image names what its owner has."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from whimbrel.image import HARDWARE, is_image

IMAGE = Path(__file__).resolve().parents[1] / "deploy/image"


@pytest.mark.parametrize("name", [HARDWARE, "run/whimbrel-image/problems.txt"])
def test_the_image_is_known_by_its_partition_or_by_its_start(tmp_path: Path, name: str) -> None:
    assert not is_image(tmp_path)
    (tmp_path / name).parent.mkdir(parents=True)
    (tmp_path / name).touch()
    assert is_image(tmp_path)


@pytest.mark.skipif(os.getuid() == 0, reason="root sees everything")
def test_a_partition_for_root_alone_is_no_error(tmp_path: Path) -> None:
    (tmp_path / HARDWARE).parent.mkdir(parents=True)
    (tmp_path / "boot/firmware").chmod(0)
    try:
        assert not is_image(tmp_path)
    finally:
        (tmp_path / "boot/firmware").chmod(0o700)


def test_what_is_looked_for_is_there() -> None:
    assert (IMAGE / "boot" / Path(HARDWARE).name).exists()
    assert "run=${WHIMBREL_RUN:-/run/whimbrel-image}" in (IMAGE / "root/usr/lib/whimbrel-image/card.sh").read_text()
