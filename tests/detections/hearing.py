"""Detections as the watcher runs them, fed with frames: the survey first, then the engine with the rules under test."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from whimbrel.detections.base import Detection
from whimbrel.detections.engine import Detections
from whimbrel.detections.guarded import Guard, GuardedNetwork
from whimbrel.detections.options import RuleSettings
from whimbrel.events.alerts import Alert, AlertClosed, AlertUpdated
from whimbrel.events.base import Body
from whimbrel.survey.survey import Survey
from whimbrel.wifi.frames import Frame

MADE: list[Hearing] = []
"""All objects made by the current test; see `tests/detections/conftest.py`."""


class Hearing:
    """Keeps every alert of the frames that it hears; a mistake in a detection ends the test."""

    def __init__(
        self,
        *classes: type[Detection[Any]],
        guarded: Iterable[GuardedNetwork] = (),
        trusted: Iterable[bytes] = (),
        **settings: RuleSettings,
    ) -> None:
        """`settings` by rule, with underscores for hyphens."""
        MADE.append(self)
        self.asked = frozenset(cls.rule for cls in classes)
        """The rules under test."""
        self.heard = 0
        """Frames so far."""
        self.survey = Survey()
        chosen = {rule.replace("_", "-"): value for rule, value in settings.items()}
        self.engine = Detections(self.survey, Guard(guarded, trusted), classes, chosen, self._failed)
        self.findings: list[Body] = []
        self.events: list[Alert | AlertUpdated | AlertClosed] = []

    def hear(self, *frames: Frame, tuned: int = 0) -> list[Alert]:
        """Take frames in; return the alerts that they raised."""
        raised: list[Alert] = []
        for frame in frames:
            self.heard += 1
            raised += self._keep(self.engine.observe(frame, tuned))
        return raised

    def end(self) -> None:
        """Hear nothing more."""
        self._keep(self.engine.finish())

    @property
    def alerts(self) -> list[Alert]:
        """The alerts so far."""
        return [event for event in self.events if isinstance(event, Alert)]

    @property
    def rules(self) -> list[str]:
        """The rules of the alerts so far."""
        return [alert.rule for alert in self.alerts]

    def _keep(self, found: Iterable[Body]) -> list[Alert]:
        raised = []
        for body in found:
            if isinstance(body, (Alert, AlertUpdated, AlertClosed)):
                self.events.append(body)
                if isinstance(body, Alert):
                    raised.append(body)
            else:
                self.findings.append(body)
        return raised

    @staticmethod
    def _failed(detection: Detection[Any], error: Exception, frame: Frame | None) -> None:
        raise AssertionError(f"{detection.rule} raised for {frame!r}") from error
