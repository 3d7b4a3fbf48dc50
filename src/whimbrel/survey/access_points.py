"""The access points: learned from beacons and probe responses, lost and evicted."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from whimbrel.events.air import AccessPointChanged, AccessPointFound, AccessPointLost, Change, NameRevealed
from whimbrel.survey.access_point import AccessPoint
from whimbrel.survey.beacons import TIMESTAMP, Announcement, carried
from whimbrel.survey.contents import Contents
from whimbrel.survey.table import Table
from whimbrel.wifi.channels import band_of
from whimbrel.wifi.elements import ELEMENTS_AT, beacon_fixed, find_ssid, parse_elements
from whimbrel.wifi.fcs import holds
from whimbrel.wifi.fixed import LONGEST
from whimbrel.wifi.kinds import BEACON
from whimbrel.wifi.multiple_bssid import nontransmitted
from whimbrel.wifi.vendors import vendor

if TYPE_CHECKING:
    from whimbrel.events.base import Body
    from whimbrel.survey.observation import NewAnnouncement
    from whimbrel.wifi.elements import Elements
    from whimbrel.wifi.frames import Frame
    from whimbrel.wifi.multiple_bssid import Nontransmitted

FIELDS = ("ssid", "hidden", "channel", "security", "pmf", "wps", "country", "interval")
"""The names in an `AccessPointChanged`, in the order of `Announcement.meaning`."""
_NOT_IN_RESPONSES = frozenset({"ssid", "hidden", "wps", "country"})
"""The properties in which beacons and probe responses of one access point may differ legitimately."""
_RECENT = 4
_FLIP_WITHIN = 60.0
"""Seconds within which a return to an earlier announcement is counted and not reported again."""
_CHURN = 3
"""After this many changes an element without a meaning is no longer compared."""
_CHURNING = 32
_CARRIED = 32
"""Limit of further networks from one beacon: as many as any access point announces. With more, each frame of a flood
could replace half the table."""
_INDICATOR = 8
"""The largest size of a set of BSSIDs, as a power of two (IEEE 802.11-2020, 9.4.2.45)."""


class AccessPointTable:
    """A bounded table of access points. Findings and changed announcements (as in `Observation.announced`) are appended
    to the given lists, in causal order. `on_new` is called with the address of each new one before its finding, so that
    no other device keeps it.
    """

    def __init__(self, limit: int, on_new: Callable[[bytes, list[Body]], None]) -> None:
        self.table: Table[AccessPoint] = Table(limit)
        self.disbelieved = 0
        """The number of frames with a change and a wrong check sequence that the receiver did not mark."""
        self.carried_left_out = 0
        """How often a beacon announced more further networks than are taken from one."""
        self._on_new = on_new
        self._contents = Contents()
        self._carriers = False  # whether any beacon ever announced further networks

    def beacon(
        self, frame: Frame, tuned_freq: int, found: list[Body], announced: list[NewAnnouncement]
    ) -> tuple[AccessPoint, Frame] | None:
        """Learn from a beacon that is not the same as the last one; return as `Observation.measured`."""
        ap = self.table.entries.get(frame.bssid or b"")
        if ap is not None and ap.beacons and ap.previous is not None:
            previous = ap.previous
            if previous.matches(frame.raw, frame.body, frame.end):
                self._say(ap, previous, frame, found, announced)
            else:
                ap = self._learn(frame, tuned_freq, ap, found, announced)
        else:
            ap = self._learn(frame, tuned_freq, ap, found, announced)
        if ap is None:
            return None
        before = ap.hear_beacon(frame)
        return None if before is None else (ap, before)

    def response(self, frame: Frame, tuned_freq: int, found: list[Body], announced: list[NewAnnouncement]) -> None:
        """Learn from a probe response: everything while no beacon was heard, the name at any time."""
        ap = self.table.entries.get(frame.bssid or b"")
        body = frame.raw[frame.body + TIMESTAMP : frame.end]
        if ap is None or not ap.beacons:
            if ap is None or ap.response != body:
                ap = self._learn(frame, tuned_freq, ap, found, announced)
        elif ap.response != body:
            if len(body) > LONGEST or holds(frame) is False:
                return
            name = find_ssid(frame.raw, frame.body + ELEMENTS_AT[frame.kind], frame.end)
            self.reveal(ap.address, name, "probe response", found)
        if ap is not None:
            ap.response = body
            ap.hear(frame)

    def reveal(self, bssid: bytes | None, name: bytes | None, by: str, found: list[Body]) -> None:
        """Note that a frame of the kind `by` gives an access point this name."""
        ap = self.table.entries.get(bssid or b"")
        if ap is None or not name or not name.strip(b"\0"):
            return
        if ap.add_name(name) and ap.hidden and not ap.ssid:
            ap.ssid = name
            found.append(NameRevealed(bssid=ap.address, ssid=name, by=by))

    def go_on(self, limit: int, found: list[Body]) -> None:
        """Continue with another limit and new listeners: each announcement is reported again."""
        self.hear_carried()
        self._contents = Contents()
        found += [_lost(ap, "evicted") for ap in self.table.resize(limit)]
        for ap in self.table.entries.values():
            ap.announced.hear_anew()

    def expire(self, before: float, found: list[Body]) -> None:
        """Forget entries last heard before `before`, in seconds since the epoch."""
        self.hear_carried()
        found += [_lost(ap, "silent") for ap in self.table.expire(before)]

    def withdraw(self, addresses: Iterable[bytes], found: list[Body]) -> None:
        """Remove made-up access points."""
        for address in addresses:
            ap = self.table.entries.pop(address, None)
            if ap is not None:
                found.append(_lost(ap, "made up"))

    def cap(self, now: float) -> None:
        """Bring times that lie after `now` back to it."""
        self.table.cap(now)
        for ap in self.table.entries.values():
            ap.home = min(ap.home, now)
            ap.recent = {meaning: min(at, now) for meaning, at in ap.recent.items()}

    def shift(self, delta: float) -> None:
        """Move every time by `delta` seconds."""
        self.table.shift(delta)
        for ap in self.table.entries.values():
            ap.home += delta
            if ap.counted is not None:
                ap.counted = ap.counted._replace(last=ap.counted.last + delta)
            ap.recent = {meaning: at + delta for meaning, at in ap.recent.items()}

    def _learn(
        self, frame: Frame, tuned_freq: int, ap: AccessPoint | None, found: list[Body], announced: list[NewAnnouncement]
    ) -> AccessPoint | None:
        """Parse a frame and process its announcement; return its access point, None if there is none or it is not
        credible."""
        raw, body, end = frame.raw, frame.body, frame.end
        fixed = beacon_fixed(raw, body, end)
        bssid = frame.bssid
        if fixed is None or bssid is None or end - body > LONGEST:
            return None
        if ap is not None and frame.cut and not ap.announced.cut:
            return ap  # missing elements were cut off, not withdrawn
        if ap is not None and holds(frame) is False:
            self.disbelieved += 1
            return None
        elements = None
        said = self._contents.find(frame)
        if said is None:
            elements = parse_elements(raw, body + ELEMENTS_AT[frame.kind], end)
            said = Announcement(elements, fixed[1], fixed[2], frame.freq or tuned_freq, cut=frame.cut)
        if ap is None:
            ap = self._add(bssid, said, frame, found, announced)
        else:
            said.stay_on(ap.announced)
            self._watch_churn(ap, said)
        if elements is not None or ap.volatile:
            said.cut_up(body, end, ap.volatile)
        if elements is not None and not ap.volatile:
            self._contents.keep(frame, said)
        self._say(ap, said, frame, found, announced)
        if elements is not None and (profiles := nontransmitted(elements)):
            self._carry_all(ap, profiles, elements, said, frame, found, announced)
        return ap

    def _add(
        self, bssid: bytes, said: Announcement, frame: Frame, found: list[Body], announced: list[NewAnnouncement]
    ) -> AccessPoint:
        self._on_new(bssid, found)
        ap = AccessPoint(bssid, frame.time, said)
        if len(self.table) >= self.table.limit:
            self.hear_carried()
        found += [_lost(old, "evicted") for old in self.table.add(ap)]
        announced.append((ap, None))
        security = said.security
        found.append(
            AccessPointFound(
                bssid=bssid,
                ssid=said.ssid,
                hidden=said.hidden,
                channel=said.channel,
                freq=said.freq,
                band=band_of(said.freq),
                security=security.protection,
                pmf=security.pmf,
                wps=said.wps,
                vendor=vendor(bssid),
                rssi=frame.rssi,
                mesh_id=said.mesh_id,
            )
        )
        return ap

    def _say(
        self, ap: AccessPoint, said: Announcement, frame: Frame, found: list[Body], announced: list[NewAnnouncement]
    ) -> None:
        """Set the announcement of the access point to `said`, and report the changes."""
        old, ap.announced = ap.announced, said
        if old is said:
            return
        announced.append((ap, old))
        if old.meaning != said.meaning:
            first_beacon = frame.kind == BEACON and not ap.beacons
            ap.previous = old
            now = frame.time
            ap.recent[old.meaning] = now
            flipped = abs(now - ap.recent.get(said.meaning, -_FLIP_WITHIN)) < _FLIP_WITHIN
            if len(ap.recent) > _RECENT:
                del ap.recent[min(ap.recent, key=lambda meaning: ap.recent[meaning])]
            self._rename(ap, said, found)
            if flipped:
                ap.flips += 1
                return
            if changes := _changes(ap, old, said, _NOT_IN_RESPONSES if first_beacon else frozenset()):
                found.append(AccessPointChanged(bssid=ap.address, ssid=ap.ssid, changes=changes))

    def _rename(self, ap: AccessPoint, said: Announcement, found: list[Body]) -> None:
        if not said.ssid:
            return
        if not ap.ssid:
            self.reveal(ap.address, said.ssid, "beacon", found)
        ap.add_name(said.ssid)
        ap.ssid = said.ssid

    def _watch_churn(self, ap: AccessPoint, said: Announcement) -> None:
        """Learn which elements change for no reason that matters."""
        for key in said.changed_elements(ap.announced):
            if key in ap.churn or len(ap.churn) < _CHURNING:
                ap.churn[key] = ap.churn.get(key, 0) + 1
                if ap.churn[key] >= _CHURN:
                    ap.volatile |= {key}

    def _carry_all(
        self,
        carrier: AccessPoint,
        profiles: tuple[Nontransmitted, ...],
        elements: Elements,
        said: Announcement,
        frame: Frame,
        found: list[Body],
        announced: list[NewAnnouncement],
    ) -> None:
        """Process the nontransmitted networks in the beacons of `carrier`."""
        there = {
            profile.bssid(carrier.address): profile
            for profile in profiles
            if profile.max_indicator <= _INDICATOR and 0 < profile.index < 1 << profile.max_indicator
        }
        if len(there) > _CARRIED:
            self.carried_left_out += 1
        said.carries = tuple(there)[:_CARRIED]
        self._carriers = True
        carrier.last = frame.time  # before others make it look like the one to evict
        for bssid in said.carries:
            self._carry(carrier, carried(there[bssid], elements, said), bssid, frame, found, announced)

    def _carry(
        self,
        carrier: AccessPoint,
        said: Announcement,
        bssid: bytes,
        frame: Frame,
        found: list[Body],
        announced: list[NewAnnouncement],
    ) -> None:
        """Process a nontransmitted network of `carrier`."""
        ap = self.table.entries.get(bssid)
        if ap is None:
            ap = self._add(bssid, said, frame, found, announced)
        elif ap.beacons:
            return  # it speaks for itself
        else:
            self._say(ap, said, frame, found, announced)
        ap.carrier = carrier.address
        ap.last = frame.time

    def hear_carried(self) -> None:
        """A network that another's beacons announce was heard whenever that one was, as long as they announce it."""
        if not self._carriers:
            return
        entries = self.table.entries
        for carrier in entries.values():
            for bssid in carrier.announced.carries:
                ap = entries.get(bssid)
                if ap is not None and ap.carrier == carrier.address and not ap.beacons:
                    ap.last = max(ap.last, carrier.last)


def _changes(ap: AccessPoint, old: Announcement, said: Announcement, leave_out: frozenset[str]) -> tuple[Change, ...]:
    changes = []
    for name, before, after in zip(FIELDS, old.meaning, said.meaning, strict=True):
        if before != after and name not in leave_out and not (name == "ssid" and _is_reveal(ap, old, said)):
            changes.append(Change(name, before, after))
    return tuple(changes)


def _is_reveal(ap: AccessPoint, old: Announcement, said: Announcement) -> bool:
    """Return whether only the hiding of a name changed, which `hidden` already reports."""
    return old.hidden != said.hidden and (not said.ssid or said.ssid in ap.names)


def _lost(ap: AccessPoint, reason: str) -> AccessPointLost:
    return AccessPointLost(bssid=ap.address, ssid=ap.ssid, last_heard=ap.last, reason=reason)
