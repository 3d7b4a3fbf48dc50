"""Which guarded networks can be, and how they are looked up."""

from __future__ import annotations

from typing import Any

import pytest

from whimbrel.detections.guarded import Guard, GuardedNetwork
from whimbrel.settings import Mac, Ssid
from whimbrel.wifi.channels import parse_channel
from whimbrel.wifi.security import Pmf, Protection

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
        ({"security": (Protection.UNREAD_RSN,)}, "security: .*'RSN'"),
        ({"security": (Protection.OPEN, Protection.WPA2_PERSONAL), "pmf": Pmf.REQUIRED}, "pmf: .*open"),
        ({"security": (Protection.WPA3_PERSONAL,), "pmf": Pmf.OPTIONAL}, "pmf: expected required"),
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
    assert home(security=(Protection.parse(name),)).security


@pytest.mark.parametrize("name", ["", "WPA", "WPA4-Personal", "open + ", "-Personal", "wpa2-personal"])
def test_what_is_no_name_of_security(name: str) -> None:
    with pytest.raises(ValueError, match=r"security|the words"):
        home(security=(Protection.parse(name),))


def test_networks_are_found_by_name_and_by_address() -> None:
    guard = Guard([home(bssids=(ONE,))], trusted=[OTHER])
    assert guard.network(b"harbour") is guard.network(b"", ONE) is guard.networks[0]
    assert guard.network(b"Harbour") is None
    assert guard.network(b"", OTHER) is None
    assert guard.trusted == {OTHER}


def test_two_entries_of_one_name_allow_what_either_allows() -> None:
    one = home(bssids=(ONE,), channels=(parse_channel("6"),), security=(Protection.WPA2_PERSONAL,), pmf=Pmf.REQUIRED)
    other = home(bssids=(OTHER,), security=(Protection.WPA3_PERSONAL,), pmf=Pmf.REQUIRED)
    both = Guard([one, other]).network(b"harbour")
    assert both is not None
    assert set(both.bssids) == {ONE, OTHER}
    assert both.channels == ()
    assert set(both.security) == {Protection.WPA2_PERSONAL, Protection.WPA3_PERSONAL}
    assert both.pmf is Pmf.REQUIRED
