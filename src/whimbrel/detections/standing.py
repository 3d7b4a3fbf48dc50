"""The present state of one alert: its last claim, its evidence, its channels."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING, Any, TypeVar

from whimbrel.detections import alert_keys
from whimbrel.detections.base import SEEN
from whimbrel.detections.evidence import KeptFrames
from whimbrel.events.base import Body
from whimbrel.wifi.channels import band_of, channel_number
from whimbrel.wifi.kinds import BEACON, PROBE_RESP

if TYPE_CHECKING:
    from whimbrel.detections.base import Claim, Detection
    from whimbrel.events.alerts import Severity
    from whimbrel.geo import Position
    from whimbrel.wifi.frames import Frame

B = TypeVar("B", bound=Body)
Key = tuple[str, Hashable]

OFTEN = 512
"""Limit of keys that a folded alert counts, and of keys of ended alerts, for counting recurrences."""
UPDATE = 10.0
"""Seconds between two updates of one alert, doubled with each."""
ANNOUNCING = frozenset({BEACON, PROBE_RESP})
_FREQS = 6


class StandingAlert:
    """One alert: its last claim, and its times."""

    __slots__ = (
        "again", "claim", "closed", "counts", "detection", "evidence", "first", "freq", "freqs", "home",
        "id", "incident", "key", "last", "last_at", "last_update", "merged", "pause", "position", "rssi", "rssi_high",
        "rssi_low", "seen", "severity",
    )  # fmt: skip

    def __init__(self, number: int, key: Key, detection: Detection[Any], claim: Claim, severity: Severity) -> None:
        self.id = str(number)
        self.incident = ""
        """Id of its incident; empty for none."""
        self.key = key
        self.detection = detection
        self.claim = claim
        self.seen = claim.seen
        """The count of the last claim, in the unit of the rule; `claim` may have an earlier one."""
        self.severity = severity
        self.evidence = KeptFrames()
        self.first = self.last = 0.0  # time of the frames
        self.last_at = self.last_update = 0.0  # of the air's clock
        self.pause = UPDATE
        self.home = 0
        """MHz of the channel that its access point announces; 0 if unknown, or without an access point."""
        self.freq = 0
        """MHz of the last frame."""
        self.freqs: dict[int, None] = {}
        """MHz of all frames; the oldest is evicted."""
        self.counts = True
        """Whether a level on `freq` counts."""
        self.rssi: int | None = None
        self.rssi_low = self.rssi_high = 0
        self.position: Position | None = None
        """The position of the device at the loudest frame, if known."""
        self.again = 0
        self.closed = False
        self.merged: set[Hashable] = set()
        """The keys of a folded alert."""

    def hear(self, frame: Frame | None) -> None:
        """Process a frame of the evidence."""
        if frame is None:
            return
        self.evidence.add(frame)
        self.last = time = frame.time
        if time < self.first or not self.first:
            self.first = time
        if frame.freq != self.freq:
            self._hear_on(frame.freq)
        rssi = frame.rssi
        if rssi is not None and self.counts and rssi != self.rssi:
            if self.rssi is None:
                self.rssi_low = self.rssi_high = rssi
            elif rssi < self.rssi_low:
                self.rssi_low = rssi
            elif rssi > self.rssi_high:
                self.rssi_high = rssi
            self.rssi = rssi

    @property
    def only_announced(self) -> bool:
        """Whether its evidence is only beacons and probe responses."""
        return all(frame.kind in ANNOUNCING for frame in self.evidence.frames)

    @property
    def words(self) -> str:
        """The evidence in words."""
        text = self.claim.text.replace(SEEN, str(self.seen))
        if not self.merged:
            return text
        many = len(self.merged)
        count = "one more case" if many == 1 else f"{'over ' if many >= OFTEN else ''}{many} more cases"
        return f"{count}; the newest: {text}"

    def be_at(self, home: int) -> None:
        """Set the channel announced by its access point, in MHz; 0 for none."""
        if home != self.home:
            self.home = home
            self.counts = self.freq == home or home not in self.freqs

    def be_heard_from(self, position: Position | None) -> None:
        """Note the position of the device, unless a louder frame was heard elsewhere."""
        if position is not None and (self.position is None or (self.rssi is not None and self.rssi >= self.rssi_high)):
            self.position = position

    def _hear_on(self, freq: int) -> None:
        """Note that it is heard on another channel; levels on the access point's own channel take precedence."""
        if not freq:
            return
        freqs, home = self.freqs, self.home
        if freq == home and home not in freqs:
            self.rssi = None  # from frames that leaked into other channels
        self.freq = freq
        freqs[freq] = None
        if len(freqs) > _FREQS:
            del freqs[next(each for each in freqs if each not in {freq, home})]
        self.counts = freq == home or home not in freqs

    def body(self, cls: type[B], **more: object) -> B:
        """Return it as an event."""
        claim, detection = self.claim, self.detection
        return cls(
            id=self.id,
            rule=detection.rule,
            key="" if self.merged else alert_keys.text(self.key[1]),
            family=detection.family,
            title=detection.title,
            meaning=detection.meaning,
            advice=detection.advice,
            lasting=not detection.once or bool(self.merged),
            severity=self.severity,
            confidence=self.claim.confidence,
            text=self.words,
            bssid=claim.bssid,
            ssid=claim.ssid,
            sender=claim.sender,
            receiver=claim.receiver,
            **self.place(),
            first=self.first,
            last=self.last,
            count=self.seen,
            threshold=claim.threshold,
            frames=len(self.evidence),
            incident=self.incident,
            position=self.position,
            **more,
        )

    def place(self) -> dict[str, Any]:
        """Return its channels and levels as the fields of an event."""
        freq = self.home or self.freq
        return {
            "channel": channel_number(freq),
            "freq": freq,
            "band": band_of(freq),
            "heard_on": tuple(sorted(self.freqs.keys() - {freq})),
            "rssi": self.rssi,
            "rssi_range": None if self.rssi is None else (self.rssi_low, self.rssi_high),
        }
