"""DJI DroneID, the maker's own form of Remote ID from before the standard: a vendor element in beacons.

The maker has published nothing; the layout is that of Department 13, Anatomy of DJI's Drone Identification (2017), and
of Kismet's parser. Numbers are little-endian, positions are radians times 10 million. Total: any octets give a
`RemoteId` or None.
"""

from __future__ import annotations

from whimbrel.wifi.remote_id import RemoteId

VENDOR_ELEMENT = b"\x26\x37\x12"
"""OUI of the element."""

_FLIGHT, _PURPOSE = b"\x58\x62\x13\x10", b"\x58\x62\x13\x11"
_VERSION_2 = 2
_SERIAL, _SERIAL_SIZE = 5, 16
_LONGITUDE, _LATITUDE = 21, 25
_APP_LATITUDE, _APP_LONGITUDE = 49, 53  # of the pilot's telephone
_HOME_LONGITUDE, _HOME_LATITUDE = (45, 57), (49, 61)  # where it took off, by version
_DEGREE = 174532.925


def parse_element(raw: bytes, start: int, end: int) -> RemoteId | None:
    """Parse ``raw[start:end]``, the element's payload after the OUI; None if it is none of a flight."""
    end = min(end, len(raw))
    if raw.startswith(_PURPOSE, start, end):
        return RemoteId(_text(raw, start + len(_PURPOSE), end), "DJI drone")
    if not raw.startswith(_FLIGHT, start, end):
        return None
    at = start + len(_FLIGHT)
    newer = int(at < end and raw[at] >= _VERSION_2)
    pilot = _place(raw, at + _APP_LATITUDE, at + _APP_LONGITUDE, end) if newer else None
    return RemoteId(
        uas_id=_text(raw, at + _SERIAL, end),
        aircraft="DJI drone",
        position=_place(raw, at + _LATITUDE, at + _LONGITUDE, end),
        pilot=pilot or _place(raw, at + _HOME_LATITUDE[newer], at + _HOME_LONGITUDE[newer], end),
    )


def _text(raw: bytes, at: int, end: int) -> bytes:
    return raw[at : min(at + _SERIAL_SIZE, end)].partition(b"\0")[0].strip()


def _place(raw: bytes, latitude_at: int, longitude_at: int, end: int) -> tuple[float, float] | None:
    """Read a position in degrees; None if it is missing, impossible, or all zeros, which means unknown."""
    if max(latitude_at, longitude_at) + 4 > end:
        return None
    latitude = int.from_bytes(raw[latitude_at : latitude_at + 4], "little", signed=True) / _DEGREE
    longitude = int.from_bytes(raw[longitude_at : longitude_at + 4], "little", signed=True) / _DEGREE
    if (latitude == 0 and longitude == 0) or abs(latitude) > 90 or abs(longitude) > 180:
        return None
    return latitude, longitude
