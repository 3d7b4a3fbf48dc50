"""Who takes part: the station of a frame, and whether its network is protected."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from whimbrel.survey.access_point import AccessPoint
    from whimbrel.wifi.frames import Frame

RETRY, MORE_FRAGMENTS, PROTECTED_BIT = 0x08, 0x04, 0x40
"""Flags of a frame, as plain integers."""

_UNPROTECTED = frozenset({"open", "OWE transition", "WEP", "WAPI", "encrypted"})
_PRIVACY = 0x10
_NAME_AT = 3  # of the security in Announcement.meaning


def station_of(frame: Frame) -> bytes | None:
    """Return the address that is not the access point's, of a frame between the two."""
    return frame.ra if frame.ta == frame.bssid else frame.ta


def is_protected(ap: AccessPoint | None) -> bool:
    """Tell whether data must be encrypted there: WPA or later, and nothing else was announced shortly before.

    WEP is left out, since cards of its time mixed both.
    """
    if ap is None:
        return False
    said = ap.announced
    if said.security.name in _UNPROTECTED or not said.capability & _PRIVACY or said.cut or said.adhoc:
        return False
    return all(meaning[_NAME_AT] not in _UNPROTECTED for meaning in ap.recent)
