"""Counts the frames that one radio receives and loses, and publishes the counts."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from whimbrel.drivers.ports import FrameSource, Losses, is_of_announcements
from whimbrel.events.radio import FramesLost, RadioClosed, RadioOpened, RadioReport
from whimbrel.events.thinning import FramesCounted
from whimbrel.module import Context
from whimbrel.radio.listening import ListeningTime
from whimbrel.wifi.frames import Frame

_BAD_FCS = "bad FCS"
_TYPES = ("management", "control", "data", "extension", "unreadable")
"""By the number of the type (IEEE 802.11-2020, table 9-1); the last one for an unreadable Frame Control."""


class Tally:
    """The totals of one source, from each opening to the next closing.

    `clock` gives monotonic seconds; `expression` is what frames must pass (pcap-filter(7)); `receiver` is its number.
    """

    def __init__(
        self,
        ctx: Context[Any],
        source: FrameSource,
        driver: str,
        clock: Callable[[], float],
        expression: str = "",
        receiver: int = 0,
    ) -> None:
        self.listening = ListeningTime(clock)
        self._ctx = ctx
        self._source = source
        self._driver = driver
        self._clock = clock
        self._expression = expression
        self._number = receiver
        self._before = Losses(0, 0)
        self._since = clock()
        self._malformed: Counter[str] = Counter()
        self._types = [0] * len(_TYPES)
        self._bad_fcs = 0
        self._counted = 0
        self._receiver: tuple[str, ...] = ()
        self._open = False

    def opened(self, freqs: tuple[int, ...], reason: str = "") -> None:
        """Publish that the capture has begun, and count from zero.

        `freqs` are the visited channels in MHz, `reason` is that of the choice of the driver.
        """
        self._before = Losses(0, 0)
        self._since = self._clock()
        self._malformed.clear()
        self._types = [0] * len(_TYPES)
        self._bad_fcs = 0
        self._counted = 0
        self._receiver = ()
        self._open = True
        self.listening.begin()
        self._ctx.publish(
            RadioOpened(
                driver=self._driver,
                description=self._source.description,
                receiver=self._number,
                channels=freqs,
                filter=self._expression,
                live=self._source.live,
                announcements_only=is_of_announcements(self._source),
                transmits=is_of_announcements(self._source) and self._source.transmits,
                reason=reason,
            )
        )

    def closed(self, reason: str) -> None:
        """Publish the last report and that the capture has ended, unless that was published already."""
        if not self._open:
            return
        self._open = False
        self.report()
        received, dropped = self._losses()
        self._ctx.publish(RadioClosed(reason=reason, received=received, dropped=dropped))

    def note(self, frames: Sequence[Frame]) -> None:
        """Count the frames by type, and those that are damaged."""
        types = self._types
        for frame in frames:
            types[frame.kind >> 4] += 1  # the kind of an unreadable one is -1: the last place
            if frame.malformed is not None:
                self._malformed[frame.malformed.value] += 1
            if frame.bad_fcs:
                self._bad_fcs += 1

    @property
    def receiver(self) -> tuple[str, ...]:
        """The faults of the receiver."""
        return self._receiver

    def count(self, counted: FramesCounted) -> None:
        """Count frames that the kernel has not delivered."""
        for way in counted.ways:
            self._types[way.type] += way.frames
            self._counted += way.frames

    def judged(self, findings: tuple[str, ...]) -> None:
        """Publish the faults of the receiver; see `whimbrel.events.radio.ReceiverJudged`."""
        self._receiver = findings
        if self._open:
            self.report()

    async def run(self, every: float) -> None:
        """Report every `every` seconds until cancelled."""
        while True:
            await asyncio.sleep(every)
            if self._open:
                self.report()

    def _losses(self) -> Losses:
        """Return the totals; frames that the kernel has counted and not delivered were received."""
        received, dropped = self._source.losses()
        return Losses(received + self._counted, dropped)

    def report(self) -> None:
        """Publish the totals, and the losses since the previous report."""
        now, losses = self._clock(), self._losses()
        received, lost = losses.received - self._before.received, losses.dropped - self._before.dropped
        passed = now - self._since
        self._ctx.publish(
            RadioReport(
                received=losses.received,
                dropped=losses.dropped,
                malformed=self._malformed.total(),
                bad_fcs=self._bad_fcs,
                types=tuple(zip(_TYPES, self._types, strict=True)),
                discarded=tuple((self._malformed + Counter({_BAD_FCS: self._bad_fcs})).most_common()),
                receiver=self._receiver,
                rate=received / passed if passed > 0 else 0.0,
                listened=round(self.listening.total, 3),
                channels=tuple((freq, round(spent, 3)) for freq, spent in self.listening.by_channel),
                counted=self._counted,
            )
        )
        if lost:
            self._ctx.publish(FramesLost(lost=lost, received=received))
        self._before, self._since = losses, now
