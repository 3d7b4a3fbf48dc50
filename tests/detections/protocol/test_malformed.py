from __future__ import annotations

import contextlib
import zlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.detections.hearing import Hearing
from tests.detections.protocol.packets import EAPOL_LLC, eapol, key
from tests.survey.air import AP, RSN, STA, WPS, beacon, element, frame, from_ap, probe, response

from whimbrel.capture.chunks import CaptureError
from whimbrel.capture.reader import read_capture
from whimbrel.detections.protocol import shapes
from whimbrel.detections.protocol.malformed import _CLEAN, _SENDERS, MalformedFrames, MalformedSettings, faults
from whimbrel.detections.protocol.shapes import Shape
from whimbrel.events.alerts import Severity
from whimbrel.wifi.elements import parse_elements
from whimbrel.wifi.frames import Frame
from whimbrel.wifi.linktypes import parse, parser_for

NAME = element(0, b"harbour")
WMM = b"\x00\x50\xf2\x02"
TSPEC = element(221, shapes.TSPEC + bytes(55))


def rsn(pairwise: int, akms: int = 1) -> bytes:
    cipher, akm = bytes.fromhex("000fac04"), bytes.fromhex("000fac02")
    return element(
        48, b"\1\0" + cipher + pairwise.to_bytes(2, "little") + cipher + akms.to_bytes(2, "little") + akm + b"\0\0"
    )


def suites(count: int) -> bytes:
    return bytes.fromhex("000fac04") * count


def nested(*inner: bytes, indicator: int = 3) -> bytes:
    profile = b"".join(inner)
    return element(71, bytes((indicator,)) + element(0, profile))


CAPABILITY = element(83, b"\1\0")
P2P = b"\x50\x6f\x9a\x09"
WPS_ID = b"\x00\x50\xf2\x04"
WRONG = {
    "long-ssid": element(0, b"x" * 33),
    "long-rates": element(1, b"\x82" * 33),
    "fh-length": element(2, bytes(6)),
    "ds-length": element(3, b"\1\1"),
    "cf-length": element(4, bytes(7)),
    "short-tim": element(5, b"\0"),
    "ibss-length": element(6, bytes(3)),
    "long-country": element(7, b"DE " + bytes(250)),
    "csa-length": element(37, bytes(4)),
    "rsn-suites": rsn(64),
    "rsn-missing": rsn(9),
    "ecsa-length": element(60, bytes(3)),
    "set-indicator": element(71, b"\x2f"),
    "nested-set": nested(CAPABILITY, NAME, element(85, b"\1"), element(71, b"\1")),
    "own-index": nested(CAPABILITY, NAME, element(85, b"\x08")),
    "long-mesh-id": element(114, b"m" * 33),
    "long-capabilities": element(127, bytes(16)),
    "wpa-suites": element(221, bytes.fromhex("0050f2010100 0050f202 0004") + bytes(8)),
    "wpa-missing": element(221, bytes.fromhex("0050f2010100 0050f202 0300") + bytes(8)),
    "long-wps-name": element(221, WPS_ID + b"\x10\x11\0\x65" + b"n" * 101),
    "long-noa": element(221, P2P + b"\x0c\x1d\0" + bytes(29)),
    "many-absences": element(221, P2P + b"\x0c\x29\0" + bytes(41)),
    "p2p-overrun": element(221, P2P + b"\x02\x09\0" + bytes(2)),
    "long-wmm": element(221, WMM + bytes(21)),
    "many-tspecs": TSPEC * 5,
    "overrun": b"\x2d\x20\0",
    "wps-overrun": element(221, WPS_ID + b"\x10\x4a\0\x09\x10"),
}
RIGHT = {
    "long-ssid": element(0, b"x" * 32),
    "long-rates": element(1, b"\x82" * 32),
    "fh-length": element(2, bytes(5)),
    "ds-length": element(3, b"\1"),
    "cf-length": element(4, bytes(6)),
    "short-tim": element(5, b"\0\1"),
    "ibss-length": element(6, bytes(2)),
    "long-country": element(7, b"DE " + bytes(249)),
    "csa-length": element(37, bytes(3)),
    "rsn-suites": element(48, b"\1\0" + suites(1) + b"\x0a\0" + suites(10) + b"\x0a\0" + suites(10) + b"\0\0"),
    "rsn-missing": element(48, b"\1\0"),
    "ecsa-length": element(60, bytes(4)),
    "set-indicator": nested(CAPABILITY, NAME, element(85, b"\1"), indicator=46),
    "nested-set": nested(CAPABILITY, NAME, element(85, b"\1"), RSN),
    "own-index": nested(CAPABILITY, NAME, element(85, b"\x07")),
    "long-mesh-id": element(114, b"m" * 32),
    "long-capabilities": element(127, bytes(15)),
    "wpa-suites": element(221, bytes.fromhex("0050f2010100 0050f202 0100 0050f202 0100 0050f202")),
    "wpa-missing": element(221, bytes.fromhex("0050f2010100")),
    "long-wps-name": element(221, WPS_ID + b"\x10\x11\0\x64" + b"n" * 100),
    "long-noa": element(221, P2P + b"\x0c\x1c\0" + bytes(28)),
    "many-absences": element(221, P2P + b"\x0c\x1c\0" + bytes(28)),
    "p2p-overrun": element(221, P2P + b"\x02\x02\0" + bytes(2)),
    "long-wmm": element(221, WMM + bytes(20)),
    "many-tspecs": TSPEC * 4,
    "overrun": b"\x2d\x02\0\0",
    "wps-overrun": WPS,
}


def table() -> dict[str, Shape]:
    rows = [shape for group in (shapes.BY_ELEMENT, shapes.BY_VENDOR) for row in group.values() for shape in row]
    rows += [shapes.LONG_WMM, shapes.MANY_TSPECS, shapes.OVERRUN, shapes.WPS_OVERRUN]
    return {row.name: row for row in rows}


def told(elements: bytes) -> set[str]:
    return {shape.name for shape in faults(parse_elements(elements, 0, len(elements)))}


def with_fcs(made: Frame) -> Frame:
    """Return the frame as captured with its check sequence."""
    octets = made.raw + zlib.crc32(made.raw).to_bytes(4, "little")
    whole = parse(127, (made.time, b"\0\0\x09\0\x02\0\0\0\x10" + octets, len(octets) + 9))
    whole.freq = made.freq
    return whole


def two(**more: Any) -> list[Frame]:
    return [beacon(time=1000.0 + n, tsf=n, seq=n, interval=100 + n, **more) for n in range(2)]


def test_every_row_has_its_examples() -> None:
    assert set(table()) - {"neighbour-channel"} == set(WRONG) == set(RIGHT)


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_told_and_what_is_just_right_is_not(name: str) -> None:
    before = b"" if name == "long-ssid" else NAME
    assert name in told(before + WRONG[name])
    assert not told(before + RIGHT[name])


@pytest.mark.parametrize("name", WRONG)
@pytest.mark.raises_alert("malformed")
def test_two_frames_raise_an_alert(name: str) -> None:
    hearing = Hearing(MalformedFrames)
    one, other = two(elements=(b"" if name == "long-ssid" else NAME) + WRONG[name])
    assert not hearing.hear(one)
    [alert] = hearing.hear(other)
    row = table()[name]
    assert (alert.rule, alert.severity, alert.count, alert.sender) == ("malformed", row.severity, 2, AP)
    assert row.reference in alert.text


def test_faults_that_differ_each_time_are_damage_until_there_are_many() -> None:
    hearing = Hearing(MalformedFrames)
    made = [beacon(elements=rsn(200) + element(221, bytes((number,)) * 9), time=1000.0 + number) for number in range(8)]
    hearing.hear(*made[:7])
    assert hearing.alerts == []
    hearing.hear(made[7])
    assert hearing.rules == ["malformed"]


def test_one_frame_is_enough_where_its_check_sequence_fits() -> None:
    hearing = Hearing(MalformedFrames)
    [alert] = hearing.hear(with_fcs(two(elements=WRONG["long-ssid"])[0]))
    assert (alert.severity, alert.confidence) == (Severity.WARNING, "high")


@pytest.mark.spares("malformed")
def test_a_frame_whose_check_sequence_does_not_fit_is_no_evidence() -> None:
    hearing = Hearing(MalformedFrames)
    for each in two(elements=WRONG["long-ssid"]):
        whole = with_fcs(each)
        octets = whole.raw[:-1] + bytes((whole.raw[-1] ^ 1,))
        assert not hearing.hear(parse(127, (each.time, octets, len(octets))))


def test_what_the_capture_cut_short_is_no_evidence() -> None:
    hearing = Hearing(MalformedFrames)
    assert not hearing.hear(*two(elements=NAME + WRONG["overrun"], cut=True))


def test_every_kind_of_frame_with_elements() -> None:
    long = element(0, b"x" * 33)
    for kind, fixed in ((0x00, 4), (0x01, 6), (0x02, 10), (0x03, 6)):
        hearing = Hearing(MalformedFrames)
        assert hearing.hear(*[frame(kind, AP, STA, AP, bytes(fixed) + long, seq=n) for n in range(2)])
    hearing = Hearing(MalformedFrames)
    assert hearing.hear(*[probe(b"x" * 33, time=1000.0 + n) for n in range(2)])
    hearing = Hearing(MalformedFrames)
    assert hearing.hear(*[response(long, time=1000.0 + n, tsf=n) for n in range(2)])


def neighbour(channel: int, operating_class: int) -> Frame:
    body = b"\x05\x05\x01" + element(52, AP + bytes(4) + bytes((operating_class, channel, 7)))
    return frame(0x0D, STA, AP, AP, body)


# Numbers of annex E: 2.4, 5, 6, 60 GHz, of one country (1: 36 to 48 in the United States), and reserved ones.
@pytest.mark.parametrize(
    ("operating_class", "right", "wrong"),
    [
        (81, (1, 13, 224), (225, 229, 255)),
        (128, (42, 171), (229, 255)),
        (1, (36, 48), (229,)),
        (131, (1, 5, 225, 229, 233), (234, 255)),
        (134, (15, 207, 229, 233), (237,)),
        (137, (31, 191, 229), (255,)),
        (180, (1, 6), (233,)),
        (0, (0, 255), ()),
        (179, (233, 255), ()),
        (255, (255,), ()),
    ],
)
def test_a_neighbour_report_is_wrong_where_its_operating_class_has_no_such_channel(
    operating_class: int, right: tuple[int, ...], wrong: tuple[int, ...]
) -> None:
    hearing = Hearing(MalformedFrames)
    assert not hearing.hear(*[neighbour(channel, operating_class) for channel in right for _ in "12"])
    for channel in wrong:
        hearing = Hearing(MalformedFrames)
        [alert] = hearing.hear(*[neighbour(channel, operating_class) for _ in "12"])
        assert "CVE-2017-11120" in alert.text


def test_what_later_editions_allow_is_no_fault() -> None:
    for elements in (
        element(221, WMM + b"\x07" + bytes(60)),  # a subtype that WMM has not yet
        nested(CAPABILITY, NAME, element(85, b"\1"), indicator=9),
        element(221, P2P + b"\x02\xff\0" + bytes(248)),  # an attribute that continues in the next element
        element(5, b"\0\1"),
    ):
        assert not told(NAME + elements)
    assert "many-absences" in told(NAME + element(221, P2P + b"\x0c\x36\0" + bytes(54)))
    assert "long-noa" in told(NAME + element(221, P2P + b"\x0c\x43\0" + bytes(67)))


def test_every_row_names_its_clause() -> None:
    for shape in (*table().values(), shapes.LONG_EAPOL, shapes.LONG_KEY_DATA, shapes.KEY_DATA, shapes.EAPOL_LENGTH):
        assert shape.clause.startswith(("IEEE 802.1", "Wi-Fi ", "WMM ")), shape.name
        assert shape.reference == (shape.cve or shape.clause)
        assert shape.cve or shape.severity is Severity.NOTICE or "suites" in shape.name, "a warning fits an exploit"


def test_lengths_of_eapol() -> None:
    for wrong, name in (
        (key(3, 1, length=99), "runs past the packet"),
        (key(3, 1, data=bytes(258)), "more than 257 octets"),
        (key(3, 1, data=bytes(440)), "more than 512 octets"),
        (from_ap(EAPOL_LLC + b"\2\3\1\0" + bytes(99), flags=0x02), "longer than its frame"),
    ):
        hearing = Hearing(MalformedFrames)
        hearing.hear(beacon())
        [alert] = hearing.hear(wrong, wrong)
        assert name in alert.text
    hearing = Hearing(MalformedFrames)
    hearing.hear(beacon())
    for right in (key(3, 1, data=bytes(257)), key(1, 1), eapol(bytes(1200), up=True, kind=0)):
        assert not hearing.hear(right, right, right)


def test_long_keys_are_wrong_only_where_the_access_point_is_known_to_need_none() -> None:
    long = [key(3, n, data=bytes(500)) for n in range(5)]
    assert not Hearing(MalformedFrames).hear(*long), "no beacon was heard"
    for elements in (NAME + RSN, NAME + RSN + element(255, b"\x6c" + bytes(13))):
        hearing = Hearing(MalformedFrames)
        hearing.hear(beacon(elements))
        assert not hearing.hear(*long)
    hearing = Hearing(MalformedFrames)
    hearing.hear(beacon(cut=True))
    assert not hearing.hear(*long), "what says Wi-Fi 7 may be what was cut off"


def test_fragments_of_eapol_have_no_length_of_their_own() -> None:
    hearing = Hearing(MalformedFrames)
    for _ in range(5):
        assert not hearing.hear(from_ap(EAPOL_LLC + b"\2\0\4\0" + bytes(99), flags=0x06))


def test_each_fault_of_a_sender_is_an_alert_of_its_own() -> None:
    hearing = Hearing(MalformedFrames)
    hearing.hear(*two(elements=WRONG["long-ssid"]), *two(elements=NAME + WRONG["ds-length"], bssid=STA))
    assert [alert.sender for alert in hearing.alerts] == [AP, STA]


def test_settings_change_the_threshold() -> None:
    wanted: dict[str, Any] = {"malformed": MalformedSettings(frames=3)}
    hearing = Hearing(MalformedFrames, **wanted)
    frames = [response(element(0, b"x" * 33), tsf=n, time=1000.0 + n) for n in range(3)]
    assert not hearing.hear(*frames[:2])
    assert hearing.hear(frames[2])


def test_what_is_kept_is_bounded() -> None:
    hearing = Hearing(MalformedFrames)
    for n in range(2000):
        station = b"\x02" + n.to_bytes(5, "big")
        hearing.hear(probe(b"x" * 33, ta=station, time=1000.0 + n / 100))
        hearing.hear(probe(b"%d" % n, ta=station, time=1000.0 + n / 100))
    [detection] = hearing.engine.detections
    assert isinstance(detection, MalformedFrames)
    assert len(detection._bursts) <= _SENDERS
    assert len(detection._clean) <= _CLEAN


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_any_elements_are_read(octets: bytes) -> None:
    told(octets)


@settings(deadline=None)
@given(st.sampled_from(sorted(shapes.BY_ELEMENT)), st.binary(max_size=255))
def test_any_payload_is_read(number: int, payload: bytes) -> None:
    told(element(number, payload))


@settings(deadline=None)
@given(st.sampled_from([*sorted(shapes.BY_VENDOR), WMM]), st.binary(max_size=250))
def test_any_vendor_payload_is_read(vendor: bytes, payload: bytes) -> None:
    told(element(221, vendor + payload))


@settings(deadline=None)
@given(st.sampled_from(sorted(MalformedFrames.kinds)), st.binary(max_size=80), st.integers(0, 255))
def test_no_frame_raises(kind: int, body: bytes, flags: int) -> None:
    hearing = Hearing(MalformedFrames)
    hearing.hear(frame(kind, AP, STA, AP, body, flags=flags), frame(kind, AP, STA, AP, b"\x05\x05\x01" + body))
    hearing.hear(from_ap(EAPOL_LLC + body, flags=flags & 0xBC | 0x02))


@pytest.mark.captures
def test_real_beacons_are_well_formed(captures: Path) -> None:
    """No capture of real air has a frame that looks exactly like an exploit."""
    hearing = Hearing(MalformedFrames)
    paths = [path for folder in ("aircrack-ng", "vanhoef", "wids-802.11x", "deauth-attack")
             for path in sorted((captures / folder).iterdir())]  # fmt: skip
    heard = 0
    for path in paths:
        with path.open("rb") as file, contextlib.suppress(CaptureError):
            for link_type, records in read_capture(file):
                read = parser_for(link_type)
                for record in records:
                    hearing.hear(read(record))
                    heard += 1
    assert heard > 5000
    assert not [alert for alert in hearing.alerts if alert.severity.rank > Severity.NOTICE.rank]


def test_a_beacon_that_never_changes_counts_when_it_comes_again() -> None:
    def odd(number: int, name: bytes = b"x" * 33) -> Frame:
        body = bytes(8) + b"\x64\0\x01\0" + element(0, name) + element(5, bytes((number % 3, 3, 0, 0)))
        return frame(0x08, b"\xff" * 6, AP, AP, body, time=1000.0 + number * 1.1, seq=number)

    hearing = Hearing(MalformedFrames)
    assert not hearing.hear(odd(0))
    assert [alert.count for alert in hearing.hear(odd(1), odd(2), odd(3))] == [2]
    damaged = Hearing(MalformedFrames)
    damaged.hear(odd(0), *(odd(n, b"harbour") for n in range(1, 9)))
    assert not damaged.alerts, "damage does not come again"


def repeated(number: int, *, every: float = 1.1, behind: float = 0.0) -> Frame:
    body = bytes(8) + b"\x64\0\x01\0" + element(0, b"x" * 33) + element(5, bytes((number % 3, 3, 0, 0)))
    return frame(0x08, b"\xff" * 6, AP, AP, body, time=1000.0 + number * every - behind, seq=number)


@pytest.mark.parametrize("needed", [3, 5, 8])
def test_a_beacon_that_never_changes_counts_as_often_as_it_must(needed: int) -> None:
    hearing = Hearing(MalformedFrames, malformed=MalformedSettings(frames=needed))
    for number in range(needed - 1):
        assert not hearing.hear(repeated(number)), number
    assert [alert.count for alert in hearing.hear(*map(repeated, range(needed - 1, needed + 3)))] == [needed]


def test_a_beacon_with_a_fault_is_waited_for_by_the_clock_without_steps() -> None:
    hearing = Hearing(MalformedFrames)
    hearing.hear(beacon(bssid=STA, time=999.0))
    hearing.engine.shift(5000.0)
    hearing.hear(repeated(0, behind=-5000.0), *(beacon(bssid=STA, time=6000.5 + number) for number in range(5)))
    assert [alert.count for alert in hearing.hear(*(repeated(n, behind=-5000.0) for n in range(6, 9)))] == [2]
