"""Events of the history of earlier days: its contents, its knowledge, the changes since."""

from __future__ import annotations

from typing import NamedTuple

from whimbrel.events.alerts import AlertState
from whimbrel.events.base import Body, Level
from whimbrel.wifi.security import Security


class AlertKeeping(Body, level=Level.DEBUG, bulky=True):
    """Whether a history keeps the alerts over a restart from now on, instead of the watcher's own file."""

    state: str
    """opening (it will soon be open, or report a failure), open, or closed."""
    alerts: tuple[AlertState, ...] = ()
    """If it is open: its newest alerts, the oldest first."""


class HistoryWritten(Body, level=Level.DEBUG):
    """A history has written entries to the card, or has failed to."""

    upto: int
    """`seq` of the newest event that is there, with all that it keeps of the events before."""
    problem: str = ""
    """Why nothing can be written now; empty where it can."""
    damaged: str = ""
    """The fate of a damaged file; empty if there was none."""
    not_kept: int = 0
    """Entries that were given up since the start."""
    begun: int = 0
    """Files that were begun since the start: another one is told of all that is remembered."""
    replaced: bool = False
    """Whether another history is in the place of the file, as on another card: it is opened next."""


class HistoryErased(Body, level=Level.DEBUG, bulky=True):
    """A user has erased entries from the history: other modules must forget them too.

    The journal does not have it, since that would keep the name of what is to be forgotten.
    """

    rows: int
    """Entries that are gone."""
    everything: bool = False
    """Whether that was all there was."""
    ssid: bytes | None = None
    """The network that is forgotten; None if that was not asked for."""
    device: bytes | None = None
    """The address that is forgotten; None if that was not asked for."""
    before: float | None = None
    """Seconds since the epoch before which all is forgotten; None if that was not asked for."""
    alerts: tuple[str, ...] = ()
    """Ids of the erased alerts, as far as the history remembered them: the newest."""


class NetworkPast(NamedTuple):
    """A protection that an access point of a guarded network had."""

    ssid: bytes
    bssid: bytes
    security: Security
    last: float
    """Seconds since the epoch at which it still had it."""


class WeaknessPast(NamedTuple):
    """A weakness that an access point once had, and then did not have any more."""

    bssid: bytes
    weakness: str
    """Its name in `whimbrel.detections.weakness.properties`."""
    since: float
    """Seconds since the epoch at which it was gone."""


class PastKnown(Body, level=Level.DEBUG, bulky=True):
    """The facts from earlier days for the detections: bounded, and only from times with a known clock."""

    networks: tuple[NetworkPast, ...] = ()
    """Each protection that an access point of a guarded network had."""
    weaknesses: tuple[WeaknessPast, ...] = ()
    """Weaknesses that access points had, and then did not have."""


class NetworkSeen(NamedTuple):
    """An access point by its name."""

    bssid: bytes
    ssid: bytes


class SinceLastTime(Body, level=Level.NOTICE):
    """The changes since the device last listened; sent at the start, and as more is heard."""

    first: bool
    """Whether this is the first word after a start, before anything was heard."""
    known: bool
    """Whether there is a last time: not in the first session of a history."""
    clock: bool = True
    """Whether the clock was set then."""
    estimate: bool = False
    """Whether it was set, and nobody had told it the time since the board's start."""
    began: float = 0.0
    """Seconds since the epoch at which the last session began."""
    ended: float = 0.0
    """Seconds since the epoch at which it ended."""
    place: str = ""
    """The place of the device; empty if the settings have none."""
    found: int = 0
    """Access points that were new in that session."""
    alerts: int = 0
    """Alerts, weaknesses not counted, that were raised in it."""
    unseen: int = 0
    """The remembered ones that are not acknowledged."""
    new: tuple[NetworkSeen, ...] = ()
    """Access points that are heard now and never were before; the newest of them."""
    new_count: int = 0
    """How many there are."""
    gone: tuple[NetworkSeen, ...] = ()
    """Access points that were heard until the end of that session, and are not now: some of them."""
    gone_count: int = 0
    """Their numbers; empty before there was time to hear them."""
    changed: tuple[NetworkSeen, ...] = ()
    """Access points that announce something else than then: some of them."""
    changed_count: int = 0
    """How many there are."""

    @property
    def urgency(self) -> Level:
        """What becomes known after the start is for the screen."""
        return Level.NOTICE if self.first else Level.DEBUG
