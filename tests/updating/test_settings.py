from __future__ import annotations

from pathlib import Path

from whimbrel.updating import settings
from whimbrel.updating.settings import UpdateSettings


def test_nothing_is_allowed_unless_it_is_said(tmp_path: Path) -> None:
    file = tmp_path / "updates"
    assert settings.read(file) == UpdateSettings()
    file.write_text("allow_unsigned=yes\nallow_downgrade=no\nsomething\n")
    assert settings.read(file) == UpdateSettings(allow_unsigned=True)
    file.write_bytes(b"allow_downgrade=yes\n\xff\n")
    assert settings.read(file) == UpdateSettings(allow_downgrade=True)
