"""The life of alerts: raised by a claim, updated by further claims, closed after silence; bounded, folded, counted."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable, Container, Hashable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from whimbrel.detections.here import Here
from whimbrel.detections.incidents import Incidents
from whimbrel.detections.standing import ANNOUNCING, OFTEN, UPDATE, StandingAlert
from whimbrel.events.alerts import REMEMBERED, Alert, AlertClosed, AlertUpdated, Severity
from whimbrel.wifi.fcs import holds

if TYPE_CHECKING:
    from whimbrel.detections.base import Claim, Clear, Detection, Repeated
    from whimbrel.detections.standing import Key
    from whimbrel.events.base import Body
    from whimbrel.wifi.frames import Frame

OPEN = 96
"""Limit of open alerts; beyond it, the one quiet for longest is closed."""
BURST, BURST_ONCE = 12, 48
"""Limits of alerts of one rule and severity raised within `BURST_WINDOW`. Further ones are folded into one alert that
counts the keys and names the newest, until it is quiet. The second limit is for alerts without a duration: a walk into
a city raises dozens of them, a flood of made-up networks thousands."""
BURST_WINDOW = 60.0
_MORE = {severity: ("and more", severity) for severity in Severity}
_FROM_WORST = tuple(reversed(Severity))
_UPDATE_MAX = 300.0
"""The most seconds between two updates of one alert."""


class AlertTable:
    """All alerts. The methods append events to the list that they are given.

    `channel_of` returns the MHz of the channel that an access point announces, 0 if unknown; `here` is the position of
    the device.
    """

    def __init__(
        self,
        trusted: frozenset[bytes],
        channel_of: Callable[[bytes | None], int] = lambda _bssid: 0,
        here: Here | None = None,
        made_up: Container[bytes | None] = (),
    ) -> None:
        self.open: OrderedDict[Key, StandingAlert] = OrderedDict()
        """The one quiet for longest first."""
        self.remembered: OrderedDict[str, StandingAlert] = OrderedDict()
        """By id, oldest first."""
        self.incidents = Incidents()
        """The alerts that belong together."""
        self.limit = REMEMBERED
        """Limit of kept alerts; a replay of a capture keeps all."""
        self.disbelieved = 0
        """The number of claims based on a frame with a wrong check sequence."""
        self._trusted = trusted
        self._channel_of = channel_of
        self._here = Here() if here is None else here
        self._made_up = made_up
        self._ended: OrderedDict[Key, int] = OrderedDict()  # counts
        self._over: dict[Severity, OrderedDict[str, None]] = {severity: OrderedDict() for severity in Severity}
        # The closed ones of `remembered`, oldest first.
        self._restored: list[StandingAlert] = []  # open ones of an earlier process, before the air's clock runs
        self._raised: dict[tuple[str, Severity], deque[float]] = {}
        self._earlier = 0  # number of the last one of an earlier process
        self.number = 0
        """Number of the last alert. It never restarts, so that noted or acknowledged numbers stay valid."""
        self.changes = 0
        """The number of alerts raised, worsened or ended; unchanged if none was."""

    def claim(
        self, detection: Detection[Any], claim: Claim, frame: Frame | None, at: float, now: float, found: list[Body]
    ) -> None:
        """Process a claim at `at`, seconds since the epoch; `now` is the air's clock."""
        key = (detection.rule, claim.key)
        severity = detection.settings.severity or claim.severity or detection.severity
        standing = self.open.get(key)
        if standing is None:
            standing = self._of_more(detection.rule, claim.key, severity)
        if standing is None:
            nobodys = claim.bssid in self._made_up and _is_nobodys(detection, frame)
            if nobodys or self._muted(detection, claim, severity):
                return
            if frame is not None and holds(frame) is False:
                self.disbelieved += 1
                return
            self._raise(key, detection, claim, severity, frame, at, now, found)
            return
        self._go_on(standing, claim, claim.seen, severity, frame, at, now, found)

    def repeat(
        self, detection: Detection[Any], again: Repeated, frame: Frame | None, at: float, now: float, found: list[Body]
    ) -> None:
        """Process a claim like `claim`, of which only the count has changed."""
        standing = again.standing
        if standing is None or standing.closed:
            self.claim(detection, again.claim._replace(seen=again.seen), frame, at, now, found)
            again.standing = self.open.get((detection.rule, again.claim.key))
            return
        standing.seen = again.seen
        standing.claim = again.claim
        self._note(standing, frame, at, now)
        if now - standing.last_update >= standing.pause:
            self._update(standing, now, found)

    def withdraw(self, bssids: Container[bytes | None], found: list[Body]) -> None:
        """Withdraw alerts whose only evidence is announcements of made-up access points."""
        # A flood brings one of these after the other, and hardly any has an alert of its own.
        for standing in [each for each in self.remembered.values() if each.claim.bssid in bssids]:
            if standing.merged or not standing.only_announced:
                continue
            if standing.detection.of_made_up:
                self.incidents.join_flood(standing, found)
                continue
            self._take_out(standing)
            self.incidents.take_back(standing, found)
            found.append(standing.body(AlertClosed, reason="made up"))

    def forget(self, numbers: Iterable[str]) -> None:
        """Forget alerts of those ids, open ones too: what goes on is a new alert. `AlertsStanding` tells the others."""
        for number in numbers:
            if (standing := self.remembered.get(number)) is not None:
                self._take_out(standing)
                self.incidents.forget(standing, [])

    def clear(self, detection: Detection[Any], clear: Clear, found: list[Body]) -> None:
        """Note that a claim is no longer true."""
        standing = self.open.get((detection.rule, clear.key))
        if standing is not None:
            self._close(standing, "over", found)

    def shift(self, delta: float) -> None:
        """Move the times of the frames by `delta` seconds because their clock was set; not those of an earlier
        process."""
        for standing in self:
            if int(standing.id) > self._earlier:
                standing.first += delta
                standing.last += delta

    def turn(self, now: float, found: list[Body]) -> None:
        """Close alerts that are quiet for their time."""
        for restored in self._restored:
            restored.last_at = restored.last_update = now
        self._restored.clear()
        for standing in [s for s in self.open.values() if now - s.last_at > s.detection.quiet]:
            self._close(standing, "quiet", found)
        self.incidents.turn(now, found)

    def finish(self, found: list[Body]) -> None:
        """Close all alerts: no more frames will come."""
        for standing in list(self.open.values()):
            self._close(standing, "end", found)

    def restore(self, standing: StandingAlert) -> None:
        """Process an alert of an earlier process, open or closed; called for the oldest first."""
        if len(self.remembered) >= self.limit:
            self._make_room([])  # `AlertsStanding` tells all of them
        self._earlier = max(self._earlier, int(standing.id))
        self.number = max(self.number, int(standing.id))
        self.remembered[standing.id] = standing
        if standing.key in self.open:
            standing.closed = True
        self.incidents.restore(standing)
        if standing.closed:
            self._over[standing.severity][standing.id] = None
            self._ended[standing.key] = standing.again + 1
            self._ended.move_to_end(standing.key)
        else:
            self.open[standing.key] = standing
            self._restored.append(standing)

    def recall(self, standings: Iterable[StandingAlert]) -> None:
        """Add alerts of earlier processes from a history, given oldest first; the newest ones if there is not room for
        all."""
        fresh = [standing for standing in standings if standing.id not in self.remembered]
        room = max(self.limit - len(self.remembered), 0)
        for standing in fresh[-room:] if room else ():
            self.restore(standing)
        self.remembered = OrderedDict(sorted(self.remembered.items(), key=lambda item: int(item[0])))

    def go_on(
        self,
        trusted: frozenset[bytes],
        channel_of: Callable[[bytes | None], int],
        made_up: Container[bytes | None],
        find: Callable[[str], Detection[Any] | None],
        found: list[Body],
    ) -> None:
        """Continue under new settings: the trusted addresses, and the detection of each rule. Alerts of rules unknown
        to `find` end."""
        self._trusted = trusted
        self._channel_of = channel_of
        self._made_up = made_up
        for standing in {*self.remembered.values(), *self.open.values()}:
            detection = find(standing.detection.rule)
            if detection is not None:
                standing.detection = detection
            elif not standing.closed:
                self._close(standing, "over", found)

    def find(self, number: str) -> StandingAlert | None:
        """Return the alert of that id, None if it is not remembered."""
        return self.remembered.get(number)

    def named(self, number: str) -> list[StandingAlert]:
        """Return the alerts of the incident of that id, else the alert of that id; empty if neither is remembered."""
        incident = self.incidents.find(number)
        if incident is not None:
            return list(incident.parts)
        standing = self.remembered.get(number)
        return [] if standing is None else [standing]

    def __iter__(self) -> Iterator[StandingAlert]:
        """Yield the remembered ones, the newest first."""
        return reversed(self.remembered.values())

    def _muted(self, detection: Detection[Any], claim: Claim, severity: Severity) -> bool:
        if severity.rank <= Severity.NOTICE.rank and self._here.quiet:
            return True
        settings = detection.settings
        # Attackers use the address of a trusted access point: that does not make them trusted.
        trusted = claim.sender in self._trusted and claim.sender != claim.bssid
        return (
            trusted
            or claim.ssid in settings.mute_ssids
            or any(address in settings.mute for address in (claim.sender, claim.receiver, claim.bssid))
        )

    def _go_on(
        self,
        standing: StandingAlert,
        claim: Claim,
        seen: int,
        severity: Severity,
        frame: Frame | None,
        at: float,
        now: float,
        found: list[Body],
    ) -> None:
        """Add a claim to its alert."""
        standing.claim, standing.seen = claim, seen
        self._note(standing, frame, at, now)
        worse = severity is not standing.severity and severity.rank > standing.severity.rank
        if worse:
            standing.severity = severity
            self.changes += 1
        if worse or now - standing.last_update >= standing.pause:
            self._update(standing, now, found, worse=worse)

    def _note(self, standing: StandingAlert, frame: Frame | None, at: float, now: float) -> None:
        """Note the time of an alert's claim, and keep its frame."""
        self.open.move_to_end(standing.key)
        if frame is None:
            standing.last = at
        else:
            standing.hear(frame)
        if self._here.position is not None:
            standing.be_heard_from(self._here.shown(at))
        standing.last_at = now

    def _update(self, standing: StandingAlert, now: float, found: list[Body], *, worse: bool = False) -> None:
        """Tell how an alert goes on."""
        standing.last_update = now
        standing.pause = UPDATE if worse else min(standing.pause * 2, _UPDATE_MAX)
        standing.be_at(self._channel_of(standing.claim.bssid))
        self.incidents.change(standing, found)
        found.append(standing.body(AlertUpdated))

    def _of_more(self, rule: str, key: Hashable, severity: Severity) -> StandingAlert | None:
        """Return the folded alert of that rule if it contains this key; none if the claim has become worse than it."""
        for worst in _FROM_WORST:
            more = self.open.get((rule, _MORE[worst]))
            if more is not None and key in more.merged:
                return more
            if worst is severity:
                break
        return None

    def _raise(
        self,
        key: Key,
        detection: Detection[Any],
        claim: Claim,
        severity: Severity,
        frame: Frame | None,
        at: float,
        now: float,
        found: list[Body],
    ) -> None:
        if detection.once and key in self._ended:
            self._ended.move_to_end(key)
            return
        more = None
        if self._too_many(detection, severity, now):
            more = key = (key[0], _MORE[severity])
            standing = self.open.get(key)
            if standing is not None:
                if len(standing.merged) < OFTEN:
                    standing.merged.add(claim.key)
                self._go_on(standing, claim, claim.seen, severity, frame, at, now, found)
                return
        if len(self.remembered) >= self.limit:
            self._make_room(found)
        self.number += 1
        self.changes += 1
        standing = StandingAlert(self.number, key, detection, claim, severity)
        if more is not None:
            standing.merged.add(claim.key)
        standing.be_at(self._channel_of(claim.bssid))
        for earlier in claim.frames:
            standing.hear(earlier)
        standing.hear(frame)
        if self._here.position is not None:
            standing.be_heard_from(self._here.shown(at))
        if not standing.first:
            standing.first = standing.last = at
        standing.last_at = standing.last_update = now
        standing.again = self._ended.get(key, 0)
        self.open[key] = standing
        self.remembered[standing.id] = standing
        self.incidents.add(standing, found, of_flood=claim.bssid in self._made_up)
        found.append(standing.body(Alert, again=standing.again))
        if detection.once and more is None:
            self._forget_open(standing)
        elif len(self.open) > OPEN:
            self._close(next(iter(self.open.values())), "evicted", found)

    def _make_room(self, found: list[Body]) -> None:
        """Forget the oldest of the least severe closed alerts."""
        for over in self._over.values():
            if over:
                self.incidents.forget(self.remembered.pop(over.popitem(last=False)[0]), found)
                return
        self.incidents.forget(self.remembered.popitem(last=False)[1], found)

    def _too_many(self, detection: Detection[Any], severity: Severity, now: float) -> bool:
        """Return whether the rule has reached its limit of alerts; if not, count another one."""
        raised = self._raised.setdefault((detection.rule, severity), deque())
        while raised and now - raised[0] >= BURST_WINDOW:
            raised.popleft()
        if len(raised) >= (BURST_ONCE if detection.once else BURST):
            return True
        raised.append(now)
        return False

    def _take_out(self, standing: StandingAlert) -> None:
        """Remove an alert as if it had not been raised."""
        self.changes += 1
        self.open.pop(standing.key, None)
        self._ended.pop(standing.key, None)
        self._over[standing.severity].pop(standing.id, None)
        del self.remembered[standing.id]
        standing.closed = True

    def _close(self, standing: StandingAlert, reason: str, found: list[Body]) -> None:
        self._forget_open(standing)
        standing.be_at(self._channel_of(standing.claim.bssid) or standing.home)
        found.append(standing.body(AlertClosed, reason=reason))
        self.incidents.close(standing, found)

    def _forget_open(self, standing: StandingAlert) -> None:
        self.open.pop(standing.key, None)
        standing.closed = True
        self.changes += 1
        if standing.id in self.remembered:
            self._over[standing.severity][standing.id] = None
        ended = self._ended
        ended[standing.key] = ended.pop(standing.key, 0) + 1
        if len(ended) > OFTEN:
            ended.popitem(last=False)


def _is_nobodys(detection: Detection[Any], frame: Frame | None) -> bool:
    """Return whether a claim about a made-up access point is void; frames from others to one are real."""
    return not detection.of_made_up and (frame is None or frame.kind in ANNOUNCING)
