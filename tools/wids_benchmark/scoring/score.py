"""Compares alerts with the truth: noticed, named, delay; false alarms an hour."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from tools.wids_benchmark.scoring.alerts import LOUD, DetectorAlert
from tools.wids_benchmark.scoring.names import Names
from tools.wids_benchmark.truth import Attack, Truth

BEFORE, AFTER = 2.0, 15.0
"""Seconds by which an alert may miss the time of the attack."""


@dataclass(frozen=True)
class Unit:
    """One attack in one capture, and what the detector made of it."""

    capture: str
    condition: str
    kind: str
    intensity: str
    present: bool
    """Whether the ear heard any frame of it: else nothing is scored."""
    noticed: bool = False
    named: bool = False
    delay: float | None = None
    """Seconds from its begin to the first alert about it."""
    raised: tuple[str, ...] = ()
    """What was raised about it, each name once."""


@dataclass(frozen=True)
class FalseAlarm:
    """An alert of a warning or worse without an attack; `at` in seconds since the start of the capture."""

    capture: str
    scene: str
    condition: str
    kind: str
    severity: str
    at: float


@dataclass
class Score:
    """Everything that was compared."""

    units: list[Unit] = field(default_factory=list)
    false_alarms: list[FalseAlarm] = field(default_factory=list)
    hours: dict[tuple[str, str], float] = field(default_factory=dict)
    """Hours of benign air, by scene and condition."""
    beside: list[FalseAlarm] = field(default_factory=list)
    """Loud alerts in captures of attacks that overlap no attack in time or name none of its addresses."""

    def add(self, other: Score) -> None:
        """Add what was compared elsewhere."""
        self.units += other.units
        self.false_alarms += other.false_alarms
        self.beside += other.beside
        for key, hours in other.hours.items():
            self.hours[key] = self.hours.get(key, 0.0) + hours

    def take(self, truth: Truth, alerts: Iterable[DetectorAlert], names: Names) -> None:
        """Compare one capture."""
        listed = list(alerts)
        if truth.benign:
            key = (truth.scene, truth.condition)
            self.hours[key] = self.hours.get(key, 0.0) + truth.seconds / 3600
            self.false_alarms += [_false(truth, alert) for alert in listed if alert.severity in LOUD]
            return
        used: set[int] = set()
        for attack in truth.attacks:
            self.units.append(_unit(truth, attack, listed, names, used))
        loud = (alert for number, alert in enumerate(listed) if alert.severity in LOUD and number not in used)
        self.beside += [_false(truth, alert) for alert in loud]


def _false(truth: Truth, alert: DetectorAlert) -> FalseAlarm:
    return FalseAlarm(
        truth.capture, truth.scene, truth.condition, alert.kind, alert.severity, round(alert.time - truth.start, 1)
    )


def _unit(truth: Truth, attack: Attack, alerts: list[DetectorAlert], names: Names, used: set[int]) -> Unit:
    involved = {address.lower() for address in (*attack.bssids, *attack.transmitters, *attack.victims)}
    about = []
    for number, alert in enumerate(alerts):
        in_time = alert.time <= attack.end + AFTER and alert.until >= attack.begin - BEFORE
        concerns = not alert.addresses or not involved or bool(alert.addresses & involved)
        if not attack.transmitters:
            concerns = True
        if in_time and concerns:
            used.add(number)
            if alert.severity in LOUD or (attack.notice and alert.severity == "notice"):
                about.append(alert)
    right = [alert for alert in about if names.right(attack.kind, alert.kind)]
    first = min((max(0.0, alert.time - attack.begin) for alert in right or about), default=None)
    return Unit(
        capture=truth.capture,
        condition=truth.condition,
        kind=attack.kind,
        intensity=attack.intensity,
        present=attack.heard > 0,
        noticed=bool(about),
        named=bool(right),
        delay=first,
        raised=tuple(sorted({alert.kind for alert in about})),
    )
