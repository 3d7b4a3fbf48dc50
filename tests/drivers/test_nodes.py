from __future__ import annotations

from pathlib import Path

import pytest

from whimbrel.drivers import nodes


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
