"""``install.sh --hat``: the names that are recognised are those that it knows."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from whimbrel import hat

SCRIPT = Path(__file__).parents[2] / "deploy/install.sh"


@pytest.mark.parametrize("known", [each for _, each in hat._HATS], ids=lambda each: each.name)
def test_a_recognised_hat_has_the_same_settings(known: hat.Hat) -> None:
    assert re.search(rf"^        {re.escape(known.name)}\) example={known.settings} ", SCRIPT.read_text(), re.MULTILINE)
    assert re.search(rf"^#  +{re.escape(known.name)} ", SCRIPT.read_text(), re.MULTILINE), "its help names it"
