from __future__ import annotations

import re
from pathlib import Path

import pytest

from whimbrel.drivers import nodes

PROJECT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(("bus", "parameter"), [("i2c", "dtparam=i2c_arm=on"), ("spi", "dtparam=spi=on")])
def test_an_absent_node_is_a_bus_that_is_off(tmp_path: Path, bus: nodes.Bus, parameter: str) -> None:
    told = nodes.obstacle(tmp_path / "node", bus)
    assert f"there is no {tmp_path / 'node'}" in told
    assert parameter in told
    assert f"do_{bus} 0" in told


def test_a_node_that_is_not_ours_names_its_group(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    node = tmp_path / "node"
    node.touch()
    assert nodes.obstacle(node, "spi") == ""
    monkeypatch.setattr("os.access", lambda *_: False)  # root may use all
    assert "usermod -aG spi USER" in nodes.obstacle(node, "spi")


@pytest.mark.parametrize("bus", ["i2c", "spi"])
def test_on_the_image_the_advice_is_a_line_of_its_own_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bus: nodes.Bus
) -> None:
    monkeypatch.setattr(nodes, "is_image", lambda: True)
    told = nodes.obstacle(tmp_path / "node", bus)
    assert "hardware.txt" in told
    assert "raspi-config" not in told
    lines = (PROJECT / "deploy/image/boot/hardware.txt").read_text().splitlines()
    overlays = re.findall(r"whimbrel-[a-z0-9-]*[a-z0-9]", told)
    assert overlays
    for overlay in overlays:
        assert f"dtoverlay={overlay}" in {line.lstrip("#") for line in lines}
