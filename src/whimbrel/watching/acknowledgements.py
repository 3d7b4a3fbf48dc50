"""Which alerts a person has seen, and as how bad."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from whimbrel.events.alerts import AlertAcknowledged

if TYPE_CHECKING:
    from whimbrel.detections.alert_table import AlertTable
    from whimbrel.detections.standing import Standing


class Acknowledgements:
    """Remembers them for as long as the alerts are remembered; `publish` tells everyone of a new one."""

    def __init__(
        self, alerts: AlertTable, publish: Callable[[AlertAcknowledged], object], ranks: dict[str, int] | None = None
    ) -> None:
        self.ranks: dict[str, int] = {} if ranks is None else ranks
        """Rank of the severity at which a person has seen an alert, by its id."""
        self._alerts = alerts
        self._publish = publish

    def add(self, standings: Iterable[Standing]) -> list[Standing]:
        """Count alerts as seen as they are now; return those that were not before."""
        fresh = [standing for standing in standings if standing not in self]
        for standing in fresh:
            self.ranks[standing.id] = standing.severity.rank
            detection = standing.detection
            self._publish(
                AlertAcknowledged(
                    id=standing.id, rule=detection.rule, title=detection.title, incident=standing.incident
                )
            )
        for number in [number for number in self.ranks if self._alerts.find(number) is None]:
            del self.ranks[number]
        return fresh

    def all_of(self, standings: Iterable[Standing]) -> bool:
        """Tell whether somebody has seen each of them as bad as it is now."""
        return all(standing in self for standing in standings)

    def __contains__(self, standing: Standing) -> bool:
        """Tell whether somebody has seen it as bad as it is now."""
        return self.ranks.get(standing.id, -1) >= standing.severity.rank
