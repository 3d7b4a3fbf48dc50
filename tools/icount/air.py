"""Writes ``frames.pcap``: one frame of each counted kind, from the simulated air.

``python -m tools.icount.air``; run it only to change the counted frames: figures of other frames cannot be compared
with earlier ones.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

from tools.icount.guest.mix import NAMES

from whimbrel.drivers.sim import library, world
from whimbrel.wifi import kinds
from whimbrel.wifi.capture_record import CaptureRecord
from whimbrel.wifi.eapol import parse_eapol
from whimbrel.wifi.frames import Frame
from whimbrel.wifi.linktypes import RADIOTAP, parser_for
from whimbrel.wifi.payloads import eapol_packets

FILE = Path(__file__).with_name("frames.pcap")
_START = 1_700_000_000.0  # s since the epoch
_SECONDS = 300.0
_LONG = 250
"""Octets, radiotap included, that the beacon of a network of these years has."""
_SCENES = ("home", "attack")
_SIMPLE: dict[int, str] = {
    kinds.BEACON: "beacon",
    kinds.PROBE_REQ: "probe request",
    kinds.PROBE_RESP: "probe response",
    kinds.NULL: "null data",
    kinds.ACK: "acknowledgement",
    kinds.CTS: "clear to send",
    kinds.BLOCK_ACK: "block acknowledgement",
    kinds.DEAUTH: "deauthentication",
}


def main() -> None:
    """Choose frames of one network, where they are a network's, and write them."""
    heard = list(_heard())
    with_qos = {frame.bssid for name, frame, _ in heard if name == "QoS data to the access point"}
    modern = {frame.bssid for name, frame, _ in heard if name == "beacon" and len(frame.raw) > _LONG}
    network = next(
        frame.bssid for name, frame, _ in heard if name == "EAPOL message 1" and frame.bssid in with_qos & modern
    )
    chosen: dict[str, CaptureRecord] = {}
    for name, _, record in sorted(heard, key=lambda each: each[1].bssid not in {network, None}):
        chosen.setdefault(name, record)
    write(FILE, [chosen[name] for name in NAMES])


def _heard() -> Iterator[tuple[str, Frame, CaptureRecord]]:
    read = parser_for(RADIOTAP)
    for scene in _SCENES:
        for record in world.build(library.load(scene), seed=7, start=_START).air.until(_SECONDS):
            frame = read(record)
            if not frame.bad_fcs and (name := _name(frame)):
                yield name, frame, record


def _name(frame: Frame) -> str:
    """Return the name of a frame in the mix; empty for a frame that is left out."""
    if frame.kind not in {kinds.DATA, kinds.QOS_DATA}:
        return _SIMPLE.get(frame.kind, "")
    if eapol_packets(frame):
        packet = parse_eapol(frame.raw, frame.body, frame.end)
        return f"EAPOL message {packet.message[1]}" if packet and packet.message.startswith("M") else ""
    if frame.kind != kinds.QOS_DATA or frame.group:
        return ""
    return f"QoS data {'to' if frame.flags & kinds.TO_DS else 'from'} the access point"


def write(path: Path, records: list[CaptureRecord]) -> None:
    """Write records of link type radiotap as a pcap file."""
    with path.open("wb") as stream:
        stream.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, RADIOTAP))
        for time, raw, length in records:
            micros = round(time * 1_000_000)
            stream.write(struct.pack("<IIII", micros // 1_000_000, micros % 1_000_000, len(raw), length) + raw)


if __name__ == "__main__":
    main()
