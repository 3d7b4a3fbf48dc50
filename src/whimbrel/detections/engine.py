"""Puts every frame through the survey, then to the detections that ask for it, and their claims to the alerts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from whimbrel.detections.air import Air
from whimbrel.detections.alert_table import AlertTable
from whimbrel.detections.base import LONG_RESERVATION, Claim, Clear, Detection, Repeated
from whimbrel.detections.selection import RuleSelection
from whimbrel.events.air import Disconnected, EapolSeen, StationFound
from whimbrel.hearing.stamps import SILENCE, moved
from whimbrel.survey.observation import FRESH, MADE_UP, NOTHING
from whimbrel.wifi.fcs import holds
from whimbrel.wifi.frames import Frame
from whimbrel.wifi.kinds import CONTROL_FRAMES, DATA_FRAMES, FROM_DS, MORE_FRAGMENTS, PROTECTED, PS_POLL

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from whimbrel.detections.guarded import Guard
    from whimbrel.detections.options import RuleSettings
    from whimbrel.detections.selection import Asked
    from whimbrel.events.base import Body
    from whimbrel.survey.access_point import AccessPoint
    from whimbrel.survey.observation import Observation
    from whimbrel.survey.survey import Survey
    from whimbrel.wifi.eapol import Eapol

_TURN = 1.0
"""Seconds between two `turn`s."""
_IN_FLIGHT = 10.0
"""The most seconds after a step of the clock for which frames stamped before it may arrive."""
_FIRST_CONTROL, _FIRST_DATA = CONTROL_FRAMES.start, DATA_FRAMES.start
_WHOLE_SECRET = PROTECTED | MORE_FRAGMENTS
_CONTENTION_FREE = 0x8000
"""Duration in frames of a contention-free period (IEEE 802.11-2016, 9.2.4.2), which is no reservation; in us."""


WANTING = (MemoryError, OSError)
"""Errors that are no mistake of a rule's: there was no memory, or no descriptor for a table that is read late."""


class Detections(RuleSelection):
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
        super().__init__(Air(survey, guard))
        self.survey = survey
        self.alerts = AlertTable(guard.trusted, self.air.channel_of, self.air.here, survey.made_up.members)
        self._on_failure = on_failure
        for cls in classes:
            chosen = settings.get(cls.rule) or cls.Settings()
            if chosen.enabled:
                self.detections.append(cls(chosen, self.air))
        self._observe = survey.observe
        self._hear = survey.hear
        self._echoes = survey.echoes
        self._last = Frame()
        self._made_up = survey.made_up
        self._offset = 0.0  # of the air's clock to the frames'
        # The last step of that clock, and the air's time up to which frames from before may still arrive.
        self._step = self._settled = 0.0
        # Between these two times of the air nothing is due here, as long as the radio stays on its channel.
        self._from = self._due = float("-inf")
        # Between these two times of frames nothing is due here nor in the survey.
        self._quiet = self._until = float("-inf")
        self._here = 0
        self._hops = True
        self._connect()

    def observe(self, frame: Frame, tuned_freq: int = 0) -> Sequence[Body]:  # noqa: C901  # a call for each part costs
        """Process a frame; return its findings like `Survey.observe`, then alerts."""
        last = self._last
        self._last = frame
        if (frame.seq == last.seq or self._echoes.several) and self._echoes.is_echo(frame, last):
            return ()
        here = tuned_freq or frame.freq
        if self._quiet <= frame.time < self._until and (here == self._here or not here or not self._hops):
            seen = self._hear(frame, tuned_freq)
            found = seen.findings
        else:
            seen, found = self._observe_due(frame, tuned_freq, here)
        if frame.duration > LONG_RESERVATION:
            found = self._long(frame, found)
        if seen is NOTHING:
            return found
        kind = frame.kind
        if kind >= _FIRST_DATA:
            flags = frame.flags
            if flags & _WHOLE_SECRET == PROTECTED and not frame.fragment:
                ra = frame.ra
                if flags & FROM_DS and ra is not None and ra[0] & 1:
                    asked = self._asked_of_group_secrets.get(kind)
                else:
                    asked = self._asked_of_secrets.get(kind)
            else:
                asked = self._asked_of_data(frame)
                if asked is not None and (flags & MORE_FRAGMENTS or frame.fragment):
                    # After one of these a detection may need the sender's next encrypted frames.
                    found = self._judge(frame, seen, found, asked)
                    self._look_for_secrets()
                    return found
            if seen is FRESH:  # as below
                if asked is not None:
                    self.air.now = frame.time + self._offset
                    found = self._ask(asked, frame, found)
                return found
        else:
            if not seen.fresh and not seen.findings:
                self.air.now = frame.time + self._offset
                if seen is MADE_UP:
                    return self._ask(self._fakes, frame, found)
                if seen.measured is not None:
                    return self._sample(frame, *seen.measured, found)
            asked = self._kinds.get(kind)
            if seen is FRESH:  # as `_judge` does, without looking for more than the frame
                if kind < _FIRST_CONTROL and holds(frame) is False:
                    return found
                self.air.now = frame.time + self._offset
                if asked is not None:
                    found = self._ask(asked, frame, found)
                    if kind in self._rousing:
                        self._rouse(kind)
                return found
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

    def turn_to(self, receiver: int, *, scans: bool) -> None:
        """Note that the next frames are from the receiver of this number, one of several."""
        self.air.turn_to(receiver, scans=scans)
        self._here = self.air.freq
        self._hops = not scans and not self.air.everywhere

    def shift(self, delta: float) -> None:
        """Note that the system clock was set, by `delta` seconds: frames from now on carry the new time."""
        self.survey.shift(delta)
        self.alerts.shift(delta)
        self._offset -= delta
        self._step = delta
        self._settled = self.air.now + _IN_FLIGHT
        self._agree()

    def _observe_due(self, frame: Frame, tuned_freq: int, here: int) -> tuple[Observation, Sequence[Body]]:
        """Process a frame outside of the quiet time, or on another channel; return the survey's result and the findings
        so far."""
        if self._from <= frame.time + self._offset < self._due and not (self._hops and here != self._here and here):
            seen = self._observe(frame, tuned_freq)  # only the survey has something to do
            found = seen.findings
        else:
            due = self._move(frame, here)
            seen = self._observe(frame, tuned_freq)
            found = self._turn(frame, seen.findings) if due else seen.findings
        self._agree()
        return seen, found

    def _agree(self) -> None:
        """Determine when neither the survey nor something here is due."""
        self._quiet = max(self.survey.quiet_from, self._from - self._offset)
        self._until = min(self.survey.due, self._due - self._offset)

    def _move(self, frame: Frame, here: int) -> bool:
        """Let time pass and note a change of channel; return whether a `_turn` is due."""
        air = self.air
        now = frame.time + self._offset
        if self._due == float("-inf"):
            air.begin(now, here)
        else:
            if self._step:
                now = self._settle(frame)
            if not air.now - self.survey.back <= now <= air.now + SILENCE:
                self._offset += air.now - now
                now = air.now
        air.tick(now)
        if here and here != air.freq and not air.scanning:
            air.move(here)
            self._hops = not air.everywhere
        self._here = air.freq
        self._from = now - self.survey.back
        return now >= self._due

    def _turn(self, frame: Frame, found: Sequence[Body]) -> Sequence[Body]:
        """Execute the actions due about once a second; return `found` followed by the alerts."""
        now = self.air.now
        self._due = now + _TURN
        self._look_for_secrets()
        raised: list[Body] = []
        for detection, turn in self._turners:
            try:
                verdicts = turn()
                if not verdicts:
                    continue
                for verdict in verdicts:
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
        kind, fresh = frame.kind, seen.fresh
        findings = seen.findings
        last = findings[-1].__class__ if findings else None
        # The survey has computed the check sequence where it has found a station, as in most frames of a flood.
        if fresh and kind < _FIRST_CONTROL and last is not StationFound and holds(frame) is False:
            return found
        self.air.now = frame.time + self._offset
        if last is Disconnected:
            found = self._ask_of_disconnection(findings[-1], frame, found)  # type: ignore[arg-type]
        if asked and fresh:
            found = self._ask(asked, frame, found)
            if kind in self._rousing and kind < _FIRST_DATA:
                self._rouse(kind)
        if findings and (len(findings) > 1 or last in self._heeded):
            found = self._learn(frame, seen, found)
        if seen.announced:
            for ap, before in seen.announced:
                found = self._ask_about(self._asked_of(ap.announced, before), frame, found, ap, before)
                if self._made_up.leaving:
                    found = self._withdraw(found)
        if seen.measured is not None:
            found = self._sample(frame, *seen.measured, found)
        return found

    def _sample(self, frame: Frame, ap: AccessPoint, earlier: Frame, found: Sequence[Body]) -> Sequence[Body]:
        """Pass a beacon and the one before it to the detections whose filter lets them pass."""
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

    def sample_again(self, ap: AccessPoint, raised: list[Body]) -> None:
        """Pass the last beacon of an access point for one that the kernel only counted, which said the same; append
        the alerts to `raised`. Their claims have no frame, because it was evidence before."""
        beacon = ap.beacon
        for passes, samplers in self._sampled if beacon is not None else ():
            for detection, handler in samplers:
                try:
                    if passes is not None and not passes(beacon, ap, beacon):
                        break
                    verdict = handler(beacon, ap, beacon)
                    if verdict is not None:
                        self._take(detection, verdict, None, ap.last, raised)
                except Exception as error:  # noqa: BLE001  # a mistake in one must not end the others
                    self._failed(detection, error, beacon)

    def _withdraw(self, found: Sequence[Body]) -> list[Body]:
        """Withdraw alerts about access points that turned out to be made up."""
        raised: list[Body] = list(found)
        self.alerts.withdraw(self.survey.withdraw(raised), raised)
        return raised

    def _learn(self, frame: Frame, seen: Observation, found: Sequence[Body]) -> Sequence[Body]:
        """Pass the survey's findings to all detections that need them."""
        learners, rousing = self._findings, self._rousing
        raised: list[Body] = []
        packets = 0
        roused = False
        for finding in seen.findings:
            kind = finding.__class__
            if kind in learners:
                for detection, handler in learners[kind]:
                    try:
                        verdict = handler(frame, finding)
                        if verdict is not None:
                            self._take(detection, verdict, frame, frame.time, raised)
                    except Exception as error:  # noqa: BLE001  # a mistake in one must not end the others
                        self._failed(detection, error, frame)
            if kind is EapolSeen:
                self._ask_eapol(frame, raised, *seen.eapol[packets])
                packets += 1
            if kind in rousing:
                roused = True
        if roused:
            self._look_for_secrets()
        if packets and self.survey.due < self._until:
            self._agree()  # the survey waits for a handshake
        return (*found, *raised) if raised else found

    # One loop for each number of arguments: a call that unpacks them costs 50 % more.

    def _ask(self, asked: list[Asked], frame: Frame, found: Sequence[Body]) -> Sequence[Body]:
        """Pass a frame to detections; return `found` followed by the alerts."""
        raised: list[Body] = []
        for detection, handler in asked:
            try:
                verdict = handler(frame)
                if verdict is not None:
                    self._take(detection, verdict, frame, frame.time, raised)
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
                    self._take(detection, verdict, frame, frame.time, raised)
            except Exception as error:  # noqa: BLE001  # a mistake in one must not end the others
                self._failed(detection, error, frame)
        return (*found, *raised) if raised else found

    def _ask_of_disconnection(self, said: Disconnected, frame: Frame, found: Sequence[Body]) -> Sequence[Body]:
        """Pass a disconnection to the detections that need it, like `_ask`."""
        raised: list[Body] = []
        moment = self.air.moment
        if said is not self._said:  # in a flood, most are equal
            self._begin_row(said)
        for detection, handler in self._asked_of_said:
            try:
                verdict = handler(frame, said, moment)
                if verdict is None:
                    continue
                if verdict.__class__ is Repeated:  # as in nearly all of a flood
                    self.alerts.repeat(detection, verdict, frame, frame.time, moment.now, raised)
                else:
                    self._take(detection, verdict, frame, frame.time, raised)
            except Exception as error:  # noqa: BLE001  # a mistake in one must not end the others
                self._failed(detection, error, frame)
        return (*found, *raised) if raised else found

    def _ask_eapol(self, frame: Frame, raised: list[Body], packet: Eapol, bssid: bytes, station: bytes) -> None:
        """Pass an EAPOL packet to detections, and append the alerts to `raised`."""
        for detection, handler in self._eapol.get(packet.message or packet.type, self._other_eapol):
            try:
                verdict = handler(frame, packet, bssid, station)
                if verdict is not None:
                    self._take(detection, verdict, frame, frame.time, raised)
            except Exception as error:  # noqa: BLE001  # a mistake in one must not end the others
                self._failed(detection, error, frame)

    def _take(
        self,
        detection: Detection[Any],
        verdict: Claim | Repeated | Clear,
        frame: Frame | None,
        at: float,
        raised: list[Body],
    ) -> None:
        if isinstance(verdict, Repeated):
            self.alerts.repeat(detection, verdict, frame, at, self.air.now, raised)
        elif isinstance(verdict, Claim):
            self.alerts.claim(detection, verdict, frame, at, self.air.now, raised)
        else:
            self.alerts.clear(detection, verdict, raised)

    def _failed(self, detection: Detection[Any], error: Exception, frame: Frame | None) -> None:
        """Switch off a detection that raised; one that lacked something of the system goes on."""
        if detection not in self.detections:
            return
        if not isinstance(error, WANTING):
            self.detections.remove(detection)
            self._connect()
        if self._on_failure is not None:
            self._on_failure(detection, error, frame)
