"""Kinds of frames and flags of Frame Control; the flags beside scapy's."""

from __future__ import annotations

import pytest
from scapy.layers.dot11 import Dot11

from whimbrel.wifi import kinds


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        (kinds.BEACON, "beacon"),
        (kinds.QOS_DATA, "QoS data"),
        (kinds.REASSOC_RESP, "reassociation response"),
        (kinds.DEAUTH, "deauthentication"),
        (kinds.BLOCK_ACK_REQ, "block ACK request"),
        (0x2F, "type 2 subtype 15"),
        (-1, "not readable"),
    ],
)
def test_kind_names(kind: int, name: str) -> None:
    assert kinds.name(kind) == name


@pytest.mark.parametrize(
    ("flag", "name"),
    [
        (kinds.TO_DS, "to-DS"),
        (kinds.FROM_DS, "from-DS"),
        (kinds.MORE_FRAGMENTS, "MF"),
        (kinds.RETRY, "retry"),
        (kinds.POWER_MANAGEMENT, "pw-mgt"),
        (kinds.MORE_DATA, "MD"),
        (kinds.PROTECTED, "protected"),
        (kinds.ORDER, "order"),
    ],
)
def test_flags(flag: int, name: str) -> None:
    assert str(Dot11(FCfield=flag).FCfield).replace("_", "-") == name  # as older versions of scapy write it


def test_every_kind_has_a_name() -> None:
    flags = {"TO_DS", "FROM_DS", "MORE_FRAGMENTS", "RETRY", "POWER_MANAGEMENT", "MORE_DATA", "PROTECTED", "ORDER"}
    declared = {
        value: name
        for name, value in vars(kinds).items()
        if name.isupper() and isinstance(value, int) and name not in {*flags, "NO_PAYLOAD"}
    }
    assert {kinds.name(kind) for kind in declared if kinds.name(kind).startswith("type")} == set()
    assert len({kinds.name(kind) for kind in declared}) == len(declared)
