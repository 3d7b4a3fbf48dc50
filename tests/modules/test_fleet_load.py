"""A small fleet through all that happens to a broker; `make fleet` has 50 devices and 10,000 alerts."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.modules.fleet_load import Fleet

pytest.importorskip("paho.mqtt.client")


# paho leaves a socket whose certificate was refused to Python's collection of garbage.
@pytest.mark.filterwarnings("ignore:unclosed <ssl.SSLSocket:ResourceWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
async def test_every_alert_of_every_device_arrives_in_order_and_once(tmp_path: Path) -> None:
    found = await Fleet(tmp_path, devices=4, alerts=40).run()
    assert found.numbers == {f"device-{number}": list(range(1, 41)) for number in range(4)}
    assert found.messages >= 160
