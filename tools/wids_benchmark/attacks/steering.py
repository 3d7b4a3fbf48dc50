"""Forged requests: to move to another access point, to measure, and other actions in clear."""

from __future__ import annotations

import struct

from tools.wids_benchmark.building import addresses, mac
from tools.wids_benchmark.building import elements as el
from tools.wids_benchmark.building.mac import Management
from tools.wids_benchmark.building.security import WPA3
from tools.wids_benchmark.kinds import kind
from tools.wids_benchmark.stage import Stage


def transition_request(token: int, *, candidate: bytes = b"", channel: int = 1, imminent: bool = True) -> bytes:
    """Return the body of a BSS transition management request, 9.6.13.9."""
    mode = (1 if candidate else 0) | (4 if imminent else 0)
    timer = 30 if imminent else 0
    report = el.neighbour(candidate, channel) if candidate else b""
    return struct.pack("<BBBBHB", 10, 7, token & 255, mode, timer, 100) + report


def _act(stage: Stage, at: float, station: bytes, body: bytes) -> None:
    bssid = stage.ap.bssid
    stage.forge(at, mac.management(Management.ACTION, station, bssid, bssid, body, duration=314))


@kind(
    "forced-roam",
    "disruption",
    "Transition requests with imminent disassociation in the access point's name, towards an unknown access point.",
    "sloth BTM_ABUSE; hostapd_cli bss_tm_req from a copy",
    ("5 a minute", "20 a minute", "2 a second"),
    notice=True,
)
def _forced_roam(stage: Stage) -> None:
    stage.normal(stage.stations)
    stage.parties.victims = [stage.laptop.address]
    candidate = addresses.device(stage.rng)
    for number, at in enumerate(stage.times(stage.pick(5 / 60, 20 / 60, 2.0))):
        _act(stage, at, stage.laptop.address, transition_request(number, candidate=candidate))


@kind(
    "clear-action",
    "protocol",
    "Robust action frames in clear to stations of a network that requires management protection.",
    "CVE-2019-16275; sloth MFP_UNPROTECTED",
    ("four", "one each 3 s", "5 a second"),
    protection=WPA3,
)
def _clear_action(stage: Stage) -> None:
    stage.normal(stage.stations)
    stage.parties.victims = [stage.laptop.address]
    for number, at in enumerate(stage.times(stage.pick(1 / 15, 1 / 3, 5.0))):
        body = stage.rng.choice(
            (transition_request(number), bytes([8, 0, number & 255, 1]), struct.pack("<BBHH", 3, 2, 0x0800, 1))
        )
        _act(stage, at, stage.laptop.address, body)


@kind(
    "rrm-survey",
    "disruption",
    "Beacon requests of 802.11k in the access point's name for networks that it does not serve.",
    "sloth RRM_SURVEY_ABUSE",
    ("6 a minute", "20 a minute", "one a second"),
    notice=True,
)
def _rrm_survey(stage: Stage) -> None:
    stage.normal(stage.stations)
    stage.parties.victims = [stage.laptop.address]
    names = (b"CorpNet", b"Payroll", b"Lab-5", b"Guest-HQ")
    for number, at in enumerate(stage.times(stage.pick(0.1, 1 / 3, 1.0))):
        request = struct.pack("<BBHHB", 81, 0, 0, 50, 1) + mac.EVERYONE + el.element(0, names[number % 4])
        measurement = el.element(38, bytes([number & 255, 0, 5]) + request)
        _act(stage, at, stage.laptop.address, struct.pack("<BBBH", 5, 0, number & 255, 0) + measurement)
