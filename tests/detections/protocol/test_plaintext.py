from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.detections.hearing import Hearing
from tests.detections.protocol.packets import (
    EAPOL_LLC,
    LLC,
    OTHER,
    OTHER_AP,
    deauthentication,
    eapol,
    handshake,
    secret,
)
from tests.survey.air import ALL, AP, STA, beacon, frame, from_ap, to_ap

from whimbrel.detections.protocol.plaintext import (
    _BSSIDS,
    _KEYED,
    _RELAYS,
    PlaintextInProtected,
    PlaintextInProtectedSettings,
)
from whimbrel.events.alerts import Severity
from whimbrel.wifi.frames import Frame

IP = LLC + bytes(40)
PING = LLC + bytes.fromhex("4500001c00010000400166de0a0000010a000002") + bytes(8)
"""With the right checksum of its header."""


def listening(*, keyed: bool = True, security: bytes | None = None, **settings: Any) -> Hearing:
    hearing = Hearing(PlaintextInProtected, **settings)
    hearing.hear(beacon(time=999.0) if security is None else beacon(time=999.0, security=security))
    if keyed:
        hearing.hear(*handshake(999.5))
    return hearing


def up(number: int, body: bytes = IP, **more: Any) -> Frame:
    return to_ap(body, flags=0x01 | more.pop("flags", 0), time=1000.0 + number / 10, seq=100 + number, **more)


def down(number: int, body: bytes = IP, **more: Any) -> Frame:
    return from_ap(body, flags=0x02 | more.pop("flags", 0), time=1000.0 + number / 10, seq=100 + number, **more)


@pytest.mark.parametrize("ethertype", ["0800", "0806", "86dd", "8100"])
@pytest.mark.parametrize("send", [up, down])
@pytest.mark.raises_alert("plaintext-in-protected")
def test_one_frame_is_a_notice_and_three_a_warning(send: Any, ethertype: str) -> None:
    body = LLC[:6] + bytes.fromhex(ethertype) + bytes(30)
    hearing = listening()
    [alert] = hearing.hear(send(1, body), send(2, body))
    assert (alert.rule, alert.severity, alert.confidence, alert.count) == (
        "plaintext-in-protected", Severity.NOTICE, "low", 1,
    )  # fmt: skip
    assert alert.ssid == b"harbour"
    hearing.hear(send(3, body))
    assert (hearing.events[-1].severity, hearing.events[-1].confidence) == (Severity.WARNING, "high")
    assert hearing.events[-1].count == 3


@pytest.mark.parametrize("way", ["up", "down"])
def test_one_frame_of_a_sender_with_keys_is_a_warning_if_it_is_proven(way: str) -> None:
    send = up if way == "up" else down
    hearing = listening(keyed=False)
    hearing.hear(secret(1, up=way == "up", time=1000.0))
    [alert] = hearing.hear(send(1, PING))
    assert (alert.severity, alert.confidence, alert.count) == (Severity.WARNING, "high", 1)
    hearing = listening(keyed=False)
    hearing.hear(secret(1, up=way == "up", time=1000.0))
    [alert] = hearing.hear(send(1, IP), send(1, IP, flags=0x08))
    assert alert.severity is Severity.WARNING


def test_one_frame_is_no_warning_where_something_harmless_explains_it() -> None:
    def loud(*frames: Frame) -> bool:
        hearing = listening(keyed=False)
        hearing.hear(*frames)
        return any(alert.severity is Severity.WARNING for alert in hearing.alerts)

    sealed = secret(1, time=1000.0)
    assert loud(sealed, up(1, PING))
    assert not loud(sealed, up(1, IP))  # damage
    assert not loud(up(1, PING))  # it has no keys yet
    assert not loud(secret(1, up=False, time=1000.0), up(1, PING))  # the other side has
    assert not loud(sealed, up(101, PING))  # too long ago
    assert not loud(sealed, deauthentication(AP, STA, time=1000.05), up(1, PING))  # it has left
    damaged = secret(2, time=1000.1)
    damaged.flags &= ~0x40
    assert not loud(sealed, damaged)


OTHER_EAPOL = EAPOL_LLC + bytes((2, 0, 0, 4)) + b"\1\1\0\4"


@pytest.mark.parametrize("again", [False, True])
def test_a_login_packet_for_another_station(again: bool) -> None:
    hearing = listening()
    hearing.hear(to_ap(ta=OTHER, time=1000.0))
    relayed = [up(1, OTHER_EAPOL, da=OTHER, flags=flags) for flags in (0, 0x08)[: 1 + again]]
    alerts = hearing.hear(*relayed)
    assert [alert.severity for alert in alerts] == [Severity.NOTICE]
    assert (hearing.events[-1].severity is Severity.WARNING) is again


def test_a_second_login_packet_for_the_same_station_is_certain() -> None:
    hearing = listening()
    hearing.hear(to_ap(ta=OTHER, time=1000.0))
    hearing.hear(up(1, OTHER_EAPOL, da=OTHER), up(2, OTHER_EAPOL[:-1] + b"\2", da=OTHER))
    assert hearing.events[-1].severity is Severity.WARNING


def test_a_login_packet_that_is_passed_on_to_somebody_unknown() -> None:
    hearing = listening()
    assert not hearing.hear(up(1, OTHER_EAPOL, da=OTHER), from_ap(ra=OTHER, sa=OTHER_AP, time=1000.2))
    [alert] = hearing.hear(from_ap(ra=OTHER, sa=STA, time=1000.3))
    assert (alert.severity, alert.confidence, alert.receiver) == (Severity.WARNING, "high", OTHER)


def test_only_an_access_point_passes_on() -> None:
    hearing = listening()
    assert not hearing.hear(up(1, OTHER_EAPOL, da=OTHER), to_ap(ta=STA, da=OTHER, time=1000.2))
    [alert] = hearing.hear(from_ap(ra=OTHER, sa=STA, time=1000.3))
    assert alert.receiver == OTHER


def test_the_oldest_login_packet_that_waits_makes_room() -> None:
    hearing = listening()
    others = [OTHER[:5] + bytes((n,)) for n in range(_RELAYS + 1)]
    assert not hearing.hear(*(up(n, OTHER_EAPOL, da=other) for n, other in enumerate(others)))
    assert not hearing.hear(from_ap(ra=others[0], sa=STA, time=1001.1))
    [alert] = hearing.hear(from_ap(ra=others[1], sa=STA, time=1001.2))
    assert alert.receiver == others[1]


def test_a_fragment_that_has_lost_its_mark_of_encryption_is_no_evidence() -> None:
    sealed = b"\1\0\0\x20" + bytes(40)  # the header of CCMP: no octet of the packet number there, extended IV
    assert not listening().hear(*[up(n, sealed, fragment=1) for n in range(9)])
    assert listening().hear(*[up(n, sealed[:3] + b"\0" + sealed[4:], fragment=1) for n in range(9)])


def test_login_packets_in_order_are_fine() -> None:
    hearing = listening()
    hearing.hear(to_ap(ta=OTHER, time=1000.0))
    for da in (AP, bytes.fromhex("0180c2000003"), OTHER_AP):
        assert not hearing.hear(up(1, OTHER_EAPOL, da=da), from_ap(ra=OTHER, time=1000.2))
    late = listening()
    assert not late.hear(up(1, OTHER_EAPOL, da=OTHER), from_ap(ra=OTHER, sa=STA, time=1005.5))
    [detection] = late.engine.detections
    late.hear(*[beacon(time=1006.0 + n) for n in range(3)])
    assert detection.idle


def test_without_a_handshake_it_is_a_notice() -> None:
    hearing = listening(keyed=False)
    [alert] = hearing.hear(up(1), up(2), up(3))
    assert (alert.severity, alert.confidence) == (Severity.NOTICE, "low")


def test_fragments_in_clear_count_to_groups_too() -> None:
    hearing = listening()
    assert hearing.hear(*[up(n, bytes(50), fragment=1) for n in range(3)])
    hearing = listening()
    [alert] = listening(keyed=False).hear(*[down(n, bytes(50), flags=0x04, ra=ALL) for n in range(3)])
    assert "broadcast fragment" in alert.text


def test_the_first_part_of_an_amsdu_counts() -> None:
    body = bytes(12) + b"\0\x24" + IP
    hearing = listening()
    assert hearing.hear(*[up(n, body, kind=0x28, amsdu=True) for n in range(3)])


@pytest.mark.parametrize("ethertype", ["888e", "88c7", "88b4", "890d", "872d"])
@pytest.mark.spares("plaintext-in-protected")
def test_control_protocols_may_be_in_clear(ethertype: str) -> None:
    hearing = listening()
    assert not hearing.hear(*[up(n, LLC[:6] + bytes.fromhex(ethertype) + bytes(30)) for n in range(9)])


def test_long_packets_of_eapol_may_be_fragmented() -> None:
    hearing = listening()
    for n in range(9):
        first = eapol(bytes(200), up=True, kind=0, flags=0x04, time=1000.0 + n, seq=n)
        assert not hearing.hear(first, to_ap(bytes(90), flags=0x01, time=1000.1 + n, seq=n, fragment=1))


def test_what_else_is_no_evidence() -> None:
    hearing = listening(keyed=False)
    innocent = [
        *[down(n, ra=ALL) for n in range(5)],  # a broadcast, whole
        *[up(n, b"", kind=0x24) for n in range(5)],  # no data
        *[up(n, flags=0x40) for n in range(5)],  # encrypted
        *[frame(0x20, AP, STA, AP, bytes(6) + IP, flags=0x03, seq=n) for n in range(5)],  # four addresses
        *[frame(0x20, OTHER, STA, AP, IP, flags=0, seq=n) for n in range(5)],  # direct
        *[up(n, b"\0\1\xaf\x81\1\0", ta=STA) for n in range(5)],  # XID of an association
        *[up(n, bssid=OTHER_AP) for n in range(5)],  # an access point that is not known
        *[up(1, flags=0x08) for _ in range(9)],  # one frame, sent again
    ]
    assert not hearing.hear(*innocent)


@pytest.mark.parametrize("security", [b"", bytes.fromhex("dd16506f9a1c0011223344660961626364656667686900")])
def test_open_networks_are_in_clear(security: bytes) -> None:
    hearing = listening(keyed=False, security=security)
    assert not hearing.hear(*[up(n) for n in range(9)])


def test_wep_is_left_out() -> None:
    hearing = Hearing(PlaintextInProtected)
    hearing.hear(beacon(time=999.0, security=b"", capability=0x11))
    assert not hearing.hear(*[up(n) for n in range(9)])


def test_an_access_point_that_was_open_a_moment_ago_is_left_out() -> None:
    hearing = Hearing(PlaintextInProtected)
    hearing.hear(beacon(time=999.0, security=b""), beacon(time=999.5), *handshake(999.6))
    assert not hearing.hear(*[up(n) for n in range(9)])


def test_settings_and_mute() -> None:
    wanted = PlaintextInProtectedSettings(frames=1)
    assert listening(plaintext_in_protected=wanted).hear(up(1))
    muted = PlaintextInProtectedSettings(mute=(STA,))  # type: ignore[arg-type]
    assert not listening(plaintext_in_protected=muted).hear(*[up(n) for n in range(9)])


def test_frames_far_apart_do_not_add_up() -> None:
    hearing = listening(keyed=False)
    assert not hearing.hear(*[up(n * 400) for n in range(6)])


def test_hopping_counts_the_time_on_the_channel() -> None:
    def heard(away: int) -> Hearing:
        hearing = listening(keyed=False)
        for n in range(3):
            hearing.hear(up(n * 400), tuned=2437)
            for step in range(39):
                at = 1000.2 + n * 40 + step
                hearing.hear(beacon(bssid=OTHER_AP, freq=away, time=at), tuned=away)
        return hearing

    assert heard(2462).alerts
    assert not heard(2437).alerts


def test_what_is_kept_is_bounded() -> None:
    hearing = Hearing(PlaintextInProtected)
    for n in range(300):
        bssid, station = b"\x02\x10" + n.to_bytes(4, "big"), b"\x02\x20" + n.to_bytes(4, "big")
        at = 1000.0 + n / 10
        hearing.hear(beacon(bssid=bssid, time=at), *handshake(at, station=station, bssid=bssid))
        hearing.hear(to_ap(IP, ta=station, bssid=bssid, flags=0x01, time=at + 0.05))
    [detection] = hearing.engine.detections
    assert isinstance(detection, PlaintextInProtected)
    assert len(detection._heard) <= _BSSIDS
    assert len(detection._keyed) <= _KEYED


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0x20, 0x2F), st.binary(max_size=40), st.integers(0, 255), st.integers(0, 15)),
                max_size=8))  # fmt: skip
def test_no_frame_raises(frames: list[tuple[int, bytes, int, int]]) -> None:
    hearing = listening()
    for kind, body, flags, fragment in frames:
        hearing.hear(frame(kind, AP, STA, AP, body, flags=flags, fragment=fragment))
        hearing.hear(frame(kind, STA, AP, AP, LLC[:6] + body, flags=flags, fragment=fragment))
