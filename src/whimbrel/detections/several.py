"""Puts the frames of several receivers through one survey and its detections.

A transmission counts once, whoever hears it. Its level is compared only with levels of the same receiver: that of a
receiver other than the one that stands for the transmitter is kept beside, and the survey and the detections judge the
frame without it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from whimbrel.events.radio import RadioOpened
from whimbrel.survey.survey import BACK
from whimbrel.wifi.kinds import BEACON

if TYPE_CHECKING:
    from whimbrel.detections.engine import Detections
    from whimbrel.events.base import Body, Event
    from whimbrel.survey.access_point import AccessPoint
    from whimbrel.survey.heard_twice import HeardTwice
    from whimbrel.wifi.frames import Frame

    Observe = Callable[[Frame, int], Sequence[Body]]

_LATE = 20.0
"""The most seconds that a scan may report after a beacon was heard: it goes through all bands first, and may wait."""


class SeveralReceivers:
    """The receivers in front of `detections`. A single one costs nothing: its frames go there directly."""

    def __init__(self, detections: Detections) -> None:
        self._detections = detections
        self._survey = detections.survey
        self._numbers: dict[str, int] = {}  # of the receivers, by module
        self._scans: dict[int, bool] = {}
        self._twice: HeardTwice | None = None
        self._receiver = 0

    def follow(self, *events: Event) -> None:
        """Note that receivers have begun or ended to listen, by their `RadioOpened` and `RadioClosed` in order."""
        for event in events:
            if isinstance(event.body, RadioOpened):
                self._numbers[event.source] = event.body.receiver
                self._scans[event.body.receiver] = event.body.announcements_only
                # A scan jumps from channel to channel like several radios.
                self._detections.air.judge_visits_anew()
            elif event.source in self._numbers:
                receiver = self._numbers.pop(event.source)
                self._scans.pop(receiver)
                self._detections.air.lose(receiver)
        self._change()

    @property
    def several(self) -> bool:
        """Whether more than one listens."""
        return len(self._scans) > 1

    def of(self, receiver: int) -> Observe:
        """Return the function that processes the next frames, which are of this receiver."""
        if len(self._scans) < 2:
            return self._detections.observe
        scans = self._scans.get(receiver, False)
        self._receiver = receiver
        self._detections.turn_to(receiver, scans=scans)
        return self._observe_scanned if scans else self._observe

    def _change(self) -> None:
        """Prepare for the receivers that there are now."""
        several = len(self._scans) > 1
        if several and self._twice is None:
            # Imported where it is needed: most devices have one receiver, and a start costs.
            from whimbrel.survey.heard_twice import HeardTwice
            from whimbrel.survey.levels import ReceiverLevels

            self._twice = HeardTwice()
            self._survey.levels = self._survey.levels or ReceiverLevels()
        self._survey.back = _LATE if several and any(self._scans.values()) else BACK
        if several:
            for receiver in [number for number, scans in self._scans.items() if scans]:
                self._detections.air.lose(receiver)
        if not several:
            self._detections.turn_to(next(iter(self._scans), self._receiver), scans=False)

    def _observe(self, frame: Frame, tuned_freq: int) -> Sequence[Body]:
        """Process a frame of a receiver that hears everything on its channel."""
        if frame.bad_fcs:
            return self._detections.observe(frame, tuned_freq)
        counts = self._note(frame)
        assert self._twice is not None
        if self._twice.is_second(frame, self._receiver):
            self._survey.echoes.total += 1
            return ()
        return self._pass_on(frame, tuned_freq, counts=counts)

    def _observe_scanned(self, frame: Frame, tuned_freq: int) -> Sequence[Body]:
        """Process what a scan has found: of an access point that another receiver hears too, only what is new."""
        counts = self._note(frame)
        ap = self._ap_of(frame)
        if ap is not None and self._says_the_same(frame, ap):
            assert self._survey.levels is not None
            if self._survey.levels.heard_elsewhere(frame.ta, self._receiver, frame.time):
                self._survey.echoes.total += 1
                return ()
        return self._pass_on(frame, tuned_freq, counts=counts)

    def _note(self, frame: Frame) -> bool:
        """Keep the level; return whether it is that of the transmitter."""
        assert self._survey.levels is not None
        ap = self._ap_of(frame)
        at_home = ap is None or not ap.announced.freq or ap.announced.freq == frame.freq
        return self._survey.levels.note(frame, self._receiver, at_home=at_home)

    def _pass_on(self, frame: Frame, tuned_freq: int, *, counts: bool) -> Sequence[Body]:
        if counts:
            return self._detections.observe(frame, tuned_freq)
        level, frame.rssi = frame.rssi, None
        try:
            return self._detections.observe(frame, tuned_freq)
        finally:
            frame.rssi = level

    def _ap_of(self, frame: Frame) -> AccessPoint | None:
        return self._detections.air.access_points.get(frame.bssid or b"")

    @staticmethod
    def _says_the_same(frame: Frame, ap: AccessPoint) -> bool:
        said = ap.announced
        return frame.kind == BEACON and frame.freq == said.freq and said.matches(frame.raw, frame.body, frame.end)
