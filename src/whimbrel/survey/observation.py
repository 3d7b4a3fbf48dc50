"""The result of one frame in the survey."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from whimbrel.events.base import Body
    from whimbrel.survey.access_point import AccessPoint
    from whimbrel.survey.beacons import Announcement
    from whimbrel.wifi.eapol import Eapol
    from whimbrel.wifi.frames import Frame

    NewAnnouncement = tuple[AccessPoint, Announcement | None]
    """An access point with a changed announcement, and the previous one; None if the access point is new."""


class EapolHeard(NamedTuple):
    """An EAPOL packet in the clear with its two ends; published as `whimbrel.events.air.EapolSeen` too."""

    packet: Eapol
    bssid: bytes
    station: bytes


class Observation:
    """The result of one frame; immutable. Most frames have no result, and share `NOTHING` or `FRESH`, which are
    compared by identity."""

    # Slots rather than a tuple: one is made for every fifth beacon, and both making and reading it are cheaper.
    __slots__ = ("announced", "eapol", "findings", "fresh", "measured")

    def __init__(
        self,
        findings: Sequence[Body],
        fresh: bool,
        announced: Sequence[NewAnnouncement] = (),
        measured: tuple[AccessPoint, Frame] | None = None,
        eapol: Sequence[EapolHeard] = (),
    ) -> None:
        self.findings = findings
        """The findings, in causal order, as bodies of `whimbrel.events.air`."""
        self.fresh = fresh
        """Whether the frame is more than a known beacon, an acknowledgement or a clear to send, and not marked as
        damaged."""
        self.announced = announced
        """The changed announcements, one for each network in a beacon. Also without a finding, for example after a
        return to an earlier announcement."""
        self.measured = measured
        """For about every fifth beacon of an access point: the access point, and the previous beacon that it was
        compared with."""
        self.eapol = eapol
        """Each EAPOL packet in it, sent again or not, in the order of `EapolSeen` among the findings."""


NOTHING = Observation((), False)
"""Of a known beacon, an acknowledgement, a clear to send, a damaged frame."""
MADE_UP = Observation((), False)
"""For a beacon or a probe response of a made-up access point."""
FRESH = Observation((), True)
"""Of any other frame that shows nothing new."""
