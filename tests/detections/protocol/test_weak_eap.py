from __future__ import annotations

import pytest
from tests.detections.hearing import Hearing
from tests.detections.protocol.packets import eapol
from tests.survey.air import AP, STA, beacon

from whimbrel.detections.protocol.weak_eap import IdentityInClear, WeakEap
from whimbrel.wifi.frames import Frame


def eap(code: int, method: int, data: bytes = b"", *, up: bool = False) -> Frame:
    body = bytes((code, 1)) + (5 + len(data)).to_bytes(2, "big") + bytes((method,)) + data
    return eapol(body, up=up, kind=0, time=1000.0)


def listening() -> Hearing:
    hearing = Hearing(WeakEap, IdentityInClear)
    hearing.hear(beacon(time=999.0))
    return hearing


@pytest.mark.parametrize("method", [5, 6, 17, 26])
@pytest.mark.raises_alert("weak-eap")
def test_a_method_that_gives_the_password_away(method: int) -> None:
    [alert] = listening().hear(eap(1, method), eap(1, method))
    assert (alert.rule, alert.severity, alert.sender, alert.receiver) == ("weak-eap", "warning", AP, STA)


@pytest.mark.parametrize("method", [1, 3, 13, 21, 25, 43, 254])
@pytest.mark.spares("weak-eap")
def test_methods_with_a_tunnel_or_none_are_in_order(method: int) -> None:
    assert not listening().hear(eap(1, method))


def test_what_a_station_asks_for_is_no_offer() -> None:
    assert not listening().hear(eap(2, 3, b"\x04", up=True), eap(2, 17, bytes(17), up=True))


def test_a_server_that_proposes_md5_first_is_a_notice_until_a_station_answers_by_it() -> None:
    hearing = listening()
    refused = eap(2, 3, b"\x19", up=True)
    [alert] = hearing.hear(eap(1, 4), refused, eap(1, 25), eap(1, 4), refused)
    assert (alert.severity, alert.confidence) == ("notice", "low")
    answer = eap(2, 4, bytes(17), up=True)
    [alert] = hearing.hear(answer, answer)
    assert (alert.severity, alert.sender, alert.receiver) == ("warning", AP, STA)
    assert not listening().hear(eap(2, 4, bytes(17)))  # a response from the access point


@pytest.mark.parametrize(
    ("identity", "words"),
    [(b"alice@example.org", "a user name"), (b"0001010123456789@wlan.mnc001.mcc001.3gppnetwork.org", "SIM card")],
)
@pytest.mark.raises_alert("identity-in-clear")
def test_a_name_in_clear(identity: bytes, words: str) -> None:
    [alert] = listening().hear(eap(2, 1, identity, up=True), eap(2, 1, identity, up=True))
    assert (alert.rule, alert.severity) == ("identity-in-clear", "weakness")
    assert words in alert.text
    assert "alice" not in alert.text


@pytest.mark.parametrize(
    "identity", [b"", b"@example.org", b"anonymous@example.org", b"Anonymous", b"WFA-SimpleConfig-Enrollee-1-0"]
)
@pytest.mark.spares("identity-in-clear")
def test_no_name(identity: bytes) -> None:
    assert not listening().hear(eap(2, 1, identity, up=True))
