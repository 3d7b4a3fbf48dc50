"""The kept inputs of each target: a zip file each, with the seeds and whatever else reaches code of its own."""

from __future__ import annotations

import json
import struct
import zipfile
from collections.abc import Iterable
from hashlib import blake2b
from pathlib import Path

from tests.detections.test_hostile import handmade
from tests.lab.pcap import pcap_header, pcap_record

from whimbrel.control.protocol import answer
from whimbrel.drivers.helper import protocol as helper
from whimbrel.drivers.nl80211 import attributes as nl
from whimbrel.drivers.nl80211.codec import pack_attribute, pack_message, pack_nested, pack_u32
from whimbrel.events.air import Disconnected
from whimbrel.events.base import Event
from whimbrel.events.encode import encode
from whimbrel.watching import guarded_file
from whimbrel.web.routes import ROUTES
from whimbrel.wifi.channels import Channel

FOLDER = Path(__file__).with_name("corpus")
_ROOT = Path(__file__).resolve().parents[2]
_RADIOTAP = bytes.fromhex("00000e000a0800000002850904a0")
"""Header with flags, rate, channel and signal."""
_BARE = 1
"""Number of the link type without a header in the target's list."""


def kept(target: str) -> list[bytes]:
    """Return the inputs that are kept of a target; none where there is no file."""
    path = FOLDER / f"{target}.zip"
    if not path.exists():
        return []
    with zipfile.ZipFile(path) as archive:
        return [archive.read(name) for name in sorted(archive.namelist())]


def keep(target: str, inputs: Iterable[bytes]) -> int:
    """Replace the inputs of a target; return the size of the file. The same inputs make the same file."""
    FOLDER.mkdir(exist_ok=True)
    path = FOLDER / f"{target}.zip"
    named = {blake2b(content, digest_size=8).hexdigest(): content for content in inputs}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name in sorted(named):
            archive.writestr(zipfile.ZipInfo(name), named[name], zipfile.ZIP_DEFLATED)
    return path.stat().st_size


def seeds(target: str) -> list[bytes]:
    """Return right inputs of a target, from which the others are made."""
    return _SEEDS[target]()


def _frames() -> list[bytes]:
    raws = [frame.raw[frame.start :] for frame in handmade()]
    return [bytes((_BARE,)) + raw for raw in raws] + [b"\0" + _RADIOTAP + raw for raw in raws]


def _elements() -> list[bytes]:
    return [frame.raw[frame.body + 12 : frame.end] for frame in handmade() if frame.kind in (0x08, 0x05)] + [
        frame.raw[frame.body : frame.end] for frame in handmade()
    ]


def _eapol() -> list[bytes]:
    return [frame.raw[frame.body : frame.end] for frame in handmade() if b"\x88\x8e" in frame.raw]


def _captures() -> list[bytes]:
    raws = [frame.raw for frame in handmade()]
    records = (pcap_record(raw, 1_700_000_000, n) for n, raw in enumerate(raws))
    plain = pcap_header(link_type=105) + b"".join(records)
    section = struct.pack("<IIIHHqI", 0x0A0D0D0A, 28, 0x1A2B3C4D, 1, 0, -1, 28)
    interface = struct.pack("<IIHHII", 1, 20, 105, 0, 65535, 20)
    blocks = b""
    for raw in raws:
        padded = raw + bytes(-len(raw) % 4)
        size = 32 + len(padded)
        blocks += struct.pack("<IIIIIII", 6, size, 0, 0, 1000, len(raw), len(raw)) + padded + struct.pack("<I", size)
    return [plain, section + interface + blocks, plain[:200]]


def _netlink() -> list[bytes]:
    beacon = next(frame for frame in handmade() if frame.kind == 0x08)
    elements = beacon.raw[beacon.body + 12 : beacon.end]
    bss = pack_nested(
        nl.ATTR_BSS,
        [
            pack_attribute(nl.BSS_BSSID, b"\2\0\0\0\0\1"),
            pack_u32(nl.BSS_FREQUENCY, 2412),
            pack_attribute(nl.BSS_INFORMATION_ELEMENTS, elements),
            pack_attribute(nl.BSS_BEACON_IES, elements),
            pack_u32(nl.BSS_SIGNAL_MBM, 0xFFFFF000),
        ],
    )
    interface = pack_u32(nl.ATTR_IFINDEX, 3) + pack_u32(nl.ATTR_WIPHY, 0) + pack_u32(nl.ATTR_WIPHY_FREQ, 2412)
    return [pack_message(28, 2, 1, b"\x22\1\0\0" + body) for body in (bss, interface)] + [
        pack_message(2, 0x300, 1, struct.pack("=i", -22) + bytes(16)),
        pack_message(3, 2, 1, bytes(4)),
    ]


def _helper() -> list[bytes]:
    requests = [
        helper.HelperRequest(7, ask, "phy0", Channel(5180, 80, 5210), 1 << 20, bytes(8), freqs=(2412, 5180))
        for ask in helper.Ask
    ]
    found = [helper.HelperAnswer(7, outcome, ("line", "two"), (2412,), 127, 0) for outcome in helper.Outcome]
    return [*map(helper.pack_request, requests), *map(helper.pack_answer, found)]


def _requests() -> list[bytes]:
    values = [{"verb": "status"}, {"verb": "press", "key": "up", "id": [1]}, {"verb": "tail", "kinds": ["alert"]}]
    return [json.dumps(value).encode() + b"\n" for value in values]


def _answers() -> list[bytes]:
    event = Event(1, 1.5, "watcher", _LEFT)
    return [json.dumps(encode(event)).encode(), answer({"a": [1, None]}, 3)]


def _settings() -> list[bytes]:
    small = (
        b"---\nmodules:\n  watcher: {guarded: [{ssid: home, bssids: ['02:00:00:00:00:01']}]}\n  sniffer:\n"
        b"    hop: {channels: ['1', '36/80'], weights: {'6': 2}}\n...\n"
    )
    return [path.read_bytes() for path in sorted((_ROOT / "config").glob("demo*.yaml"))] + [small]


def _learned() -> list[bytes]:
    guarded = guarded_file._networks(b"guarded:\n- {ssid: home, bssids: ['02:00:00:00:00:01']}\n", Path("seed"))
    return [guarded_file.text(guarded).encode(), b"---\n02:00:00:00:00:01 # mine\n...\n"]


def _position() -> list[bytes]:
    return [
        b'{"class":"TPV","mode":3,"time":"2025-01-02T03:04:05.000Z","lat":50.1,"lon":8.6,"eph":4.5,"altMSL":100}',
        b'{"class":"SKY","hdop":1.1,"satellites":[{"PRN":1,"used":true}]}',
        b'{"class":"DEVICES","devices":[{"path":"/dev/ttyS0","driver":"NMEA0183"}]}',
        b'{"class":"VERSION","release":"3.22","proto_major":3}',
        b'{"class":"ERROR","message":"no"}',
    ]


def _mqtt() -> list[bytes]:
    return [b"\0" + b"12", b"\1" + b"36/80", b"\2", b"\3" + b"online"]


def _web() -> list[bytes]:
    bodies = (b'{"alert":"3"}', b'{"channel":"36/80"}', b"since=5&what=alerts&new=true", b'{"key":"up"}', b"{}")
    return [bytes((number,)) + body for number in range(len(ROUTES)) for body in bodies]


_LEFT = Disconnected(
    bssid=b"\2\0\0\0\0\1", sender=b"\2\0\0\0\0\1", receiver=b"\2\0\0\0\0\2", how="deauthenticated", reason=7,
    protected=False,
)  # fmt: skip
_SEEDS = {
    "frames": _frames, "elements": _elements, "eapol": _eapol, "captures": _captures, "netlink": _netlink,
    "radio-helper": _helper, "requests": _requests, "answers": _answers, "settings": _settings, "learned": _learned,
    "position": _position, "mqtt": _mqtt, "web": _web,
}  # fmt: skip
