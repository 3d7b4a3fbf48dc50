from __future__ import annotations

from unicodedata import category

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.detections.hearing import Hearing
from tests.detections.impersonation.passing import OWN, STRANGER, beacons
from tests.survey.air import response

from whimbrel.detections.guarded import GuardedNetwork
from whimbrel.detections.impersonation.lookalike import LookalikeSettings, LookalikeSsid
from whimbrel.detections.impersonation.names import ALIKE as ALIKE_WAYS
from whimbrel.detections.impersonation.names import (
    BEGINNING,
    CASE,
    CONFUSABLE,
    DISTANCE,
    INVISIBLE,
    NameLook,
    as_seen,
    distance,
    resemblance,
)
from whimbrel.events.alerts import Severity
from whimbrel.settings import Mac, Ssid

NAME = "Harbour Lights"

ALIKE = [
    ("Harbour Lights ", INVISIBLE),
    (" Harbour Lights", INVISIBLE),
    ("Harbour  Lights", INVISIBLE),
    ("Harbour\u200b Lights", INVISIBLE),
    ("Harbour\u200bLights", INVISIBLE),
    ("Harbour\u00a0Lights", INVISIBLE),
    ("\u200fHarbour Lights", INVISIBLE),
    ("Harbour Lights\0", INVISIBLE),
    ("Harbour Lights\u3164", INVISIBLE),
    ("\u202esthgiL ruobraH", INVISIBLE),
    ("\u202esthgiL ruobraH\u202c", INVISIBLE),
    ("Harbour Lights\0\0not really", BEGINNING),
    ("Harbour Lights\0x", BEGINNING),
    ("Harbour Lights\n\n\nfree", BEGINNING),
    ("Harbour Lights\r\nfree", BEGINNING),
    ("Harbour Lights\u2028free", BEGINNING),
    ("Harbour Lights\tfree", BEGINNING),
    ("Harbour Lights" + " " * 17 + "x", BEGINNING),
    ("Harbour Lights" + "\u3000" * 4 + "x", BEGINNING),
    ("Harbour Lights\u202efree", BEGINNING),
    ("Harbour Lights\u200ffree", BEGINNING),
    ("\0Harbour Lights\0free", BEGINNING),
    ("Harb0ur Lights\0free", CONFUSABLE),
    ("H\u0430rbour Lights   free", CONFUSABLE),
    ("HARBOUR LIGHTS\nfree", CASE),
    ("Harbour Lihgts\0free", DISTANCE),
    ("H\u0430rbour Lights", CONFUSABLE),
    ("\u041d\u0430rb\u043eur Lights", CONFUSABLE),
    ("Harb\u03bfur Lights", CONFUSABLE),
    ("\uff28\uff41rbour Lights", CONFUSABLE),
    ("Harb0ur L1ghts", CONFUSABLE),
    ("Harbour Llghts", CONFUSABLE),
    ("HARBOUR LIGHTS", CASE),
    ("harbour lights", CASE),
    ("H\u00e4rbour Lights", CASE),
    ("Harbour Lihgts", DISTANCE),
    ("HarbourLights", DISTANCE),
    ("Harbor Light", DISTANCE),
]

OTHERS = [
    *(
        "Harbour Lights-5G",
        "Harbour Lights_5GHz",
        "Harbour Lights 2.4GHz",
        "Harbour Lights_EXT",
        "Harbour Lights-Guest",
    ),
    *("Harbour Lights_nomap", "Harbour Lights_optout_nomap", "Harbour Lights 2", "Harbour Lights Plus", "Brambling"),
    *("Harbour Nightfall\0Harbour Lights", "Lights\nHarbour Lights", "Harbour Lights-Guest\0x", "Harbour  Lights East"),
    *("Harbour", "Lights", "Harbour Nightfall", "", "\u041f\u0440\u0438\u0447\u0430\u043b"),
]


@pytest.mark.parametrize(("name", "how"), ALIKE)
def test_names_that_look_like_it(name: str, how: str) -> None:
    own = NameLook(NAME.encode())
    assert not own.rules_out(name.encode())
    assert resemblance(NameLook(name.encode()), own) == how


@pytest.mark.parametrize("name", OTHERS)
def test_names_that_do_not(name: str) -> None:
    assert resemblance(NameLook(name.encode()), NameLook(NAME.encode())) == ""


@pytest.mark.parametrize(
    ("own", "name"),
    [
        ("Router 7590 AB", "Router 7590 CD"),
        ("NETWORK_A1B2C3", "NETWORK_A1B2C4"),
        ("Telecom-1234", "Telecom-1243"),
        ("Floor A", "Floor B"),
        ("NETGEAR42", "NETGEAR43"),
        ("cat", "car"),
        ("Harbour_5G", "Harbour_2G"),
        ("Harbour-5G", "Harbour"),
    ],
)
def test_names_that_are_numbered_or_short_are_different_ones(own: str, name: str) -> None:
    assert resemblance(NameLook(name.encode()), NameLook(own.encode())) == ""


@given(st.binary(max_size=32), st.binary(max_size=32))
def test_any_octets_can_be_compared(one: bytes, other: bytes) -> None:
    assert resemblance(NameLook(one), NameLook(one)) == ""
    assert resemblance(NameLook(one), NameLook(other)) in {"", *ALIKE_WAYS}
    NameLook(one).rules_out(other)


@pytest.mark.parametrize("name", [name for name, how in ALIKE if how in {INVISIBLE, BEGINNING}])
def test_names_that_are_seen_alike_are_one_network(name: str) -> None:
    assert as_seen(name.encode()).replace(b" ", b"") == NAME.replace(" ", "").encode()


@given(st.one_of(st.binary(max_size=32), st.text(max_size=16).map(str.encode)))
def test_what_is_seen_of_a_name_is_seen_of_itself(name: bytes) -> None:
    assert bool(as_seen(name)) == bool(name)
    assert as_seen(as_seen(as_seen(name))) == as_seen(as_seen(name))


@given(st.text(max_size=12), st.text(max_size=12), st.integers(0, 4))
def test_the_distance_is_one_of_both_ways_and_bounded(one: str, other: str, most: int) -> None:
    found = distance(one, other, most)
    assert found == distance(other, one, most)
    assert 0 <= found <= most + 1
    assert (found == 0) == (one == other)


def edits(one: str, other: str) -> int:
    """Return the restricted Damerau-Levenshtein distance by its definition."""
    if not one or not other:
        return len(one) + len(other)
    least = min(edits(one[1:], other) + 1, edits(one, other[1:]) + 1, edits(one[1:], other[1:]) + (one[0] != other[0]))
    if one[:2] == other[1::-1] and len(one) > 1 < len(other):
        least = min(least, edits(one[2:], other[2:]) + 1)
    return least


@given(st.text("abc", max_size=5), st.text("abc", max_size=5), st.integers(0, 4))
def test_the_distance_is_that_of_its_definition(one: str, other: str, most: int) -> None:
    assert distance(one, other, most) == min(edits(one, other), most + 1)


@pytest.mark.parametrize(
    ("one", "other", "most", "found"),
    [("abcdef", "abdcef", 1, 1), ("abcdef", "badcef", 1, 2), ("abcdef", "abxyzf", 2, 3), ("ca", "abc", 3, 3)],
)
def test_distances(one: str, other: str, most: int, found: int) -> None:
    assert distance(one, other, most) == found


def guarding(settings: LookalikeSettings | None = None) -> Hearing:
    own = GuardedNetwork(Ssid(NAME.encode()), (Mac(OWN),))
    return Hearing(LookalikeSsid, guarded=(own,), lookalike_ssid=settings or LookalikeSettings())


@pytest.mark.parametrize(("name", "how"), ALIKE)
@pytest.mark.raises_alert("lookalike-ssid")
def test_a_lookalike_raises_at_its_third_beacon(name: str, how: str) -> None:
    hearing = guarding()
    octets = name.encode()[:32]
    assert hearing.hear(*beacons(2, bssid=STRANGER, name=octets)) == []
    (alert,) = hearing.hear(*beacons(1, 1001.0, bssid=STRANGER, name=octets))
    assert alert.severity is (Severity.WARNING if how in {INVISIBLE, BEGINNING, CONFUSABLE} else Severity.NOTICE)
    assert octets.hex() in alert.text
    assert not {category(char) for char in alert.text} & {"Cc", "Cf"}


@pytest.mark.parametrize("name", [*OTHERS, NAME])
@pytest.mark.spares("lookalike-ssid")
def test_others_raise_nothing(name: str) -> None:
    hearing = guarding()
    hearing.hear(*beacons(10, bssid=STRANGER, name=name.encode()))
    assert hearing.alerts == []


def test_answers_alone_are_enough() -> None:
    hearing = guarding()
    for number in range(3):
        hearing.hear(response(bssid=STRANGER, name=b"harb0ur l1ghts", seq=number, time=1000.0 + number))
    assert hearing.rules == ["lookalike-ssid"]


def test_own_access_points_may_have_any_name() -> None:
    hearing = guarding()
    hearing.hear(*beacons(9, bssid=OWN, name=b"Harb0ur Lights"))
    hearing.hear(*beacons(9, 1002.0, bssid=b"\x02" + OWN[1:], name=b"harbour lights"))
    assert hearing.alerts == []


def test_slips_can_be_left_out_and_words_added() -> None:
    hearing = guarding(LookalikeSettings(slips=False, words=(Ssid(b"Harbour"),)))
    hearing.hear(*beacons(5, bssid=STRANGER, name=b"Brambling"))
    assert hearing.alerts == []
    hearing.hear(*beacons(5, 1001.0, bssid=STRANGER, name=b"Free HARBOUR wifi"))
    assert [alert.severity for alert in hearing.alerts] == [Severity.NOTICE]
    assert "word" in hearing.alerts[0].text


def test_without_guarded_networks_nothing_is_looked_for() -> None:
    hearing = Hearing(LookalikeSsid)
    hearing.hear(*beacons(5, bssid=OWN, name=NAME.encode()), *beacons(5, bssid=STRANGER, name=b"Harb0ur Lights"))
    assert hearing.alerts == []


def test_the_settings_move_the_threshold() -> None:
    hearing = guarding(LookalikeSettings(frames=1))
    assert len(hearing.hear(*beacons(1, bssid=STRANGER, name=b"Harb0ur Lights"))) == 1
