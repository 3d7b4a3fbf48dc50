from __future__ import annotations

import pytest
from tests.lab.frames import radiotap
from tests.recording.frames import NOW, heard

from whimbrel.geo import Kept, Zone, ZoneKind
from whimbrel.recording.stay_at_home import StayAtHome
from whimbrel.wifi.frames import Frame

OURS, SECOND, OTHER, STATION = (bytes([2, 0, 0, 0, 0, number]) for number in range(1, 5))
ALL = b"\xff" * 6


def zone(keep: Kept = Kept.NOTHING, kind: ZoneKind = ZoneKind.HOME, name: str = "home") -> Zone:
    return Zone(name=name, kind=kind, latitude=54.0, longitude=8.0, radius=100.0, keep=keep)


def frame(kind: int, flags: int, *addresses: bytes, body: bytes = b"", time: float = NOW) -> Frame:
    return heard(radiotap(bytes([kind, flags, 0, 0]) + b"".join(addresses) + bytes(2) + body), time)


def beacon(bssid: bytes, ssid: bytes, time: float = NOW) -> Frame:
    return frame(0x80, 0, ALL, bssid, bssid, body=bytes(12) + bytes([0, len(ssid)]) + ssid, time=time)


def data(bssid: bytes, time: float = NOW) -> Frame:
    return frame(0x08, 1, bssid, STATION, OTHER, body=b"12345678", time=time)


def acknowledgement(receiver: bytes) -> Frame:
    return heard(radiotap(b"\xd4\0\0\0" + receiver))


def test_away_everything_may_be_recorded_as_it_came() -> None:
    home = StayAtHome()
    frames = [beacon(OURS, b"ours"), beacon(OTHER, b"other")]
    for zones in ((), (zone(kind=ZoneKind.QUIET),)):
        home.move(zones, NOW)
        assert home.keep is None
        assert home.heard(frames) is frames


def test_at_home_nothing_is() -> None:
    home = StayAtHome()
    home.guard([b"ours"], [OURS])
    home.move((zone(), zone(Kept.GUARDED, name="work")), NOW)  # the stricter zone counts
    assert home.keep is Kept.NOTHING
    assert home.heard([beacon(OURS, b"ours")]) == []
    home.move((), NOW + 60)
    assert home.heard([beacon(OURS, b"ours")])


def test_of_the_guarded_networks_everything_is_that_they_send_or_get() -> None:
    home = StayAtHome()
    home.guard([b"ours"], [OURS])
    home.move((zone(Kept.GUARDED),), NOW)
    ours = [beacon(OURS, b"ours"), data(OURS), acknowledgement(OURS)]
    others = [beacon(OTHER, b"other"), data(OTHER), acknowledgement(OTHER), Frame()]
    assert home.heard([*ours, *others]) == ours


def test_an_access_point_of_a_network_that_is_guarded_by_name_is_known_from_its_first_beacon() -> None:
    home = StayAtHome()
    home.guard([b"ours"], [])
    home.move((zone(Kept.GUARDED),), NOW)
    frames = [data(SECOND), beacon(SECOND, b"ours"), data(SECOND)]
    assert home.heard(frames) == frames[1:]
    home.guard([b"another"], [])
    assert home.heard(frames) == []


@pytest.mark.parametrize("body", [b"", bytes(12), bytes(12) + b"\0", bytes(12) + b"\0\x20our"])
def test_beacons_that_are_cut_short_are_of_no_guarded_network(body: bytes) -> None:
    home = StayAtHome()
    home.guard([b"ours", b""], [])
    home.move((zone(Kept.GUARDED),), NOW)
    assert home.heard([frame(0x80, 0, ALL, OTHER, OTHER, body=body)]) == []


def test_a_zone_that_is_taken_out_of_the_settings_is_home_no_more() -> None:
    home = StayAtHome()
    home.move((zone(),), NOW)
    home.redraw([zone(name="another")], NOW + 1)
    assert home.keep is None


def test_what_was_heard_at_home_stays_unrecorded_when_it_turns_out_to_be_evidence() -> None:
    home = StayAtHome()
    home.guard([], [OURS])
    home.move((zone(),), NOW)
    home.move((), NOW + 60)
    home.move((zone(Kept.GUARDED),), NOW + 120)
    heard_at = [(data(bssid, NOW + at)) for at in (-1, 30, 90, 130) for bssid in (OURS, OTHER)]
    assert [home.allows(frame) for frame in heard_at] == [True, True, False, False, True, True, True, False]
    home.shift(1000.0)
    assert not home.allows(data(OURS, NOW + 1030))
    assert home.allows(data(OURS, NOW + 1090))
