"""Made-up access points: members of a flood of beacons, once the detections have recognised it.

They are kept apart from the others, recognised by the shape of their beacons, and cost little more than the comparison.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from typing import TYPE_CHECKING

from whimbrel.wifi.kinds import PROBE_RESP

if TYPE_CHECKING:
    from whimbrel.wifi.frames import Frame

_MEMBERS = 512
"""The default limit of access points in the survey."""
_SUSPECTS = 512
_SHAPES = 64
"""Kinds of security that a tool makes up, times the channels that it claims."""
_QUIET = 120.0
"""Seconds without a member after which the flood is over, and later frames are judged again."""
_SPARED = 4
"""Limit of members with one real name that are judged as access points: any of them may be an evil twin. More of that
name are a flood, already reported then."""
_SPARED_NAMES = 64
_INTERVAL, _ELEMENTS = 8, 12
_SSID, _TIM = 0, 5
_LOOKED_AT = 5
"""Elements behind the name that are looked through for the TIM, which changes from beacon to beacon."""


def shape(frame: Frame) -> bytes | None:
    """Return what the beacons of one tool have in common: all but timestamp, name and contents of the TIM; None where
    the frame begins with no name, or is not whole."""
    raw, end = frame.raw, frame.end
    at = frame.body + _ELEMENTS
    if frame.cut or end < at + 2 or raw[at] != _SSID:
        return None
    start = frame.body + _INTERVAL
    at = behind = at + 2 + raw[at + 1]
    for _ in range(_LOOKED_AT):
        if at + 2 > end:
            break
        if raw[at] == _TIM:
            return raw[start : start + 4] + raw[behind : at + 1] + raw[at + 2 + raw[at + 1] : end]
        at += 2 + raw[at + 1]
    return raw[start : start + 4] + raw[behind:end]


class MadeUp:
    """One for each survey. The rule about floods adds the members; the survey checks each frame of an unknown access
    point."""

    def __init__(self) -> None:
        self.members: OrderedDict[bytes, bytes | None] = OrderedDict()
        """BSSIDs, the one heard longest ago first, with the shape of each."""
        self.shapes: OrderedDict[bytes, None] = OrderedDict()
        """Shapes that no access point has: every sender of one is a member."""
        self.fresh = False
        """Whether the last frame that was taken was the first of its member."""
        self.total = 0
        """Members so far; one that comes back later counts again."""
        self.leaving: list[bytes] = []
        """Members that are still among the access points and alerts."""
        self.names: frozenset[bytes] = frozenset()
        """Of networks outside the flood."""
        self._suspects: OrderedDict[bytes, None] = OrderedDict()
        self._spared: OrderedDict[bytes, dict[bytes, None]] = OrderedDict()
        self._last = 0.0

    def __len__(self) -> int:
        return len(self.members)

    def __contains__(self, bssid: bytes | None) -> bool:
        """Return whether it bears marks of a fake, as a member of a flood or by itself."""
        return bssid in self.members or bssid in self._suspects

    def suspect(self, bssid: bytes) -> None:
        """Note that an access point bears such marks."""
        self._suspects[bssid] = None
        self._suspects.move_to_end(bssid)
        if len(self._suspects) > _SUSPECTS:
            self._suspects.popitem(last=False)

    def add(self, bssid: bytes, looks: bytes | None, *, impossible: bool, now: float) -> None:
        """Add an access point as a member; `impossible`: no real one looks like that."""
        self._last = now
        if impossible and looks is not None:
            self.shapes[looks] = None
            self.shapes.move_to_end(looks)
            if len(self.shapes) > _SHAPES:
                self.shapes.popitem(last=False)
        if bssid not in self.members:
            self.total += 1
            self.leaving.append(bssid)
        self._keep(bssid, looks)

    def redeem(self, bssid: bytes) -> None:
        """Note that an access point is real: a member used its address."""
        self.members.pop(bssid, None)
        self._suspects.pop(bssid, None)

    def spares(self, bssid: bytes, name: bytes) -> bool:
        """Return whether a member of that name must be judged as an access point, whatever its shape."""
        if name not in self.names:
            return False
        spared = self._spared.setdefault(name, {})
        if len(self._spared) > _SPARED_NAMES:
            self._spared.popitem(last=False)
        if bssid not in spared and len(spared) < _SPARED:
            spared[bssid] = None
        return bssid in spared

    def know_names(self, names: Iterable[bytes]) -> None:
        """Note the networks that belong to no flood."""
        self.names = frozenset(names)

    def takes(self, frame: Frame) -> bool:
        """Return whether a beacon or a probe response of an unknown access point is a member's; take it in."""
        bssid = frame.bssid
        if bssid is None:
            return False
        if not -_QUIET <= frame.time - self._last <= _QUIET:
            self.forget()
            return False
        members = self.members
        known = bssid in members
        if frame.kind == PROBE_RESP:
            if not known:
                return False
        else:
            looks = shape(frame)
            if looks is None or (looks not in self.shapes and not (known and members[bssid] == looks)):
                return False
        at = frame.body + _ELEMENTS
        if self.spares(bssid, frame.raw[at + 2 : at + 2 + frame.raw[at + 1]] if frame.end > at + 1 else b""):
            members.pop(bssid, None)
            return False
        self.fresh = not known
        self._last = frame.time
        if known:
            members.move_to_end(bssid)
        else:
            self.total += 1
            self._keep(bssid, looks)
        return True

    def turn(self, now: float) -> None:
        """Let time pass: a flood that is quiet for long ends."""
        if self.members and now - self._last > _QUIET:
            self.forget()

    def shift(self, delta: float) -> None:
        """Move every time by `delta` seconds."""
        self._last += delta

    def forget(self) -> None:
        """Forget all members: later frames are judged again."""
        self.members.clear()
        self.shapes.clear()
        self._spared.clear()
        self.names = frozenset()

    def _keep(self, bssid: bytes, looks: bytes | None) -> None:
        self.members[bssid] = looks
        self.members.move_to_end(bssid)
        if len(self.members) > _MEMBERS:
            self.members.popitem(last=False)
