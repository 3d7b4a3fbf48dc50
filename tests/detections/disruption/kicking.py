"""Disconnections, and the rule that counts them."""

from __future__ import annotations

import itertools
from typing import Any

from tests.detections.hearing import Hearing
from tests.survey.air import AP, STA, beacon, frame

from whimbrel.detections.disruption.disconnecting import DeauthFlood, FloodSettings
from whimbrel.wifi.frames import Frame

DEAUTH, DISASSOC, AUTH, ASSOC_RESP = 0x0C, 0x0A, 0x0B, 0x01
OTHER = bytes.fromhex("00aabbccdd01")
SEQ = itertools.count(1)


def deauth(
    at: float, *, ra: bytes = STA, ta: bytes = AP, bssid: bytes = AP, code: int = 3, tail: bytes = b"", **more: Any
) -> Frame:
    more.setdefault("seq", next(SEQ) & 0xFFF)
    kind = more.pop("kind", DEAUTH)
    return frame(kind, ra, ta, bssid, code.to_bytes(2, "little") + tail, time=at, **more)


def hearing(**settings: Any) -> Hearing:
    made = Hearing(DeauthFlood, deauth_flood=FloodSettings(**settings)) if settings else Hearing(DeauthFlood)
    made.hear(beacon(time=1000.0))
    return made
