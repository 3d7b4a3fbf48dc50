"""The parties of a frame: its station, and whether its network is protected."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whimbrel.wifi.fixed import PRIVACY
from whimbrel.wifi.security import Protection

if TYPE_CHECKING:
    from whimbrel.survey.access_point import AccessPoint
    from whimbrel.wifi.frames import Frame


_UNPROTECTED = (Protection.OPEN, Protection.OWE_TRANSITION, Protection.WEP, Protection.WAPI, Protection.UNREAD)
_PROTECTION_AT = 3  # in Announcement.meaning


def station_of(frame: Frame) -> bytes | None:
    """Return the address that is not the access point's, of a frame between the two."""
    return frame.ra if frame.ta == frame.bssid else frame.ta


def is_protected(ap: AccessPoint | None) -> bool:
    """Return whether data must be encrypted there: WPA or later, and nothing else was announced shortly before.

    WEP is left out, since cards of its time mixed both.
    """
    if ap is None:
        return False
    said = ap.announced
    if said.security.protection in _UNPROTECTED or not said.capability & PRIVACY or said.cut or said.adhoc:
        return False
    return all(meaning[_PROTECTION_AT] not in _UNPROTECTED for meaning in ap.recent)
