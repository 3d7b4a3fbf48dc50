"""Fixtures that every part shares."""

from __future__ import annotations

from pathlib import Path

import pytest

CAPTURES = Path(__file__).resolve().parents[2] / "shared" / "captures"


@pytest.fixture(scope="session")
def captures() -> Path:
    """Return the folder of real captures, which is not part of the project; skip where it is absent."""
    if not CAPTURES.is_dir():
        pytest.skip(f"the shared captures are not at {CAPTURES}")
    return CAPTURES
