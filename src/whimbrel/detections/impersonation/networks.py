"""Facts about networks by SSID, needed to distinguish a copy from a member."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from whimbrel.detections.impersonation.names import as_seen
from whimbrel.detections.tables import Recent
from whimbrel.wifi.security import Security

if TYPE_CHECKING:
    from whimbrel.detections.moment import Moment
    from whimbrel.survey.access_point import AccessPoint
    from whimbrel.wifi.frames import Frame

ESTABLISHED = 10
"""After this many beacons an access point counts as a member of its network."""
_NETWORKS = 112
_MEMBERS = 8
_KEPT = 2
_KEPT_OCTETS = 256
_SECURITIES = 64


class NetworkMembers:
    """The established access points of one name."""

    __slots__ = ("_kept", "_kicks", "first", "kicked", "last", "members", "others")

    def __init__(self) -> None:
        self.first = -1.0
        """The air's time when the first one was established; negative before."""
        self.last = 0.0
        self.members: dict[bytes, Security] = {}
        """Addresses, at most `_MEMBERS`, each with its security."""
        self.others = 0
        """Count of established access points beyond that limit."""
        self.kicked = float("-inf")
        """The air's time of the last disconnections of its stations."""
        self._kicks: deque[Moment] = deque()
        self._kept: deque[Frame] = deque(maxlen=_KEPT)

    def add(self, ap: AccessPoint, security: Security, now: float) -> None:
        """Add an established access point and its protection."""
        if self.first < 0:
            self.first = now
        self.last = now
        if ap.address in self.members or len(self.members) < _MEMBERS:
            self.members[ap.address] = security
        else:
            self.others += 1

    def kick(self, moment: Moment, frame: Frame, count: int, window: float) -> None:
        """Process a disconnection in the name of one of the members; `count` of them within `window` matter."""
        kicks = self._kicks
        kicks.append(moment)
        if len(frame.raw) <= _KEPT_OCTETS:
            self._kept.append(frame)
        if len(kicks) > count:
            kicks.popleft()
        elif len(kicks) < count:
            return
        first, now = kicks[0], moment.now
        if now - first.now <= window or first.is_within(window, moment):
            self.kicked = now

    @property
    def kicks(self) -> tuple[Frame, ...]:
        """The last disconnections."""
        return tuple(self._kept)


class Networks:
    """Networks by visible name; the one silent for longest is evicted.

    Only access points heard `ESTABLISHED` times get here, so a flood of made-up names does not evict real networks.
    """

    def __init__(self) -> None:
        self._table: Recent[bytes, NetworkMembers] = Recent(_NETWORKS, NetworkMembers)
        self._securities: dict[Security, Security] = {}

    def __len__(self) -> int:
        return len(self._table)

    def hear(self, ap: AccessPoint, now: float) -> None:
        """Process a beacon of an access point."""
        name = ap.ssid
        if ap.beacons >= ESTABLISHED and name:
            if name not in self._table:
                name = as_seen(name)
            self._table.use(name).add(ap, self._one_of(ap.announced.security), now)

    def _one_of(self, security: Security) -> Security:
        """Return a kept equal object: hundreds of access points have the same security."""
        if len(self._securities) >= _SECURITIES:
            self._securities.clear()
        return self._securities.setdefault(security, security)

    def get(self, name: bytes) -> NetworkMembers | None:
        """Return the network of that name, None if none is established."""
        return self._table.entries.get(as_seen(name))
