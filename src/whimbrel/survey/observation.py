"""What one frame showed the survey."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from whimbrel.events.base import Body
    from whimbrel.survey.access_point import AccessPoint
    from whimbrel.survey.beacons import Announcement
    from whimbrel.wifi.eapol import Eapol
    from whimbrel.wifi.frames import Frame

    Announced = tuple[AccessPoint, Announcement | None]
    """An access point whose announcement is another one now, and the one before; None if the access point is new."""


class EapolHeard(NamedTuple):
    """An EAPOL packet in the clear with its two ends; published as `whimbrel.events.air.EapolSeen` too."""

    packet: Eapol
    bssid: bytes
    station: bytes


class Observation:
    """What one frame showed; not changed after it was made. Most frames show nothing, and share `NOTHING` or `FRESH`,
    which are known by identity."""

    # Slots rather than a tuple: one is made for every fifth beacon, and both making and reading it are cheaper.
    __slots__ = ("announced", "eapol", "findings", "fresh", "measured")

    def __init__(
        self,
        findings: Sequence[Body],
        fresh: bool,
        announced: Sequence[Announced] = (),
        measured: tuple[AccessPoint, Frame] | None = None,
        eapol: Sequence[EapolHeard] = (),
    ) -> None:
        self.findings = findings
        """What was not known, in causal order, as bodies of `whimbrel.events.air`."""
        self.fresh = fresh
        """Whether the frame is more than a known beacon, an acknowledgement or a clear to send, and not marked as
        damaged."""
        self.announced = announced
        """Whose announcement it changed: of a beacon with several networks in it, of each. Also where that makes no
        finding, as a return to an earlier announcement."""
        self.measured = measured
        """By about every fifth beacon of an access point: whose it is, and the beacon before it, which it was compared
        with."""
        self.eapol = eapol
        """Each EAPOL packet in it, sent again or not, in the order of `EapolSeen` among the findings."""


NOTHING = Observation((), False)
"""Of a known beacon, an acknowledgement, a clear to send, a damaged frame."""
MADE_UP = Observation((), False)
"""Of a beacon or a probe response of an access point that is known to be made up."""
FRESH = Observation((), True)
"""Of any other frame that shows nothing new."""
