"""When frames were heard: their time stamps, believed with care.

A board without a clock begins in 1970 and is set while it listens; drivers and files give single frames stamps that
are years off. So a stamp that does not go on from the one before it is believed once the next ones agree; a stamp alone
counts as the time before it. Where the clock was set, frames go on on the new one, and the step is told in its place.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from whimbrel.wifi.capture_record import CaptureRecord

BACK = 2.0
"""Seconds by which a frame may be older than one before it, as those of two radios are."""
AHEAD = 2.0
"""Seconds after which a frame goes on from the one before it beyond doubt."""
PAUSE = 60.0
"""Seconds of silence that a frame may follow when no others can bear it out."""
LONGEST = 3600.0
"""Seconds that can have passed between two frames; a longer gap is a clock that was set, or a new beginning."""
WITNESSES = 3
"""Frames around one with an odd stamp that are asked."""
_UNSETTLED = 256
"""Frames after a step that was told among which there may still be some from before it."""

Stretch = tuple[float, Sequence["CaptureRecord"]]
"""Seconds by which the clock was set, 0 for not at all; the records behind that step."""


def moved(stamp: float, step: float, now: float) -> float:
    """Return `stamp` as of after a `step` of the clock, which shows `now`: one from before the step is moved by it."""
    return stamp + step if abs(stamp + step - now) < abs(stamp - now) else stamp


class Stamps:
    """The time stamps of one source, in the order of delivery.

    `ahead`: seconds of silence that need no other frame's word; `LONGEST` for a source whose steps are told.
    """

    def __init__(self, ahead: float = AHEAD) -> None:
        self.held: list[CaptureRecord] = []
        """Records whose time depends on the next ones."""
        self._ahead = ahead
        self._now: float | None = None  # the latest time believed
        self._step = 0.0  # told, and maybe not followed by all frames yet
        self._unsettled = 0
        self._set_by = 0.0  # the last step that was found
        self._odd: list[float] = []  # stamps not believed since the last one that was

    def told(self, step: float) -> None:
        """Take in that the clock was set by so many seconds; what follows may still have been stamped before."""
        if self._now is not None:
            self._now += step
        self._step += step
        self._unsettled = _UNSETTLED

    def go_on(self, records: Sequence[CaptureRecord]) -> bool:
        """Take in `records` where all go on from those before them, as nearly always; False where `take` has to."""
        now = self._now
        if now is None or self.held or self._unsettled:
            return False
        if self._ahead < LONGEST:
            stamps = [record[0] for record in records]
            oldest, newest = min(stamps), max(stamps)
        else:
            # One kernel stamps the frames of a live source: where the ends are right, so is what lies between.
            oldest, newest = records[0][0], records[-1][0]
        if not (now - BACK <= oldest <= now + self._ahead and now - BACK <= newest <= now + self._ahead):
            return False
        if newest > now:
            self._now = newest
        self._odd.clear()
        return True

    def take(self, records: Sequence[CaptureRecord], *, wait: bool) -> list[Stretch]:
        """Return what to believe of `records`, and of those held before; with `wait`, the last may be held for more."""
        return self._judge([*self.held, *records], wait=wait)

    def release(self) -> list[Stretch]:
        """Return what is held: nothing more bears it out."""
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
                if wait and len(later) < WITNESSES:
                    self.held = list(records[index:])
                    break
                if self._borne_out(stamp, now, later):
                    if step := self._step_to(stamp, now):
                        stretches.append((step, []))
                    now = stamp
                    self._odd.clear()
                else:
                    self._odd = [*self._odd[1 - WITNESSES :], stamp]
                    stamp = now
            stretches[-1][1].append((stamp, raw, length))
        self._now = now
        return [stretch for stretch in stretches if stretch[0] or stretch[1]]

    def _goes_on(self, stamp: float, now: float) -> bool:
        return now - BACK <= stamp <= now + self._ahead

    def _settle(self, stamp: float, now: float) -> float:
        """Return `stamp` as of after the step that was told."""
        stamp = moved(stamp, self._step, now)
        self._unsettled -= 1
        if not self._unsettled:
            self._step = 0.0
        return stamp

    def _borne_out(self, stamp: float, now: float, later: list[float]) -> bool:
        """Tell whether others say that it is `stamp` by now: the later ones, and odd ones before it."""
        if not later and not self._odd:
            return now < stamp <= now + PAUSE
        others = [other for other in (*self._odd, *later) if not self._goes_on(other, now)]
        agreed = sum(abs(other - stamp) < abs(other - now) for other in others)
        return agreed > len(later) + len(self._odd) - len(others) and agreed >= min(2, len(later) + len(self._odd))

    def _step_to(self, stamp: float, now: float) -> float:
        """Return by how much the clock was set between `now` and `stamp`; 0 where that much time has passed."""
        step = stamp - now
        if 0 < step <= LONGEST and abs(step + self._set_by) > BACK:
            return 0.0
        # What follows a step back by as much forward is the other of two clocks.
        self._set_by = step if step < 0 else 0.0
        return step


def _beginning(stamps: list[float]) -> float:
    """Return where the time begins: the first of the stamps that the most others are near."""
    return max(stamps, key=lambda stamp: sum(abs(other - stamp) <= LONGEST for other in stamps))
