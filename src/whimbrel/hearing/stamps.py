"""The times at which frames were heard: their time stamps, checked.

A board without a real-time clock starts in 1970, and its clock is set while it listens; some drivers and files give
single frames stamps that are years off. So a stamp that does not continue the previous one is believed only once the
next ones agree; a stamp that stands alone is replaced by the time before it. If the clock was set, the following frames
have the new time, and the step is reported in its place. Hours ahead may be silence or a clock that was set: the clocks
of access points tell which.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import TYPE_CHECKING

from whimbrel.hearing.beacon_clocks import clock_was_set

if TYPE_CHECKING:
    from whimbrel.wifi.capture_record import CaptureRecord

BACK = 2.0
"""Seconds by which a frame may be older than one before it, as happens with two radios."""
AHEAD = 2.0
"""Seconds up to which a frame continues the previous one beyond doubt."""
PAUSE = 60.0
"""Seconds of silence before a frame that are believed without confirmation by others."""
LONGEST = 3600.0
"""Limit of the seconds between two frames that the stamps of a live source need no confirmation for."""
SILENCE = 30 * 86400.0
"""Limit of the seconds without a frame; a longer gap means that the clock was set. Boards without a battery begin years
back, and even a radio in a desert hears something in a month."""
WITNESSES = 3
"""Frames around one with a doubtful stamp that can confirm it."""
_NEAR = 64
"""Frames on both sides of a jump by hours in which beacons are looked for."""
_UNSETTLED = 256
"""Frames after a reported step among which some may still have been stamped before it."""

Stretch = tuple[float, Sequence["CaptureRecord"]]
"""Seconds by which the clock was set, 0 for not at all; the records after that step."""


def moved(stamp: float, step: float, now: float) -> float:
    """Return `stamp` in the time after a clock `step` to `now`: a stamp from before the step is moved by it."""
    return stamp + step if abs(stamp + step - now) < abs(stamp - now) else stamp


class Stamps:
    """The time stamps of one source, in the order of delivery.

    `ahead`: seconds of silence that need no confirmation; `LONGEST` for a source that reports its steps.
    """

    def __init__(self, ahead: float = AHEAD) -> None:
        self.held: list[CaptureRecord] = []
        """Records whose time depends on the next ones."""
        self.link_type = -1
        """That of the records."""
        self._ahead = ahead
        self._reports_nothing = ahead < LONGEST  # as a file does not tell when its clock was set
        self._latest: deque[CaptureRecord] = deque(maxlen=_NEAR)  # nothing if the source reports its steps
        self._now: float | None = None  # the latest believed time
        self._step = 0.0  # the reported step, which some frames may not follow yet
        self._unsettled = 0
        self._set_by = 0.0  # the last step that was found
        self._odd: list[float] = []  # doubtful stamps since the last believed one

    def told(self, step: float) -> None:
        """Note that the clock was set by so many seconds; some following frames may have been stamped before."""
        if self._now is not None:
            self._now += step
        self._step += step
        self._unsettled = _UNSETTLED

    def go_on(self, records: Sequence[CaptureRecord]) -> bool:
        """Accept `records` if all continue the previous ones, as nearly always; return False if `take` is needed."""
        now = self._now
        if now is None or self.held or self._unsettled:
            return False
        if self._reports_nothing:
            stamps = [record[0] for record in records]
            oldest, newest = min(stamps), max(stamps)
        else:
            # One kernel stamps the frames of a live source: if the first and the last are right, so are the others.
            oldest, newest = records[0][0], records[-1][0]
        if not (now - BACK <= oldest <= now + self._ahead and now - BACK <= newest <= now + self._ahead):
            return False
        if newest > now:
            self._now = newest
        self._odd.clear()
        if self._reports_nothing:
            self._latest.extend(records)
        return True

    def take(self, records: Sequence[CaptureRecord], *, wait: bool) -> list[Stretch]:
        """Return the checked `records` and those held before; with `wait`, the last may be held for confirmation."""
        return self._judge([*self.held, *records], wait=wait)

    def release(self) -> list[Stretch]:
        """Return the records held: no further ones will confirm them."""
        return self._judge(self.held, wait=False)

    def _judge(self, records: Sequence[CaptureRecord], *, wait: bool) -> list[Stretch]:
        self.held = []
        stretches: list[tuple[float, list[CaptureRecord]]] = [(0.0, [])]
        now = self._now
        if now is None and records:
            self._now = now = _beginning([record[0] for record in records[: WITNESSES + 1]])
        for index, (told, raw, length) in enumerate(records):
            assert now is not None
            stamp = self._settle(told, now) if self._unsettled else told
            if self._goes_on(stamp, now):
                now = max(now, stamp)
                self._odd.clear()
            else:
                later = [record[0] for record in records[index + 1 : index + 1 + WITNESSES]]
                if wait and len(records) - index <= self._enough(stamp - now):
                    self.held = list(records[index:])
                    break
                if self._borne_out(stamp, now, later):
                    if step := self._step_to(stamp, now, records[:index], records[index:]):
                        stretches.append((step, []))
                    now = stamp
                    self._odd.clear()
                else:
                    self._odd = [*self._odd[1 - WITNESSES :], stamp]
                    stamp = now
            stretches[-1][1].append((stamp, raw, length))
        self._now = now
        if self._reports_nothing:
            self._latest.extend(records[: len(records) - len(self.held)])
        return [stretch for stretch in stretches if stretch[0] or stretch[1]]

    def _enough(self, jump: float) -> int:
        """Return how many frames behind a doubtful stamp are waited for."""
        return _NEAR if self._reports_nothing and LONGEST < jump <= SILENCE else WITNESSES

    def _goes_on(self, stamp: float, now: float) -> bool:
        return now - BACK <= stamp <= now + self._ahead

    def _settle(self, stamp: float, now: float) -> float:
        """Return `stamp` in the time after the reported step."""
        stamp = moved(stamp, self._step, now)
        self._unsettled -= 1
        if not self._unsettled:
            self._step = 0.0
        return stamp

    def _borne_out(self, stamp: float, now: float, later: list[float]) -> bool:
        """Return whether other stamps confirm `stamp`: the later ones, and doubtful ones before it."""
        if not later and not self._odd:
            return now < stamp <= now + PAUSE
        others = [other for other in (*self._odd, *later) if not self._goes_on(other, now)]
        agreed = sum(abs(other - stamp) < abs(other - now) for other in others)
        return agreed > len(later) + len(self._odd) - len(others) and agreed >= min(2, len(later) + len(self._odd))

    def _step_to(
        self, stamp: float, now: float, before: Sequence[CaptureRecord], after: Sequence[CaptureRecord]
    ) -> float:
        """Return the seconds by which the clock was set between `now` and `stamp`, the records `before` and `after`; 0
        if the time really passed."""
        step = stamp - now
        # For less, two alerts instead of one would be the only harm.
        doubtful = self._reports_nothing and LONGEST < step <= SILENCE
        set_ = doubtful and clock_was_set(self.link_type, [*self._latest, *before], after[:_NEAR], step)
        if 0 < step <= SILENCE and not set_ and abs(step + self._set_by) > BACK:
            return 0.0
        # A step back followed by an equal step forward belongs to the other of two clocks.
        self._set_by = step if step < 0 else 0.0
        return step


def _beginning(stamps: list[float]) -> float:
    """Return the first time: the first of the stamps that have the most others near them."""
    return max(stamps, key=lambda stamp: sum(abs(other - stamp) <= LONGEST for other in stamps))
