"""Settings of the page that make no sense are refused."""

from __future__ import annotations

import pytest

from whimbrel.config import loads
from whimbrel.settings.problems import ConfigError
from whimbrel.web.settings import WebSettings


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("token: secret-in-the-file", "does not belong into this file"),
        ("hosts: ['A b']", "small letters"),
        ("addresses: []", "expected one at least"),
        ("tls: files", "certificate"),
        ("tls: made, certificate: /a, key: /b", "certificate"),
        ("may: [erase]", "erase"),
    ],
)
def test_it_is_refused(text: str, complaint: str) -> None:
    with pytest.raises(ConfigError, match=complaint):
        loads(f"modules: {{web: {{{text}}}}}")


def test_nothing_is_allowed_and_nobody_else_is_served_unless_it_is_said() -> None:
    assert WebSettings().may == ()
    assert WebSettings().addresses == ("127.0.0.1", "10.66.0.1")
    named = loads("modules: {web: {tls: files, certificate: /a, key: /b, hosts: [here.lan]}}").modules["web"]
    assert named.tls == "files"
