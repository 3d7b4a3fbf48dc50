from __future__ import annotations

import os
import socket
import subprocess
import sys

import pytest

from whimbrel.system.addresses import addresses, choose, place_of

IN_A_NAMESPACE = """
import pathlib, subprocess
from whimbrel.system.addresses import addresses
for command in (
    "link add lan0 type veth peer name far0", "link add idle0 type veth peer name far1",
    "link set lo up", "link set lan0 up", "link set far0 up", "link set idle0 up",
    "address add 192.0.2.7/24 dev lan0", "address add 198.51.100.9/24 dev lan0 label lan0:1",
    "address add 169.254.3.4/16 dev far0", "address add 192.0.2.99/24 dev idle0",
    "address add 2001:db8::7/64 dev lan0 nodad",
):
    subprocess.run(["ip", *command.split()], check=True)
print(addresses(pathlib.Path("/proc/net/if_inet6").read_text()))
"""


def test_ipv4_first_and_only_what_is_connected() -> None:
    ipv4 = [("lo", "127.0.0.1"), ("wlan0", "192.0.2.7"), ("usb0", "198.51.100.1")]
    ipv6 = [("wlan0", "2001:db8::7")]
    chosen = choose(ipv4, ipv6, lambda name: name == "wlan0")
    assert chosen == (("wlan0", "192.0.2.7"), ("wlan0", "2001:db8::7"))


def test_a_self_assigned_address_is_shown_where_there_is_no_other() -> None:
    ipv4 = [("wlan0", "169.254.1.1"), ("wlan0", "192.0.2.7"), ("usb0", "169.254.9.9")]
    assert choose(ipv4, [], lambda _: True) == (("wlan0", "192.0.2.7"), ("usb0", "169.254.9.9"))


def test_names_are_made_printable() -> None:
    assert choose([("a\x1b", "192.0.2.7")], [], lambda _: True) == ((r"a\x1b", "192.0.2.7"),)


def test_without_the_loopback_of_this_machine() -> None:
    assert all(not address.startswith("127.") for _, address in addresses(""))


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to make a network namespace")
def test_a_machine_of_its_own() -> None:
    made = subprocess.run(
        ["unshare", "-n", sys.executable, "-c", IN_A_NAMESPACE], capture_output=True, text=True, check=False
    )
    if "Operation not permitted" in made.stderr or "Unknown device type" in made.stderr:
        pytest.skip(f"no network namespace with veth here: {made.stderr.strip().splitlines()[-1]}")
    expected = (("lan0", "192.0.2.7"), ("lan0", "198.51.100.9"), ("lan0", "2001:db8::7"), ("far0", "169.254.3.4"))
    assert made.stdout.strip() == str(expected), made.stderr


def test_no_ipv4_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> socket.socket:
        raise OSError(97, "Address family not supported by protocol")

    monkeypatch.setattr(socket, "socket", refuse)
    with pytest.raises(OSError, match="not supported"):
        addresses("")


@pytest.mark.parametrize(("address", "place"), [
    ("192.0.2.1", "192.0.2.1"), ("::ffff:192.0.2.1", "192.0.2.1"), ("2001:db8:0:7:1:2:3:4", "2001:db8:0:7::/64"),
    ("fe80::1%eth0", "fe80::1"), ("::1", "::/64"), ("", ""), ("no address", "no address"),
])  # fmt: skip
def test_the_place_of_an_address(address: str, place: str) -> None:
    assert place_of(address) == place
