from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from tests.survey.air import ALL, RATES, RSN, beacon, ds, element, frame, response, tim

from whimbrel.survey.made_up import MadeUp, shape
from whimbrel.survey.observation import MADE_UP, NOTHING
from whimbrel.survey.survey import Survey
from whimbrel.wifi.frames import Frame

FAKE = bytes.fromhex("02aaaaaaaaaa")


def fake(n: int, *, name: bytes = b"Free", time: float = 1000.0, seq: int = 0) -> Frame:
    """Return a beacon as tools make them."""
    return beacon(element(0, name) + RATES + ds(6), bssid=FAKE[:5] + bytes((n,)), time=time, seq=seq)


def flooded() -> MadeUp:
    made_up = MadeUp()
    first = fake(0)
    made_up.add(first.bssid or b"", shape(first), impossible=True, now=first.time)
    made_up.leaving.clear()
    return made_up


def test_the_shape_is_the_same_whatever_the_name_the_clock_and_the_tim() -> None:
    one = beacon(element(0, b"a") + RATES + ds(6) + tim(bitmap=b"\0") + RSN, tsf=1)
    other = beacon(element(0, b"another") + RATES + ds(6) + tim(bitmap=b"\0\1\2") + RSN, tsf=2)
    assert shape(one) == shape(other) != shape(beacon(element(0, b"a") + RATES + ds(7) + tim() + RSN))
    assert shape(one) != shape(beacon(element(0, b"a") + RATES + ds(6) + RSN)), "no TIM is not an empty one"


def test_who_says_what_no_access_point_says_is_a_member() -> None:
    made_up = flooded()
    assert made_up.takes(fake(1))
    assert made_up.fresh
    assert made_up.takes(fake(1))
    assert not made_up.fresh
    assert not made_up.takes(beacon())
    assert (len(made_up), made_up.total) == (2, 2)
    assert all(fake(n).bssid in made_up for n in range(2))


def test_one_that_looks_like_an_access_point_is_known_by_its_address() -> None:
    made_up = MadeUp()
    whole = beacon(element(0, b"Free") + RATES + ds(6) + tim() + RSN, bssid=FAKE)
    made_up.add(FAKE, shape(whole), impossible=False, now=1000.0)
    assert made_up.takes(beacon(element(0, b"Free") + RATES + ds(6) + tim() + RSN, bssid=FAKE))
    assert not made_up.takes(beacon(element(0, b"Free") + RATES + ds(6) + tim() + RSN, bssid=FAKE[:5] + b"\1"))
    assert not made_up.takes(beacon(element(0, b"Free") + RATES + ds(1) + tim() + RSN, bssid=FAKE)), "it is another"
    assert made_up.takes(response(element(0, b"Free") + RATES, bssid=FAKE))


def test_the_name_of_a_real_network_is_judged_but_not_without_end() -> None:
    made_up = flooded()
    made_up.know_names([b"harbour"])
    assert [made_up.takes(fake(n, name=b"harbour")) for n in range(1, 8)] == [False] * 4 + [True] * 3
    assert not made_up.takes(fake(1, name=b"harbour"))
    assert made_up.takes(fake(20))
    assert not flooded_and_renamed(made_up)


def flooded_and_renamed(made_up: MadeUp) -> bool:
    """Return whether a member with another real name is judged as an access point."""
    made_up.know_names([b"lighthouse"])
    return made_up.takes(fake(20, name=b"lighthouse"))


def test_a_flood_that_is_over_is_forgotten() -> None:
    made_up = flooded()
    made_up.turn(1100.0)
    assert len(made_up) == 1
    made_up.turn(1121.0)
    assert len(made_up) == 0
    assert not made_up.takes(fake(1, time=1122.0))
    made_up = flooded()
    assert not made_up.takes(fake(1, time=5000.0))


def test_it_moves_with_the_clock() -> None:
    made_up = flooded()
    made_up.shift(5000.0)
    assert made_up.takes(fake(1, time=6001.0))


def test_bounded() -> None:
    made_up = MadeUp()
    made_up.know_names([b"%d" % n for n in range(500)])
    for n in range(2000):
        address = b"\2" + n.to_bytes(5, "big")
        made_up.suspect(address)
        made_up.spares(address, b"%d" % (n % 500))
        made_up.add(address, b"%d" % n, impossible=True, now=1000.0)
    assert (len(made_up.members), len(made_up.shapes), len(made_up._suspects)) == (512, 64, 512)
    assert len(made_up._spared) <= 64


def test_members_count_nowhere_as_access_points() -> None:
    survey = Survey()
    survey.made_up = flooded()
    seen = survey.observe(fake(1))
    assert seen is MADE_UP
    assert survey.observe(fake(1)) is not NOTHING
    assert (survey.totals().access_points, survey.totals().made_up) == (0, 2)
    assert survey.access_point_rows() == []


def test_who_is_withdrawn_is_lost() -> None:
    survey = Survey()
    survey.observe(fake(1))
    first = fake(1)
    survey.made_up.add(first.bssid or b"", shape(first), impossible=True, now=1000.0)
    found: list[object] = []
    assert survey.withdraw(found) == {first.bssid}  # type: ignore[arg-type]  # of bodies
    assert [body.reason for body in found] == ["made up"]  # type: ignore[attr-defined]
    assert survey.totals().access_points == 0
    assert not survey.made_up.leaving


@given(st.binary(max_size=80), st.binary(min_size=6, max_size=6))
def test_nothing_raises(body: bytes, address: bytes) -> None:
    sent = frame(8, ALL, address, address, body, time=1000.0)
    shape(sent)
    made_up = flooded()
    made_up.members[address] = None
    made_up.takes(sent)
    made_up.takes(frame(5, ALL, address, address, body, time=1000.0))
