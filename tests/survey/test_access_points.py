from __future__ import annotations

from binascii import crc32
from collections.abc import Callable

import pytest
from tests.survey.air import (
    ALL,
    AP,
    ESS,
    PRIVACY,
    RATES,
    RAW,
    RSN,
    SAE,
    STA,
    WPS,
    beacon,
    ds,
    element,
    feed,
    frame,
    from_ap,
    kinds,
    load,
    probe,
    response,
    the_ap,
    tim,
)  # fmt: skip

from whimbrel.events.air import AccessPointChanged, AccessPointFound, Change, NameRevealed, StationFound, StationLost
from whimbrel.survey.access_point import NAMES
from whimbrel.survey.survey import Survey
from whimbrel.wifi.frames import Frame
from whimbrel.wifi.linktypes import parse
from whimbrel.wifi.security import Pmf, Protection
from whimbrel.wifi.vendors import vendor

HIDDEN = element(0, b"") + RATES + ds(6) + tim() + RSN


@pytest.fixture
def survey() -> Survey:
    return Survey()


def test_first_beacon_is_found_once(survey: Survey) -> None:
    found = feed(survey, [beacon(time=1000.0), beacon(time=1000.1, tsf=102401)])
    assert found == [
        AccessPointFound(
            bssid=AP,
            ssid=b"harbour",
            hidden=False,
            channel=6,
            freq=2437,
            band="2.4",
            security=Protection.WPA2_PERSONAL,
            pmf=Pmf.NONE,
            wps=False,
            vendor=vendor(AP),
            rssi=-50,
        )
    ]
    ap = the_ap(survey)
    assert (ap.beacons, ap.frames, ap.first, ap.last, ap.tsf) == (2, 2, 1000.0, 1000.1, 102401)


def test_known_beacon_shows_nothing(survey: Survey) -> None:
    survey.observe(beacon())
    seen = survey.observe(beacon(time=1000.1))
    assert (seen.findings, seen.fresh, seen.announced) == ((), False, ())


def test_own_channel_beats_the_radio(survey: Survey) -> None:
    survey.observe(beacon(channel=6, freq=2432))
    assert (the_ap(survey).announced.channel, the_ap(survey).announced.freq) == (6, 2437)


def test_radio_tells_the_channel_where_the_beacon_does_not(survey: Survey) -> None:
    elements = element(0, b"five") + RATES
    survey.observe(beacon(elements, freq=5180))
    assert (the_ap(survey).announced.channel, the_ap(survey).announced.freq) == (36, 5180)
    assert not survey.observe(beacon(elements + element(221, b"\0\x11\x22\x33"), freq=5200)).findings
    assert the_ap(survey).announced.channel == 36


def test_frame_without_channel_or_rssi_counts(survey: Survey) -> None:
    found = feed(survey, [beacon(element(0, b"x"), freq=0, rssi=None)])
    assert isinstance(found[0], AccessPointFound)
    assert (found[0].channel, found[0].rssi) == (0, None)
    assert the_ap(survey).beacons == 1


def test_tuned_frequency_stands_in(survey: Survey) -> None:
    survey.observe(beacon(element(0, b"x"), freq=0), 5745)
    assert the_ap(survey).announced.channel == 149


@pytest.mark.parametrize(
    ("changed", "changes"),
    [
        (beacon(name=b"harbor"), {"ssid": (b"harbour", b"harbor")}),
        (beacon(channel=11), {"channel": ("6", "11")}),
        (
            beacon(security=SAE),
            {"security": (Protection.WPA2_PERSONAL, Protection.WPA3_PERSONAL), "pmf": (Pmf.NONE, Pmf.REQUIRED)},
        ),
        (beacon(security=b""), {"security": (Protection.WPA2_PERSONAL, Protection.OPEN)}),
        (beacon(security=RSN + WPS), {"wps": (False, True)}),
        (beacon(security=element(7, b"DE \1\x0d\x14") + RSN), {"country": ("", "DE")}),
        (beacon(interval=200), {"interval": (100, 200)}),
    ],
)
def test_meaningful_changes(survey: Survey, changed: object, changes: dict[str, tuple[object, object]]) -> None:
    survey.observe(beacon())
    found = survey.observe(changed).findings  # type: ignore[arg-type]
    assert len(found) == 1
    assert isinstance(found[0], AccessPointChanged)
    assert found[0].changes == tuple(Change(name, old, new) for name, (old, new) in changes.items())


def test_traffic_is_no_change(survey: Survey) -> None:
    base = element(0, b"harbour") + RATES + ds(6)
    survey.observe(beacon(base + tim(b"\0") + load(1, 10) + RSN))
    assert not survey.observe(beacon(base + tim(b"\0\1\2\3", count=1) + load(7, 200) + RSN)).fresh
    ap = the_ap(survey)
    assert ap.beacons == 2
    assert ap.load is not None
    assert (ap.load.stations, ap.load.utilisation) == (7, 200 / 255)


def test_two_transmitters_on_one_bssid_are_counted_not_reported_without_end(survey: Survey) -> None:
    ours = [beacon(time=1000 + n / 5) for n in range(50)]
    theirs = [beacon(security=b"", time=1000.1 + n / 5) for n in range(50)]
    found = feed(survey, [each for pair in zip(ours, theirs, strict=True) for each in pair])
    assert kinds(found) == ["access-point-found", "access-point-changed"]
    ap = the_ap(survey)
    assert ap.flips == 98
    assert ap.beacons == 100


def test_going_back_after_long_is_a_change(survey: Survey) -> None:
    found = feed(survey, [beacon(), *(beacon(channel=11, time=1001 + n) for n in range(70))])
    assert kinds(found)[1:] == ["access-point-changed", "air-report"]
    assert kinds(survey.observe(beacon(time=1075.0)).findings) == ["access-point-changed"]


@pytest.mark.parametrize("name", [b"", bytes(7)])
def test_hidden_name_is_revealed_once_by_a_probe_response(survey: Survey, name: bytes) -> None:
    hidden = element(0, name) + RATES + ds(6) + tim() + RSN
    found = feed(survey, [beacon(hidden), response(time=1000.5), response(time=1001), beacon(hidden, time=1001.1)])
    assert isinstance(found[0], AccessPointFound)
    assert (found[0].hidden, found[0].ssid) == (True, b"")
    assert found[1:] == [NameRevealed(bssid=AP, ssid=b"harbour", by="probe response")]
    assert the_ap(survey).ssid == b"harbour"
    assert the_ap(survey).hidden


@pytest.mark.parametrize(
    ("kind", "fixed", "by"), [(0x00, bytes(4), "association request"), (0x02, bytes(10), "reassociation request")]
)
def test_hidden_name_is_revealed_by_a_station(survey: Survey, kind: int, fixed: bytes, by: str) -> None:
    survey.observe(beacon(HIDDEN))
    found = survey.observe(frame(kind, AP, STA, AP, fixed + element(0, b"harbour"))).findings
    assert kinds(found) == ["station-found", "name-revealed"]
    assert found[1] == NameRevealed(bssid=AP, ssid=b"harbour", by=by)


def test_network_that_goes_into_hiding_keeps_its_name(survey: Survey) -> None:
    found = feed(survey, [beacon(), beacon(HIDDEN, time=1001)])
    assert isinstance(found[1], AccessPointChanged)
    assert found[1].changes == (Change("hidden", old=False, new=True),)
    assert the_ap(survey).ssid == b"harbour"


def test_names_are_bounded_and_counted(survey: Survey) -> None:
    survey.observe(beacon(HIDDEN))
    for number in range(100):
        survey.observe(response(name=b"name %d" % number, time=1000 + number / 100))
    ap = the_ap(survey)
    assert len(ap.names) == NAMES
    assert ap.names_dropped == 100 - NAMES


def test_probe_response_teaches_what_no_beacon_has(survey: Survey) -> None:
    elsewhere = element(0, b"harbour") + RATES + ds(11)
    found = feed(survey, [response(), beacon(time=1000.1), response(elsewhere, time=1000.2)])
    assert kinds(found) == ["access-point-found"]
    ap = the_ap(survey)
    assert (ap.beacons, ap.frames, ap.announced.channel) == (1, 3, 6)


def test_beacon_and_probe_response_may_differ_in_wps(survey: Survey) -> None:
    with_wps = element(0, b"harbour") + RATES + ds(6) + RSN + WPS
    assert kinds(feed(survey, [response(with_wps), beacon(time=1000.1)])) == ["access-point-found"]


def test_an_access_point_is_no_station(survey: Survey) -> None:
    found = feed(survey, [probe(ta=AP), beacon(time=1000.1)])
    assert [type(each) for each in found] == [StationFound, StationLost, AccessPointFound]
    assert found[1].reason == "access point"  # type: ignore[attr-defined]
    assert not survey.stations.table.entries
    assert not survey.observe(probe(ta=AP, time=1000.2)).findings


def test_fake_address_with_the_group_bit_is_an_access_point_too(survey: Survey) -> None:
    assert kinds(survey.observe(beacon(bssid=b"\x01" + AP[1:])).findings) == ["access-point-found"]


def test_cut_frame_takes_nothing_back(survey: Survey) -> None:
    survey.observe(beacon())
    assert not survey.observe(beacon(element(0, b"harbour"), time=1000.1, cut=True)).findings
    assert the_ap(survey).announced.security.name == "WPA2-Personal"
    assert the_ap(survey).beacons == 2


def test_element_that_never_rests_is_no_longer_looked_at(survey: Survey) -> None:
    def with_counter(number: int) -> bytes:
        return (
            element(0, b"harbour")
            + RATES
            + ds(6)
            + tim()
            + RSN
            + element(221, b"\x00\x0c\x42\x00" + bytes((number,)) * 20)
        )

    for number in range(10):
        survey.observe(beacon(with_counter(number), time=1000 + number / 10))
    ap = the_ap(survey)
    assert ap.volatile == {b"\x00\x0c\x42\x00"}
    later = beacon(with_counter(77), time=1002)
    assert ap.announced.matches(later.raw, later.body, later.end)


def test_security_that_never_rests_is_always_looked_at(survey: Survey) -> None:
    for number in range(10):
        security = RSN[:-2] + bytes((number << 4 & 0x30, 0))
        survey.observe(beacon(security=security, time=1000 + number / 10))
    assert not the_ap(survey).volatile
    changed = beacon(security=SAE, time=1002)
    assert not the_ap(survey).announced.matches(changed.raw, changed.body, changed.end)


def test_measured_interval_by_the_receivers_clock(survey: Survey) -> None:
    feed(survey, [beacon(interval=100, tsf=n, tsft=n * 204_800, time=1000 + n / 5) for n in range(1, 20)])
    assert the_ap(survey).measured_interval == 200


def test_measured_interval_with_missed_beacons(survey: Survey) -> None:
    heard = [0, 1, 5, 6, 12, 13, 20, 21, 30, 31, 40, 41, 50, 51]
    feed(survey, [beacon(tsf=n * 102_400, time=1000 + n / 10) for n in heard])
    assert the_ap(survey).measured_interval == 100


def test_signal(survey: Survey) -> None:
    feed(survey, [beacon(rssi=rssi, time=1000 + n) for n, rssi in enumerate([-50, -60, -40, None, -50])])
    signal = the_ap(survey).signal
    assert (signal.last, signal.low, signal.high) == (-50, -60, -40)


def multiple_bssid(security: bytes = b"", capability: int = ESS, index: int = 1) -> bytes:
    profile = element(83, capability.to_bytes(2, "little")) + element(0, b"guests") + element(85, bytes((index,)))
    carried = element(71, b"\x03" + element(0, profile + security))
    return element(0, b"harbour") + RATES + ds(6) + tim() + RSN + carried


def test_networks_carried_in_anothers_beacon(survey: Survey) -> None:
    found = feed(survey, [beacon(multiple_bssid()), *(beacon(multiple_bssid(), time=1000 + n) for n in range(1, 400))])
    assert kinds(found)[:2] == ["access-point-found"] * 2
    assert "access-point-lost" not in kinds(found)
    guests = the_ap(survey, AP[:5] + b"\x56")
    assert (guests.ssid, guests.announced.security.name, guests.announced.channel) == (b"guests", "open", 6)
    assert guests.carrier == the_ap(survey).address
    assert kinds(survey.observe(beacon(multiple_bssid(SAE, ESS | 0x10), time=1400.0)).findings) == [
        "access-point-changed"
    ]
    assert guests.announced.security.name == "WPA3-Personal"


def test_carried_network_inherits_security(survey: Survey) -> None:
    survey.observe(beacon(multiple_bssid(capability=ESS | 0x10)))
    assert the_ap(survey, AP[:5] + b"\x56").announced.security.name == "WPA2-Personal"


def test_mesh_is_not_hidden(survey: Survey) -> None:
    survey.observe(beacon(element(0, b"") + RATES + element(114, b"mesh")))
    assert not the_ap(survey).hidden


def test_independent_network(survey: Survey) -> None:
    survey.observe(beacon(capability=0x02, security=b"", ra=ALL))
    assert the_ap(survey).announced.adhoc


def test_fingerprint_names_the_part_that_changed(survey: Survey) -> None:
    survey.observe(beacon())
    before = dict(the_ap(survey).announced.fingerprint)
    survey.observe(beacon(security=SAE))
    after = dict(the_ap(survey).announced.fingerprint)
    assert {part for part in before if before[part] != after[part]} == {"security"}


def with_check(made: Frame, *, damaged: bool) -> Frame:
    """Return a frame with its check sequence, as a radio hands it over, one bit of it flipped behind the header."""
    check = crc32(made.raw).to_bytes(4, "little")
    octets = bytearray(made.raw)
    octets[-1] ^= 0x80 * damaged
    return parse(RAW, (made.time, bytes(octets) + check, len(octets) + 4))


@pytest.mark.parametrize("made", [beacon, response])
def test_damage_that_the_receiver_did_not_see_changes_nothing(survey: Survey, made: Callable[..., Frame]) -> None:
    survey.observe(made())
    damaged = with_check(made(name=b"haxbour", security=SAE) if made is beacon else made(name=b"haxbour"), damaged=True)
    damaged.end -= 4  # radiotap says that the check sequence is there
    assert not survey.observe(damaged).findings
    assert the_ap(survey).frames == 1
    assert survey.totals().disbelieved == 1
    assert kinds(survey.observe(with_check(made(name=b"haxbour"), damaged=False)).findings) == ["access-point-changed"]


def test_beacon_that_ends_too_early_is_not_called_wep(survey: Survey) -> None:
    cut = parse(RAW, (1000.0, beacon().raw[:-25], len(beacon().raw)))
    survey.observe(cut)
    assert the_ap(survey).announced.security.name == "encrypted"
    broken = beacon(element(0, b"x") + RATES + b"\x30\xff\1\0", bssid=STA)
    survey.observe(broken)
    assert the_ap(survey, STA).announced.security.name == "encrypted"
    assert kinds(survey.observe(beacon()).findings) == ["access-point-changed"]
    assert the_ap(survey).announced.security.name == "WPA2-Personal"


OSEN_ELEMENT = element(221, bytes.fromhex("506f9a12 000fac07 0100 000fac04 0100 506f9a01 0000"))


def test_osen_is_no_wep(survey: Survey) -> None:
    survey.observe(beacon(security=OSEN_ELEMENT))
    security = the_ap(survey).announced.security
    assert (security.name, security.akms, security.ciphers) == ("OSEN", ("OSEN",), ("CCMP-128",))
    assert security.protection is Protection.OSEN


@pytest.mark.parametrize("size", range(26))
def test_osen_cut_anywhere_is_no_wep(survey: Survey, size: int) -> None:
    survey.observe(beacon(security=element(221, OSEN_ELEMENT[2 : 6 + size])))
    assert the_ap(survey).announced.security.protection in Protection.OSEN | Protection.UNREAD_RSN


def test_osen_beside_rsn(survey: Survey) -> None:
    survey.observe(beacon(security=RSN + OSEN_ELEMENT))
    assert the_ap(survey).announced.security.name == "WPA2-Personal + OSEN"


@pytest.mark.parametrize(
    ("more", "name"),
    [
        (b"", "WEP"),
        (element(45, bytes(26)), "WEP"),
        (element(191, bytes(12)), "encrypted"),
        (element(255, b"\x23" + bytes(30)), "encrypted"),
        (element(114, b"meshy"), "encrypted"),
    ],
    ids=["b", "n", "ac", "ax", "mesh"],
)
def test_privacy_alone_is_wep_only_where_wep_can_be(survey: Survey, more: bytes, name: str) -> None:
    survey.observe(beacon(security=more, capability=ESS | PRIVACY))
    assert the_ap(survey).announced.security.name == name


@pytest.mark.parametrize("name", [b"", b"\0" * 5, b"named"])
def test_a_mesh_has_an_id_and_is_not_hidden(survey: Survey, name: bytes) -> None:
    [found] = survey.observe(beacon(element(0, name) + RATES + element(114, b"meshy"), capability=0)).findings
    assert isinstance(found, AccessPointFound)
    assert (found.mesh_id, found.hidden, found.ssid) == (b"meshy", False, name.strip(b"\0"))


def test_a_mesh_id_is_cut_and_may_be_empty(survey: Survey) -> None:
    survey.observe(beacon(element(0, b"") + RATES + element(114, b"x" * 40)))
    assert the_ap(survey).announced.mesh_id == b"x" * 32
    survey.observe(beacon(element(0, b"") + RATES + element(114, b"")))
    assert the_ap(survey).announced.mesh_id == b""


def hop(
    survey: Survey, seconds: int, *, since: float = 1000.0, freqs: tuple[int, ...] = (2432, 2437, 2442)
) -> list[int]:
    """Hear an access point on channel 6 while hopping: -45 dBm there, -75 on the channels beside it. Return the level
    that is shown, second by second."""
    shown = []
    for second in range(seconds):
        freq = freqs[second % len(freqs)]
        for number in range(2):
            time = since + second + number / 10
            survey.observe(beacon(freq=freq, rssi=-45 if freq == 2437 else -75, time=time))
        level = the_ap(survey).signal.smoothed
        assert level is not None
        shown.append(level)
    return shown


def test_what_leaks_into_other_channels_does_not_count_while_the_own_is_heard(survey: Survey) -> None:
    shown = hop(survey, 60)
    assert shown[:1] == [-75]  # nothing better is known yet
    assert set(shown[1:]) == {-45}
    ap = the_ap(survey)
    assert (ap.signal.low, ap.signal.high) == (-45, -45)
    assert (ap.announced.channel, ap.heard_on) == (6, 2442)


def test_other_channels_count_where_the_own_is_not_heard_any_more(survey: Survey) -> None:
    hop(survey, 9)
    away = hop(survey, 90, since=1009.0, freqs=(2442,))
    assert away[:50] == [-45] * 50
    assert away[-1] == -75
    assert the_ap(survey).signal.high == -75
    back = hop(survey, 3, since=1099.0)
    assert back == [-75, -45, -45]


def test_the_clock_does_not_matter_to_the_level(survey: Survey) -> None:
    hop(survey, 9)
    survey.shift(-500_000_000.0)
    assert set(hop(survey, 9, since=-499_998_991.0)) == {-45}


def test_frames_that_are_no_beacons_leak_too(survey: Survey) -> None:
    hop(survey, 9)
    for number in range(9):
        survey.observe(from_ap(freq=2442, rssi=-80, time=1009 + number / 10))
        survey.observe(response(freq=2442, rssi=-80, time=1009.05 + number / 10))
    assert the_ap(survey).signal.smoothed == -45


def test_where_no_channel_is_told_every_level_counts(survey: Survey) -> None:
    for number, level in enumerate((-40, -80, -40, -80)):
        survey.observe(beacon(element(0, b"x"), freq=0, rssi=level, time=1000 + number / 10))
    assert (the_ap(survey).signal.low, the_ap(survey).signal.high, the_ap(survey).heard_on) == (-80, -40, 0)


def test_the_row_has_the_announced_channel_and_where_else_it_was_heard(survey: Survey) -> None:
    survey.observe(beacon(element(0, b"") + RATES + ds(6) + element(114, b"meshy"), freq=2442, capability=0))
    row = the_ap(survey).row(0)
    assert (row.channel, row.freq, row.heard_on, row.mesh_id, row.hidden) == (6, 2437, 2442, b"meshy", False)
    survey.observe(beacon(element(0, b"") + RATES + ds(6) + element(114, b"meshy"), freq=2437, capability=0, time=1001))
    assert the_ap(survey).row(0).heard_on == 0
