"""Where the page is."""

from __future__ import annotations

from pathlib import Path

import pytest

from whimbrel.web import addresses
from whimbrel.web.addresses import urls
from whimbrel.web.settings import WebSettings


def test_those_for_others_come_first() -> None:
    settings = WebSettings(addresses=("127.0.0.1", "10.66.0.1", "::1", "fd00::1"), port=81)
    assert urls(settings) == [
        "http://10.66.0.1:81/",
        "http://[fd00::1]:81/",
        "http://127.0.0.1:81/",
        "http://[::1]:81/",
    ]


def test_all_addresses_are_those_of_the_machine() -> None:
    settings = WebSettings(addresses=("0.0.0.0", "::"), tls="made")
    assert urls(settings, ["192.0.2.1"]) == ["https://192.0.2.1:8080/"]
    assert urls(settings) == ["https://localhost:8080/"]


def test_an_address_that_is_not_there_comes_last() -> None:
    settings = WebSettings()
    assert urls(settings) == ["http://10.66.0.1:8080/", "http://127.0.0.1:8080/"]
    assert urls(settings, ["192.0.2.1"]) == ["http://127.0.0.1:8080/", "http://10.66.0.1:8080/"]
    assert urls(settings, ["10.66.0.1"])[0] == "http://10.66.0.1:8080/"


def test_the_own_addresses_are_those_of_the_kernel(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert "127.0.0.1" not in (addresses.own() or ())
    monkeypatch.setattr(addresses, "_IF_INET6", tmp_path / "none")
    assert addresses.own() is not None
    monkeypatch.setattr(addresses, "_IF_INET6", tmp_path)
    assert addresses.own() is None
