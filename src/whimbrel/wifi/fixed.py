"""The fixed fields at the start of management frames, before the elements (IEEE 802.11-2020, 9.3.3).

`body` and `end` are those of a `Frame`; every function returns None if the body is too short.
"""

from __future__ import annotations

from struct import Struct

from whimbrel.wifi import kinds

LONGEST = 11454
"""Octets of the longest MPDU (IEEE 802.11-2020, table 9-34). No radio receives more, whatever a capture file holds; it
bounds what is stored of a frame."""

TIME_UNIT = 1024e-6
"""Seconds of a time unit (TU), in which beacon intervals are told (IEEE 802.11-2020, 3.1)."""
ESS, IBSS, PRIVACY = 0x01, 0x02, 0x10
"""Bits of the Capability Information field (9.4.1.4)."""

ELEMENTS_AT: dict[int, int] = {
    kinds.ASSOC_REQ: 4,  # capability, listen interval
    kinds.ASSOC_RESP: 6,  # capability, status, AID
    kinds.REASSOC_REQ: 10,  # capability, listen interval, current access point
    kinds.REASSOC_RESP: 6,  # the same as an association response
    kinds.PROBE_REQ: 0,  # probe request
    kinds.PROBE_RESP: 12,  # the same as a beacon
    kinds.TIMING_ADV: 10,  # timestamp, capability
    kinds.BEACON: 12,  # timestamp, interval, capability
    kinds.DISASSOC: 2,  # reason
    kinds.AUTH: 6,  # algorithm, sequence, status (SAE puts more fields before its elements)
    kinds.DEAUTH: 2,  # reason
}
"""Octets of fixed fields by frame kind: elements begin at ``body + ELEMENTS_AT[kind]``. Action frames vary."""


_BEACON = Struct("<QHH").unpack_from
_THREE = Struct("<HHH").unpack_from


def beacon_fixed(raw: bytes, body: int, end: int) -> tuple[int, int, int] | None:
    """Read timestamp (us), beacon interval (TU of 1024 us) and capability of a beacon or a probe response."""
    if body + 12 > end:
        return None
    timestamp, interval, capability = _BEACON(raw, body)
    return timestamp, interval, capability


def auth_fixed(raw: bytes, body: int, end: int) -> tuple[int, int, int] | None:
    """Read algorithm (0 open, 1 shared key, 2 FT, 3 SAE…), transaction sequence and status of an authentication."""
    if body + 6 > end:
        return None
    algorithm, sequence, status = _THREE(raw, body)
    return algorithm, sequence, status


def association_response_fixed(raw: bytes, body: int, end: int) -> tuple[int, int, int] | None:
    """Read capability, status and association identifier (1 to 2007, without its two top bits) of a response."""
    if body + 6 > end:
        return None
    capability, status, aid = _THREE(raw, body)
    return capability, status, aid & 0x3FFF


def reason_fixed(raw: bytes, body: int, end: int) -> int | None:
    """Read the reason code of an unprotected disassociation or deauthentication."""
    return raw[body] | raw[body + 1] << 8 if body + 2 <= end else None
