"""Mistakes in the settings of messages."""

from __future__ import annotations

import pytest

from whimbrel.config import loads
from whimbrel.settings.problems import ConfigError


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("rules: {deauth-flood: sometimes}", "expected one of now, digest, never, found 'sometimes'"),
        ('quiet: "22-7"', "quiet: expected hours such as \"22:00-07:00\", found '22-7'"),
        ('quiet: "25:00-07:00"', "expected hours"),
    ],
)
def test_a_mistake_is_said(text: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        loads(f"modules: {{notify: {{{text}}}}}", "f.yaml")
    assert said in str(caught.value)
