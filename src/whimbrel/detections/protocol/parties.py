"""Facts about the parties of a frame: its station, and the protection of its network."""

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
    """Return the station's address in a frame between a station and its access point."""
    return frame.ra if frame.ta == frame.bssid else frame.ta


def is_protected(ap: AccessPoint | None) -> bool:
    """Return whether a network requires encryption: WPA or later, with no other recent announcement.

    WEP does not count, because cards of its time mixed encrypted and clear frames.
    """
    if ap is None:
        return False
    said = ap.announced
    if said.security.protection in _UNPROTECTED or not said.capability & PRIVACY or said.cut or said.adhoc:
        return False
    return all(meaning[_PROTECTION_AT] not in _UNPROTECTED for meaning in ap.recent)
