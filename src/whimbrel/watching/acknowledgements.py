"""The acknowledgements of alerts, with the severity at that time."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from whimbrel.events.alerts import AlertAcknowledged

if TYPE_CHECKING:
    from whimbrel.detections.alert_table import AlertTable
    from whimbrel.detections.standing import StandingAlert


class Acknowledgements:
    """Keeps acknowledgements as long as their alerts are remembered; `publish` publishes new ones."""

    def __init__(
        self, alerts: AlertTable, publish: Callable[[AlertAcknowledged], object], ranks: dict[str, int] | None = None
    ) -> None:
        self.ranks: dict[str, int] = {} if ranks is None else ranks
        """Rank of the severity at which an alert was acknowledged, by its id."""
        self._alerts = alerts
        self._publish = publish

    def add(self, standings: Iterable[StandingAlert]) -> list[StandingAlert]:
        """Acknowledge alerts at their present severity; return those that were not acknowledged before."""
        fresh = [standing for standing in standings if standing not in self]
        for place, standing in enumerate(fresh):
            self.ranks[standing.id] = standing.severity.rank
            detection = standing.detection
            self._publish(
                AlertAcknowledged(
                    id=standing.id,
                    rule=detection.rule,
                    title=detection.title,
                    incident=standing.incident,
                    together=0 if place else len(fresh),
                )
            )
        for number in [number for number in self.ranks if self._alerts.find(number) is None]:
            del self.ranks[number]
        return fresh

    def all_of(self, standings: Iterable[StandingAlert]) -> bool:
        """Return whether each of them was acknowledged at its present severity."""
        return all(standing in self for standing in standings)

    def __contains__(self, standing: StandingAlert) -> bool:
        """Return whether it was acknowledged at its present severity."""
        return self.ranks.get(standing.id, -1) >= standing.severity.rank
