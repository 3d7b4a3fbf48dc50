"""Attacks on the time of the air: reservations, silence, channels, windows."""

from __future__ import annotations

import functools
import struct

from tools.wids_benchmark.building import addresses, mac
from tools.wids_benchmark.building import elements as el
from tools.wids_benchmark.building.air import Counter
from tools.wids_benchmark.building.exchanges import exchange, numbers
from tools.wids_benchmark.building.mac import Management
from tools.wids_benchmark.building.security import WPA3
from tools.wids_benchmark.kinds import kind
from tools.wids_benchmark.stage import BEGIN, END, Stage


@kind(
    "rts-flood",
    "disruption",
    "RTS to nobody with the longest duration.",
    "Bellardo and Savage, USENIX Security 2003; sloth RTS_FLOOD",
    ("25 a second of 20 ms", "40 a second of 32.767 ms", "500 a second of 65,535"),
)
def _rts_flood(stage: Stage) -> None:
    rate, duration = stage.pick((25.0, 20_000), (40.0, 32_767), (500.0, 65_535))
    own, to = addresses.device(stage.rng), addresses.anything(stage.rng)
    stage.parties.transmitters, stage.parties.bssids = [own], []
    stage.normal((stage.television,))
    for at in stage.times(rate):
        stage.forge(at, mac.rts(to, own, duration), own_counter=False)


@kind(
    "cts-flood",
    "disruption",
    "CTS to nobody with the longest duration.",
    "Bellardo and Savage, USENIX Security 2003; ESP32 CTS jammers",
    ("25 a second of 20 ms", "40 a second of 32.767 ms", "500 a second of 65,535"),
)
def _cts_flood(stage: Stage) -> None:
    rate, duration = stage.pick((25.0, 20_000), (40.0, 32_767), (500.0, 65_535))
    to = addresses.anything(stage.rng)
    stage.parties.transmitters, stage.parties.bssids = [to], []
    stage.normal((stage.television,))
    for at in stage.times(rate):
        stage.forge(at, mac.cts(to, duration), own_counter=False)


def _copy_of_beacon(stage: Stage, at: float, more: bytes) -> bytes:
    body = stage.ap.announcement(at, beacon=True) + more
    return mac.management(Management.BEACON, mac.EVERYONE, stage.ap.bssid, stage.ap.bssid, body)


@kind(
    "forged-channel-switch",
    "disruption",
    "Channel switch announcements in an access point's name, which itself stays.",
    "mdk4; Vanhoef, multi-channel man in the middle; ESP32-C5 tools",
    ("an action frame each 2 s", "a copy of the beacon each second", "ten copies a second"),
)
def _forged_channel_switch(stage: Stage) -> None:
    stage.parties.victims = [mac.EVERYONE]
    stage.normal((stage.television,))
    for at in stage.times(stage.pick(0.5, 1.0, 10.0)):
        announced = el.channel_switch(11, stage.pick(2, 3, 1))
        if stage.intensity == 0:
            bssid = stage.ap.bssid
            stage.forge(at, mac.management(Management.ACTION, mac.EVERYONE, bssid, bssid, bytes([0, 4]) + announced))
        else:
            stage.forge(at, _copy_of_beacon(stage, at, announced))


@kind(
    "quiet-abuse",
    "disruption",
    "Copies of the beacon with a Quiet element that silences every station for good.",
    "Koenings et al., Channel switch and quiet attack, LCN 2009; ESP32-C5 tools",
    ("one a second", "5 a second", "10 a second"),
)
def _quiet_abuse(stage: Stage) -> None:
    stage.parties.victims = [mac.EVERYONE]
    stage.normal((stage.television,))
    for at in stage.times(stage.pick(1.0, 5.0, 10.0)):
        stage.forge(at, _copy_of_beacon(stage, at, el.quiet(1, 1, 65535, 0)))


@kind(
    "multi-link-removal",
    "disruption",
    "Copies of the beacon with a reconfiguration element that removes the link, which goes on beaconing.",
    "802.11be-2024, 35.3.6.3, without beacon protection",
    ("one a second", "5 a second", "10 a second"),
    protection=WPA3,
)
def _multi_link_removal(stage: Stage) -> None:
    stage.parties.victims = [mac.EVERYONE]
    stage.normal(stage.stations)
    mld = stage.ap.bssid[:5] + bytes([stage.ap.bssid[5] | 4])
    stage.announce(el.multi_link(mld, 0))
    profile = struct.pack("<HB", 0x0080 | 0x0040, 3) + struct.pack("<H", 3)
    removal = el.extended(107, struct.pack("<H", 2) + bytes([1]) + bytes([0, len(profile)]) + profile)
    for at in stage.times(stage.pick(1.0, 5.0, 10.0)):
        stage.forge(at, _copy_of_beacon(stage, at, removal))


@kind(
    "block-ack-window",
    "disruption",
    "Block acknowledgement requests in a sender's name move the receiver's window past the frames to come.",
    "Bl0ck, arXiv 2302.05899; sloth BLOCKACK_ATTACK",
    ("one each 8 s", "one a second", "20 a second"),
)
def _block_ack_window(stage: Stage) -> None:
    station = stage.television
    stage.parties.victims = [station.address]
    stage.normal((stage.phone,))
    every = 1 / stage.pick(1 / 8, 1.0, 20.0)
    counter = numbers(station, up=False)
    asked = at = BEGIN
    while at < END:
        at = exchange(station, at, up=False, frames=4)
        if at >= asked:
            asked += every
            request = functools.partial(_leap, station.address, stage.ap.bssid, counter)
            stage.forge(at + 0.004, request, own_counter=False)
        at += stage.rng.uniform(0.02, 0.12)


def _leap(station: bytes, bssid: bytes, counter: Counter) -> bytes:
    """Return a request whose start is 1,500 ahead of what the access point has sent by then."""
    return mac.block_ack_request(station, bssid, 0, counter.value + 1500)
