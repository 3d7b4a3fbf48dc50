"""Which guarded networks can be, and how they are looked up."""

from __future__ import annotations

from typing import Any

import pytest

from whimbrel.detections.guarded import Guard, GuardedNetwork, is_security
from whimbrel.settings import Mac, Ssid
from whimbrel.wifi.channels import parse_channel

ONE, OTHER = Mac(b"\x00\x11\x22\x33\x44\x55"), Mac(b"\x00\x11\x22\x33\x44\x66")


def home(**more: Any) -> GuardedNetwork:
    return GuardedNetwork(**{"ssid": Ssid(b"harbour"), **more})


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"ssid": Ssid(b"")}, "ssid: expected the name"),
        ({"ssid": Ssid(bytes(8))}, "ssid: expected the name"),
        ({"bssids": (Mac(b"\xff" * 6),)}, "bssids: .*ff:ff"),
        ({"bssids": (Mac(bytes(6)),)}, "bssids: "),
        ({"security": ("WPA9",)}, "security: .*'WPA9'"),
        ({"security": ("open", "WPA2-Personal"), "pmf": "required"}, "pmf: .*open"),
        ({"security": ("WPA3-Personal",), "pmf": "optional"}, "pmf: expected required"),
    ],
)
def test_what_cannot_be_is_refused(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        home(**settings)


@pytest.mark.parametrize(
    "name",
    ["open", "WEP", "OWE", "OWE transition", "WPA-Personal", "WPA2/WPA3-Personal", "WPA3-Enterprise 192-bit",
     "WPA2-Enterprise + WPA2-Personal"],
)  # fmt: skip
def test_names_of_security(name: str) -> None:
    assert is_security(name)
    home(security=(name,))


@pytest.mark.parametrize("name", ["", "WPA", "WPA4-Personal", "open + ", "-Personal", "wpa2-personal"])
def test_what_is_no_name_of_security(name: str) -> None:
    assert not is_security(name)


def test_networks_are_found_by_name_and_by_address() -> None:
    guard = Guard([home(bssids=(ONE,))], trusted=[OTHER])
    assert guard.network(b"harbour") is guard.network(b"", ONE) is guard.networks[0]
    assert guard.network(b"Harbour") is None
    assert guard.network(b"", OTHER) is None
    assert guard.trusted == {OTHER}


def test_two_entries_of_one_name_allow_what_either_allows() -> None:
    one = home(bssids=(ONE,), channels=(parse_channel("6"),), security=("WPA2-Personal",), pmf="required")
    other = home(bssids=(OTHER,), security=("WPA3-Personal",), pmf="required")
    both = Guard([one, other]).network(b"harbour")
    assert both is not None
    assert set(both.bssids) == {ONE, OTHER}
    assert both.channels == ()
    assert set(both.security) == {"WPA2-Personal", "WPA3-Personal"}
    assert both.pmf == "required"
