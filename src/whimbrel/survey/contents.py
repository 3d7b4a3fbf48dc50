"""Announcements by the contents of frames without timestamp and SSID, so equal ones are parsed once.

Access points of one maker, of one building, or of one flood differ in little more than address and SSID.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from whimbrel.survey.beacons import NAME_AT, TIMESTAMP
from whimbrel.wifi.elements import SSID_MAX

if TYPE_CHECKING:
    from whimbrel.survey.beacons import Announcement
    from whimbrel.wifi.frames import Frame

_KEPT = 64
_SSID, _MULTIPLE_BSSID = 0, 71

Key = tuple[int, bytes, bytes]


class Contents:
    """The last contents that were new, a bounded number."""

    def __init__(self) -> None:
        self._said: dict[Key, Announcement] = {}

    def find(self, frame: Frame) -> Announcement | None:
        """Return what a beacon or a probe response says, prepared for `Announcement.matches` without volatile elements;
        None where it says something new."""
        raw, body = frame.raw, frame.body
        name = body + NAME_AT
        if frame.cut or frame.end <= name or raw[name - 2] != _SSID:
            return None
        behind = name + raw[name - 1]
        said = self._said.get((body, raw[body + TIMESTAMP : name], raw[behind : frame.end]))
        if said is None or not raw[name:behind].strip(b"\0"):
            return None
        return said.renamed(raw, name, behind)

    def keep(self, frame: Frame, said: Announcement) -> None:
        """Keep what a frame says, prepared so. Left out is what rests on more than its octets, or on its name."""
        raw, body = frame.raw, frame.body
        name = body + NAME_AT
        if not said.ssid or not said.told_channel or said.cut or said.numbers[:1] != (_SSID,):
            return
        behind = name + raw[name - 1]
        if behind - name > SSID_MAX or _MULTIPLE_BSSID in said.numbers:
            return
        if len(self._said) >= _KEPT:
            del self._said[next(iter(self._said))]
        self._said[body, raw[body + TIMESTAMP : name], raw[behind : frame.end]] = said
