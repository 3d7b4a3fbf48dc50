from __future__ import annotations

import hashlib
from pathlib import Path

from whimbrel.events.radio import RadioOpened
from whimbrel.recording.origin import Origin


def test_it_names_the_radio_and_its_channels() -> None:
    origin = Origin()
    assert (origin.heading().name, origin.heading().description) == ("", "")
    origin.opened = RadioOpened(driver="linux", description="wlan1mon (phy1)", channels=(2437, 2412), filter="not data")
    heading = origin.heading()
    assert (heading.name, heading.chosen) == ("wlan1mon", "not data")
    assert heading.description == "wlan1mon (phy1), 2 channels of 2412 to 2437 MHz"


def test_it_names_the_settings_by_their_digest(tmp_path: Path) -> None:
    path = tmp_path / "whimbrel.yaml"
    path.write_text("modules: {}\n")
    origin = Origin()
    origin.read_settings(str(path))
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    assert origin.heading().comments[0].endswith(f"settings of {path}, SHA-256 {digest}")
    for absent in ("", str(tmp_path / "gone.yaml")):
        origin.read_settings(absent)
        assert origin.heading().comments[0].endswith("default settings")
