"""An alert as the screens show it."""

from __future__ import annotations

from typing import NamedTuple

from whimbrel.events.alerts import Severity


class AlertLine(NamedTuple):
    """One incident, one alert of a detection, or one event of the device that cannot wait. Texts are escaped."""

    id: str
    severity: Severity
    title: str
    """The problem in a few words."""
    text: str
    """The evidence in words."""
    first: float
    """Seconds since the epoch of its beginning."""
    last: float
    """The same of when it was last heard."""
    open: bool = True
    """Whether it is open."""
    acknowledged: bool = False
    """Whether a person has acknowledged it at its present severity."""
    rule: str = ""
    """Name of the detection, of an incident's worst alert; empty for an event of the device."""
    confidence: str = ""
    network: str = ""
    """SSID; empty if unknown, or if it is about no network."""
    bssid: str = ""
    channel: int = 0
    freq: int = 0
    rssi: int | None = None
    """dBm of the last frame with a level."""
    rssi_range: tuple[int, int] | None = None
    """dBm of the weakest and of the strongest frame."""
    heard_on: tuple[int, ...] = ()
    times: int = 0
    """How often it was seen, as the rule counts."""
    threshold: str = ""
    meaning: str = ""
    advice: str = ""
    parts: tuple[AlertLine, ...] = ()
    """The alerts of an incident."""

    @property
    def of_device(self) -> bool:
        """Whether it is about the device itself, and not from a detection."""
        return not self.rule

    @property
    def is_urgent(self) -> bool:
        """Whether it is at least a warning."""
        return self.severity.rank >= Severity.WARNING.rank

    @property
    def subject(self) -> str:
        """The network or the access point that it is about; empty for neither."""
        return self.network or self.bssid
