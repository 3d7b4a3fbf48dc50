"""What the elements and EAPOL messages of real captures say, against what tshark says of the same frames."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from whimbrel.capture.chunks import CaptureError
from whimbrel.capture.reader import read_capture
from whimbrel.wifi import kinds
from whimbrel.wifi.eapol import parse_eapol
from whimbrel.wifi.elements import ELEMENTS_AT, beacon_fixed, parse_elements
from whimbrel.wifi.frames import Frame
from whimbrel.wifi.linktypes import parser_for
from whimbrel.wifi.payloads import eapol_packets
from whimbrel.wifi.reasons import reason, status

pytestmark = pytest.mark.captures

_TYPES = {"eap": 0, "start": 1, "logoff": 2, "key": 3}
_DATA = {kinds.DATA, kinds.QOS_DATA}


@pytest.fixture(scope="module")
def expected(captures: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((captures / "expected.json").read_text())
    return found


def frames(path: Path) -> Iterator[Frame]:
    with path.open("rb") as stream:
        try:
            for link, records in read_capture(stream):
                for record in records:
                    yield parser_for(link)(record)
        except CaptureError:
            return


def suites(selectors: tuple[bytes, ...]) -> str:
    return ",".join(str(selector[3]) for selector in selectors)


def announced(frame: Frame) -> dict[str, Any]:
    """Say of one beacon what `expected.json` says of an access point."""
    fixed = beacon_fixed(frame.raw, frame.body, frame.end)
    assert fixed is not None
    _, interval, capability = fixed
    elements = parse_elements(frame.raw, frame.body + ELEMENTS_AT[frame.kind], frame.end)
    rsn = elements.rsn
    return {
        "ssid_hex": elements.ssid.hex() if elements.ssid else "<MISSING>",
        "channel": str(elements.operation.channel) if elements.operation.channel else None,
        "akm": suites(rsn.akms) if rsn else None,
        "pairwise": suites(rsn.pairwise) if rsn else None,
        "group": suites((rsn.group,)) if rsn else None,
        "privacy": str(capability >> 4 & 1),
        "mfp_required": str(int(rsn.pmf_required)) if rsn else None,
        "mfp_capable": str(int(rsn.pmf_capable)) if rsn else None,
        "interval": str(interval),
        "country": elements.country,
        "wpa1": elements.wpa is not None,
        "wps": elements.wps is not None,
    }


def test_access_points_announce_what_tshark_reads(captures: Path, expected: dict[str, Any]) -> None:
    compared = 0
    differ = []
    for name, file in expected.items():
        told: defaultdict[str, defaultdict[str, set[Any]]] = defaultdict(lambda: defaultdict(set))
        for frame in frames(captures / name):
            if frame.kind == kinds.BEACON and frame.malformed is None and frame.bssid is not None:
                for field, value in announced(frame).items():
                    told[frame.bssid.hex(":")][field].add(value)
        for bssid, theirs in file["access_points"].items():
            for field, values in told[bssid].items():
                ours = any(values) if isinstance(theirs[field], bool) else sorted(values - {None})
                compared += 1
                if ours != theirs[field]:
                    differ.append((name, bssid, field, ours, theirs[field]))
    assert differ == []
    assert compared > 1500


def test_eapol_messages_are_those_that_tshark_counts(captures: Path, expected: dict[str, Any]) -> None:
    differ = []
    for name, file in expected.items():
        ours: Counter[str] = Counter()
        for frame in frames(captures / name):
            if frame.kind not in _DATA or frame.protected or not eapol_packets(frame):
                continue
            eapol = parse_eapol(frame.raw, frame.body, frame.end)
            assert eapol is not None
            ours[f"type{_TYPES[eapol.type]} msg{eapol.message[1:] or '-'}"] += 1
        if ours != file["eapol"]:
            differ.append((name, dict(ours), file["eapol"]))
    assert differ == []
    assert sum(sum(file["eapol"].values()) for file in expected.values()) > 100


@pytest.mark.parametrize(
    ("stem", "read", "at", "reserved"),
    [
        # tshark has no words for 45 either; IEEE 802.11-2020 has.
        ("reason_code", reason, {kinds.DEAUTH: 0, kinds.DISASSOC: 0}, {0, 40, 41, 42, 43, 44}),
        ("status_code", status, {kinds.AUTH: 4}, {4, 8, 9, 20, 21, 26, 29, 36, 48, 66, 69, 70, 71, 90, 91}),
    ],
)
def test_codes_have_words_where_tshark_has_them(
    captures: Path, stem: str, read: Callable[[int], str], at: dict[int, int], reserved: set[int]
) -> None:
    """Each file holds a frame with the code that its name says."""
    codes = set()
    for path in (captures / "tcpdump").glob(f"{stem}-*.pcap"):
        for frame in frames(path):
            if frame.kind in at:
                place = frame.body + at[frame.kind]
                code = int.from_bytes(frame.raw[place : place + 2], "little")
                assert path.stem == f"{stem}-{code}"
                codes.add(code)
    assert len(codes) > 60
    assert {code for code in codes if read(code) == "reserved"} == reserved


def test_elements_past_the_end_are_said_and_the_rest_is_read(captures: Path) -> None:
    """The files once made tcpdump read out of bounds."""
    found: Counter[str | None] = Counter()
    for name in ("ieee802.11_parse_elements_oobr.pcap", "ieee802.11_tim_ie_oobr.pcap"):
        for frame in frames(captures / "tcpdump" / name):
            if frame.kind in ELEMENTS_AT and frame.malformed is None:
                found[parse_elements(frame.raw, frame.body + ELEMENTS_AT[frame.kind], frame.end).malformed] += 1
    assert found["element 48 runs past the end"] >= 2
