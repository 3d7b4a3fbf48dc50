"""Puts every frame through the survey, then to the detections that ask for it, and their claims to the alerts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from whimbrel.detections.air import Air
from whimbrel.detections.alert_table import AlertTable
from whimbrel.detections.base import (
    ENCRYPTED,
    EXPOSED,
    FRAGMENT,
    GROUP,
    LONG_RESERVATION,
    Claim,
    Clear,
    Detection,
    PairFilter,
    Verdict,
)
from whimbrel.events.air import EapolSeen
from whimbrel.hearing.stamps import moved
from whimbrel.survey.observation import FRESH, MADE_UP, NOTHING
from whimbrel.wifi.fcs import holds
from whimbrel.wifi.frames import Frame
from whimbrel.wifi.kinds import CONTROL_FRAMES, DATA_FRAMES, FROM_DS, MORE_FRAGMENTS, NO_PAYLOAD, PROTECTED, PS_POLL

if TYPE_CHECKING:
    from whimbrel.detections.guarded import Guard
    from whimbrel.detections.options import RuleSettings
    from whimbrel.events.base import Body
    from whimbrel.survey.access_point import AccessPoint
    from whimbrel.survey.observation import Observation
    from whimbrel.survey.survey import Survey
    from whimbrel.wifi.eapol import Eapol

Handler = Callable[..., Verdict]
Asked = tuple[Detection[Any], Handler]
Filter = Callable[..., bool]

_TURN = 1.0
"""Seconds between two `turn`s."""
_BACK = 2.0
"""The most seconds that frames may be out of order; beyond, the clock was set back."""
_AHEAD = 3600.0
"""The most seconds between two frames; after a longer gap the clock was set."""
_IN_FLIGHT = 10.0
"""The most seconds after a step of the clock for which frames stamped before it may arrive."""
_FIRST_CONTROL, _FIRST_DATA = CONTROL_FRAMES.start, DATA_FRAMES.start
_SECRETS = frozenset(kind + ENCRYPTED for kind in DATA_FRAMES)
_CONTENTION_FREE = 0x8000
"""Duration in frames of a contention-free period (IEEE 802.11-2016, 9.2.4.2), which is no reservation; in us."""


class Detections:
    """All detections that are switched on.

    `classes` with `settings` by rule; a class without an entry has its defaults. `on_failure` is called for a detection
    that raised; that detection is then switched off.
    """

    def __init__(
        self,
        survey: Survey,
        guard: Guard,
        classes: Iterable[type[Detection[Any]]] = (),
        settings: dict[str, RuleSettings] | None = None,
        on_failure: Callable[[Detection[Any], Exception, Frame | None], None] | None = None,
    ) -> None:
        settings = settings or {}
        self.survey = survey
        self.air = Air(survey, guard)
        self.alerts = AlertTable(guard.trusted, self.air.channel_of, self.air.here, survey.made_up.members)
        self.detections: list[Detection[Any]] = []
        self._on_failure = on_failure
        for cls in classes:
            chosen = settings.get(cls.rule) or cls.Settings()
            if chosen.enabled:
                self.detections.append(cls(chosen, self.air))
        self._observe = survey.observe
        self._echoes = survey.echoes
        self._last = Frame()
        self._known = survey.access_points.table.entries
        self._made_up = survey.made_up
        self._offset = 0.0  # of the air's clock to the frames'
        # The last step of that clock, and the air's time up to which frames from before may still arrive.
        self._step = self._settled = 0.0
        # Between these two times nothing is due, as long as the radio stays on its channel.
        self._from = self._due = float("-inf")
        self._here = 0
        self._hops = True
        self._connect()

    def observe(self, frame: Frame, tuned_freq: int = 0) -> Sequence[Body]:
        """Process a frame; return its findings like `Survey.observe`, then alerts."""
        last = self._last
        self._last = frame
        if (frame.seq == last.seq or self._echoes.several) and self._echoes.is_echo(frame, last):
            return ()
        now = frame.time + self._offset
        here = tuned_freq or frame.freq
        if not self._from <= now < self._due or (self._hops and here != self._here and here):
            due = self._move(frame, here)
            seen = self._observe(frame, tuned_freq)
            found = self._turn(frame, seen.findings) if due else seen.findings
        else:
            seen = self._observe(frame, tuned_freq)
            found = seen.findings
        if frame.duration > LONG_RESERVATION:
            found = self._long(frame, found)
        if seen is NOTHING:
            return found
        kind = frame.kind
        if kind >= _FIRST_DATA:
            asked = self._asked_of_data(frame)
            if asked is None:
                if seen is FRESH:
                    return found
            elif frame.flags & MORE_FRAGMENTS or frame.fragment:
                # After one of these a detection may need the sender's next encrypted frames.
                found = self._judge(frame, seen, found, asked)
                self._look_for_secrets()
                return found
        else:
            if seen is MADE_UP:
                self.air.now = now
                return self._ask(self._fakes, frame, found)
            asked = self._kinds.get(kind)
        return self._judge(frame, seen, found, asked)

    def finish(self) -> Sequence[Body]:
        """Return the findings held back for later frames, and end all alerts."""
        found = list(self.survey.finish())
        self.alerts.finish(found)
        return found

    def of_rule(self, rule: str) -> Detection[Any] | None:
        """Return the running detection of that name."""
        return next((detection for detection in self.detections if detection.rule == rule), None)

    def go_on(self, before: Detections) -> Sequence[Body]:
        """Take over the alerts and the clock of the detections `before`, which end; return the ended alerts of rules
        now off.

        Called before the first frame.
        """
        found: list[Body] = []
        self.alerts = before.alerts
        self.air.here = before.air.here
        self._offset = before._offset
        self.alerts.go_on(self.air.guard.trusted, self.air.channel_of, self._made_up.members, self.of_rule, found)
        return found

    def guard_with(self, guard: Guard) -> None:
        """Change the guarded networks; the trusted devices stay the same."""
        self.air.guard = guard

    def shift(self, delta: float) -> None:
        """Note that the system clock was set, by `delta` seconds: frames from now on carry the new time."""
        self.survey.shift(delta)
        self.alerts.shift(delta)
        self._offset -= delta
        self._step = delta
        self._settled = self.air.now + _IN_FLIGHT

    def _connect(self) -> None:
        """Collect the detections by the frames and findings that they examine."""
        kinds: dict[int, list[Asked]] = {}
        findings: dict[type, list[Asked]] = {}
        for detection in self.detections:
            for kind in detection.kinds:
                kinds.setdefault(kind, []).append((detection, detection.observe))
            for finding in detection.findings:
                findings.setdefault(finding, []).append((detection, detection.learn))
        self._kinds = kinds
        self._secrets = [d for d in self.detections if not d.kinds.isdisjoint(_SECRETS)]
        # Findings, and kinds of frames, after which one of these may need encrypted data.
        self._rousing: set[type | int] = {EapolSeen}
        for detection in self._secrets:
            self._rousing.update(detection.findings, detection.kinds)
        self._roused: list[Detection[Any]] = []
        self._asked_of_secrets: dict[int, list[Asked]] = {}
        self._look_for_secrets()
        self._findings = findings
        self._eapol = self._overridden("eapol")
        self._announced = self._overridden("announced")
        sampled: dict[type[PairFilter] | None, list[Asked]] = {}
        for detection, handler in self._overridden("sampled"):
            sampled.setdefault(detection.pairs, []).append((detection, handler))
        self._sampled: list[tuple[Filter | None, list[Asked]]] = [
            (None if cls is None else self.air.shared(cls).passes, asked) for cls, asked in sampled.items()
        ]
        self._reserved = self._overridden("reserved")
        self._fakes = self._overridden("made_up")
        self._turners = [d for d in self.detections if type(d).turn is not Detection.turn]

    def _look_for_secrets(self) -> None:
        """Determine which detections need encrypted data at the moment: the others are not asked."""
        roused = [detection for detection in self._secrets if not detection.idle]
        if roused != self._roused:
            self._roused = roused
            asked = {kind: [each for each in self._kinds.get(kind, ()) if each[0] in roused] for kind in _SECRETS}
            self._asked_of_secrets = {kind: who for kind, who in asked.items() if who}

    def _overridden(self, name: str) -> list[Asked]:
        base = getattr(Detection, name)
        return [(d, getattr(d, name)) for d in self.detections if getattr(type(d), name) is not base]

    def _move(self, frame: Frame, here: int) -> bool:
        """Let time pass and note a change of channel; return whether a `_turn` is due."""
        air = self.air
        now = frame.time + self._offset
        if self._due == float("-inf"):
            air.begin(now, here)
        else:
            if self._step:
                now = self._settle(frame)
            if not air.now - _BACK <= now <= air.now + _AHEAD:
                self._offset += air.now - now
                now = air.now
        air.tick(now)
        if here and here != air.freq:
            air.move(here)
            self._hops = not air.everywhere
        self._here = air.freq
        self._from = now - _BACK
        return now >= self._due

    def _turn(self, frame: Frame, found: Sequence[Body]) -> Sequence[Body]:
        """Execute the actions due about once a second; return `found` followed by the alerts."""
        now = self.air.now
        self._due = now + _TURN
        self._look_for_secrets()
        raised: list[Body] = []
        for detection in list(self._turners):
            try:
                for verdict in detection.turn():
                    if isinstance(verdict, Claim):
                        self.alerts.claim(detection, verdict, None, frame.time, now, raised)
                    else:
                        self.alerts.clear(detection, verdict, raised)
            except Exception as error:  # noqa: BLE001  # a mistake in one must not end the others
                self._failed(detection, error, None)
        if self._made_up.leaving:
            raised = self._withdraw(raised)
        self.alerts.turn(now, raised)
        return (*found, *raised) if raised else found

    def _settle(self, frame: Frame) -> float:
        """Return a frame's time on the air's clock, and correct its own time if it may be from before a step of the
        clock."""
        now = self.air.now
        frame.time = moved(frame.time, self._step, now - self._offset)
        if now > self._settled:
            self._step = 0.0
        return frame.time + self._offset

    def _long(self, frame: Frame, found: Sequence[Body]) -> Sequence[Body]:
        if frame.duration == _CONTENTION_FREE or frame.kind == PS_POLL or frame.bad_fcs or not self._reserved:
            return found
        if holds(frame) is False:
            return found
        self.air.now = frame.time + self._offset
        return self._ask(self._reserved, frame, found)

    def _judge(
        self, frame: Frame, seen: Observation, found: Sequence[Body], asked: list[Asked] | None
    ) -> Sequence[Body]:
        """Pass a frame that is more than a known beacon to `asked`, then the survey's findings and its sampled pairs of
        beacons to all."""
        if seen.fresh and frame.kind < _FIRST_CONTROL and holds(frame) is False:
            return found
        self.air.now = frame.time + self._offset
        if asked and seen.fresh:
            found = self._ask(asked, frame, found)
            if frame.kind in self._rousing and frame.kind < _FIRST_DATA:
                self._look_for_secrets()
        findings = seen.findings
        if findings:
            found = self._learn(frame, seen, found)
        for ap, before in seen.announced:
            found = self._ask_about(self._announced, frame, found, ap, before)
            if self._made_up.leaving:
                found = self._withdraw(found)
        pair = seen.measured
        if pair is not None:
            ap, earlier = pair
            for passes, samplers in self._sampled:
                try:
                    if passes is not None and not passes(frame, ap, earlier):
                        continue
                except Exception as error:  # noqa: BLE001  # its detections cannot run without the filter
                    for detection, _ in samplers:
                        self._failed(detection, error, frame)
                    continue
                found = self._ask_about(samplers, frame, found, ap, earlier)
        return found

    def _withdraw(self, found: Sequence[Body]) -> list[Body]:
        """Withdraw alerts about access points that turned out to be made up."""
        raised: list[Body] = list(found)
        self.alerts.withdraw(self.survey.withdraw(raised), raised)
        return raised

    def _asked_of_data(self, frame: Frame) -> list[Asked] | None:
        """Return the detections that need a data frame, by its narrowed kind (`Detection.kinds`); None for most
        frames."""
        kind, flags = frame.kind, frame.flags
        if flags & PROTECTED:
            kind += ENCRYPTED
            if not (flags & MORE_FRAGMENTS or frame.fragment):
                asked = self._asked_of_secrets.get(kind)
                if flags & FROM_DS and frame.ra is not None and frame.ra[0] & 1:
                    return [*self._kinds.get(frame.kind + GROUP, ()), *(asked or ())] or None
                return asked
        elif not kind & NO_PAYLOAD:
            ap = self._known.get(frame.bssid)  # type: ignore[arg-type]  # None is nobody's
            if ap is not None and ap.announced.security.akms:
                kind += EXPOSED
        return self._kinds.get(kind + FRAGMENT if flags & MORE_FRAGMENTS or frame.fragment else kind)

    def _learn(self, frame: Frame, seen: Observation, found: Sequence[Body]) -> Sequence[Body]:
        """Pass the survey's findings to all detections."""
        learners, eapol = self._findings, seen.eapol
        packets = 0
        rousing = False
        for finding in seen.findings:
            kind = finding.__class__
            if kind in learners:
                found = self._ask_of(learners[kind], frame, found, finding)
            if kind is EapolSeen:
                found = self._ask_eapol(frame, found, *eapol[packets])
                packets += 1
            rousing = rousing or kind in self._rousing
        if rousing:
            self._look_for_secrets()
        return found

    # One loop for each number of arguments: a call that unpacks them costs 50 % more.

    def _ask(self, asked: list[Asked], frame: Frame, found: Sequence[Body]) -> Sequence[Body]:
        """Pass a frame to detections; return `found` followed by the alerts."""
        raised: list[Body] = []
        for detection, handler in asked:
            try:
                verdict = handler(frame)
                if verdict is not None:
                    self._take(detection, verdict, frame, raised)
            except Exception as error:  # noqa: BLE001  # a mistake in one must not end the others
                self._failed(detection, error, frame)
        return (*found, *raised) if raised else found

    def _ask_of(self, asked: list[Asked], frame: Frame, found: Sequence[Body], finding: Body) -> Sequence[Body]:
        """Pass a finding to detections, like `_ask`."""
        raised: list[Body] = []
        for detection, handler in asked:
            try:
                verdict = handler(frame, finding)
                if verdict is not None:
                    self._take(detection, verdict, frame, raised)
            except Exception as error:  # noqa: BLE001  # a mistake in one must not end the others
                self._failed(detection, error, frame)
        return (*found, *raised) if raised else found

    def _ask_about(
        self, asked: list[Asked], frame: Frame, found: Sequence[Body], ap: AccessPoint, before: object
    ) -> Sequence[Body]:
        """Pass an access point, with the beacon or the announcement before, to detections, like `_ask`."""
        raised: list[Body] = []
        for detection, handler in asked:
            try:
                verdict = handler(frame, ap, before)
                if verdict is not None:
                    self._take(detection, verdict, frame, raised)
            except Exception as error:  # noqa: BLE001  # a mistake in one must not end the others
                self._failed(detection, error, frame)
        return (*found, *raised) if raised else found

    def _ask_eapol(
        self, frame: Frame, found: Sequence[Body], packet: Eapol, bssid: bytes, station: bytes
    ) -> Sequence[Body]:
        """Pass an EAPOL packet to detections, like `_ask`."""
        raised: list[Body] = []
        for detection, handler in self._eapol:
            try:
                verdict = handler(frame, packet, bssid, station)
                if verdict is not None:
                    self._take(detection, verdict, frame, raised)
            except Exception as error:  # noqa: BLE001  # a mistake in one must not end the others
                self._failed(detection, error, frame)
        return (*found, *raised) if raised else found

    def _take(self, detection: Detection[Any], verdict: Claim | Clear, frame: Frame, raised: list[Body]) -> None:
        if isinstance(verdict, Claim):
            self.alerts.claim(detection, verdict, frame, frame.time, self.air.now, raised)
        else:
            self.alerts.clear(detection, verdict, raised)

    def _failed(self, detection: Detection[Any], error: Exception, frame: Frame | None) -> None:
        """Switch off a detection that raised."""
        if detection not in self.detections:
            return
        self.detections.remove(detection)
        self._connect()
        if self._on_failure is not None:
            self._on_failure(detection, error, frame)
