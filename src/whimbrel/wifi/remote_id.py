"""Remote ID of drones over Wi-Fi: ASTM F3411-22a, 5.4.5 (messages), and ASD-STAN prEN 4709-002 (the same octets).

It comes in beacons as a vendor element (FA-0B-BC, type 13: a counter, then messages), and in NAN service discovery
frames (Wi-Fi Aware 4.0, 9.5.2: the service ``org.opendroneid.remoteid``). Messages have 25 octets, numbers are
little-endian. Read are the identity and position of the drone and the position of the pilot. Total: any bytes give a
`RemoteId` or None.
"""

from __future__ import annotations

from whimbrel.wifi.value import Value

VENDOR_ELEMENT = b"\xfa\x0b\xbc\x0d"
"""OUI and type of the element in beacons."""

_MESSAGE = 25
_PACK_HEAD = 3
_PACK_MAX = 9
_BASIC, _LOCATION, _SELF, _SYSTEM, _OPERATOR, _PACK = 0, 1, 3, 4, 5, 15
_NO_SPEED = 255

# Public action, vendor specific, Wi-Fi Alliance, NAN (Wi-Fi Aware 4.0, table 39).
_NAN = b"\x04\x09\x50\x6f\x9a\x13"
_SERVICE_DESCRIPTOR = 3
_SERVICE = b"\x88\x69\x19\x9d\x92\x09"
"""The first 6 octets of SHA-256 of the service's name."""
_HAS_INFO_ALONE = 0x10
_DESCRIPTOR_HEAD = 10  # service id, two instance ids, control, length of the info

AIRCRAFT = (
    "aircraft", "aeroplane", "helicopter or multirotor", "gyroplane", "hybrid lift", "ornithopter", "glider", "kite",
    "free balloon", "captive balloon", "airship", "free fall or parachute", "rocket", "tethered aircraft",
    "ground obstacle", "aircraft",
)  # fmt: skip
"""Names of the UA types (F3411-22a, table 5)."""


class RemoteId(Value):
    """The contents of one Remote ID frame."""

    uas_id: bytes = b""
    """Serial number, registration or session id, at most 20 octets; empty if unknown."""
    aircraft: str = ""
    """Kind of aircraft; empty if unknown."""
    position: tuple[float, float] | None = None
    """Latitude and longitude of the drone in degrees; None if unknown, like the following fields."""
    height: float | None = None
    """Height in metres above the take-off point or the ground."""
    speed: float | None = None
    """Speed over ground in metres per second."""
    pilot: tuple[float, float] | None = None
    """Latitude and longitude of the pilot, or of the take-off point, in degrees."""
    operator: bytes = b""
    """Operator id."""
    words: bytes = b""
    """The purpose of the flight, as text from the pilot."""

    def updated(self, later: RemoteId) -> RemoteId:
        """Return both together; the known fields of `later` take the place of these."""
        return self.replace(**{name: value for name, value in later.as_dict().items() if value not in (None, b"", "")})


def parse_element(raw: bytes, start: int, end: int) -> RemoteId | None:
    """Parse ``raw[start:end]``, the element's payload after OUI and type; None if it holds no message."""
    return _messages(raw, start + 1, min(end, len(raw)))


def parse_action(raw: bytes, body: int, end: int) -> RemoteId | None:
    """Parse the body of an action frame; None if it is not Remote ID."""
    end = min(end, len(raw))
    if not raw.startswith(_NAN, body, end):
        return None
    at = body + len(_NAN)
    while at + 3 <= end:
        stop = at + 3 + int.from_bytes(raw[at + 1 : at + 3], "little")
        if stop > end:
            return None
        head = at + 3 + _DESCRIPTOR_HEAD
        if (
            raw[at] == _SERVICE_DESCRIPTOR
            and head <= stop
            and raw.startswith(_SERVICE, at + 3)
            and raw[head - 2] == _HAS_INFO_ALONE
        ):
            return _messages(raw, head + 1, min(head + raw[head - 1], stop))
        at = stop
    return None


def _messages(raw: bytes, at: int, end: int) -> RemoteId | None:
    """Read one message, or a pack of them."""
    if at < end and raw[at] >> 4 == _PACK:
        if at + _PACK_HEAD > end or raw[at + 1] != _MESSAGE:
            return None
        at, count = at + _PACK_HEAD, min(raw[at + 2], _PACK_MAX)
    else:
        count = 1
    known = None
    for start in range(at, at + count * _MESSAGE, _MESSAGE):
        if start + _MESSAGE > end:
            break
        said = _message(raw[start : start + _MESSAGE])
        known = known.updated(said) if known is not None and said is not None else known or said
    return known


def _message(message: bytes) -> RemoteId | None:
    """Read one message; None for a kind without any of these fields."""
    kind = message[0] >> 4
    if kind == _BASIC:
        return RemoteId(aircraft=AIRCRAFT[message[1] & 15], uas_id=_text(message[2:22]))
    if kind == _LOCATION:
        height = int.from_bytes(message[17:19], "little")
        return RemoteId(
            position=_place(message, 5), height=height / 2 - 1000 if height else None, speed=_speed(message)
        )
    if kind == _SELF:
        return RemoteId(words=_text(message[2:25]))
    if kind == _SYSTEM:
        return RemoteId(pilot=_place(message, 2))
    return RemoteId(operator=_text(message[2:22])) if kind == _OPERATOR else None


def _speed(message: bytes) -> float | None:
    if not message[1] & 1:
        return message[3] * 0.25
    return None if message[3] == _NO_SPEED else message[3] * 0.75 + 63.75


def _text(octets: bytes) -> bytes:
    return octets.partition(b"\0")[0].strip()


def _place(message: bytes, at: int) -> tuple[float, float] | None:
    """Read latitude and longitude in 1e-7 degrees; None if both are zero, which means unknown."""
    latitude = int.from_bytes(message[at : at + 4], "little", signed=True) / 1e7
    longitude = int.from_bytes(message[at + 4 : at + 8], "little", signed=True) / 1e7
    if (latitude == 0 and longitude == 0) or abs(latitude) > 90 or abs(longitude) > 180:
        return None
    return latitude, longitude
